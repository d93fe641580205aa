//! A list with a search field of which one row is chosen. Only the rows in sight are in the document, so that fifty
//! thousand are as quick as five.

use leptos::{ev, html, prelude::*};

use super::words;

/// Height of a row in pixels; the style sheet's `--row` says the same.
const ROW: usize = 48;
/// The most pixels that the list is high: half a row shows that there are more.
const HEIGHT: usize = 5 * ROW + ROW / 2;
/// Rows drawn beyond either edge, so that scrolling shows no gap.
const SPARE: usize = 6;
/// Rows that a page key moves.
const PAGE: usize = 5;

/// A row of a [`Listbox`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Row {
    /// What is chosen.
    pub value: String,
    /// Its name.
    pub title: String,
    /// What else there is to know.
    pub detail: String,
    /// Something to notice about it.
    pub badge: Option<&'static str>,
    /// Why it cannot be chosen.
    pub disabled: Option<&'static str>,
}

/// The list. Arrow keys, Home, End and the page keys move; Enter and Space choose; Down leads from the search field
/// into the list.
#[component]
pub fn Listbox(
    /// Its name for screen readers.
    label: &'static str,
    /// Names its elements in the document.
    name: &'static str,
    /// The search field's name.
    search_label: &'static str,
    /// What is typed into the search field.
    search: RwSignal<String>,
    /// Number of rows.
    #[prop(into)]
    count: Signal<usize>,
    /// A row by its index; asked only for those in sight.
    #[prop(into)]
    row: Callback<usize, Option<Row>>,
    /// The index of a value.
    #[prop(into)]
    find: Callback<String, Option<usize>>,
    /// What is chosen.
    #[prop(into)]
    chosen: Signal<Option<String>>,
    /// Called with the new choice.
    #[prop(into)]
    choose: Callback<String>,
    /// Said where there is no row.
    #[prop(into)]
    empty: Signal<String>,
) -> impl IntoView {
    let list = List {
        element: NodeRef::new(),
        name,
        count,
        row,
        chosen,
        choose,
        active: RwSignal::new(0),
        scroll: RwSignal::new(0),
        height: RwSignal::new(6),
    };
    // The chosen row is where the keys start from.
    Effect::new(move |_| {
        if let Some(index) = chosen.get().and_then(|value| find.run(value)) {
            list.move_to(index);
        }
    });
    // A shorter list, after a search, starts at its top.
    Effect::new(move |_| {
        search.track();
        list.active.set(0);
        if let Some(element) = list.element.get() {
            element.set_scroll_top(0);
        }
    });
    let from_search = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "ArrowDown" => {
            event.prevent_default();
            if let Some(element) = list.element.get_untracked() {
                let _ = element.focus();
            }
        }
        "Enter" => {
            event.prevent_default();
            if count.get_untracked() == 1 {
                list.pick(0);
            }
        }
        _ => {}
    };
    view! {
        <div class="listbox">
            <input
                type="search"
                class="search"
                aria-label=search_label
                placeholder=search_label
                aria-controls=name
                autocomplete="off"
                spellcheck="false"
                prop:value=move || search.get()
                on:input:target=move |event| search.set(event.target().value())
                on:keydown=from_search
            />
            <div
                node_ref=list.element
                id=name
                role="listbox"
                aria-label=label
                tabindex="0"
                class="options"
                style:height=move || format!("{}px", (count.get() * ROW + 2).min(HEIGHT))
                aria-activedescendant=move || list.active_id()
                on:keydown=move |event| list.on_key(&event)
                on:scroll=move |_| list.on_scroll()
                on:focus=move |_| list.move_to(list.active.get_untracked())
            >
                <div class="options-inner" style:height=move || format!("{}px", count.get() * ROW)>
                    <For
                        each=move || list.rows_in_sight()
                        key=Clone::clone
                        children=move |(index, row)| list.draw(index, row)
                    />
                </div>
            </div>
            <p class="listbox-empty" role="status">{words(move || if count.get() == 0 { empty.get() } else { String::new() })}</p>
        </div>
    }
    .into_any()
}

/// The list proper, without its search field.
#[derive(Clone, Copy)]
struct List {
    element: NodeRef<html::Div>,
    name: &'static str,
    count: Signal<usize>,
    row: Callback<usize, Option<Row>>,
    chosen: Signal<Option<String>>,
    choose: Callback<String>,
    /// The row that the keys are at.
    active: RwSignal<usize>,
    /// Pixels scrolled.
    scroll: RwSignal<usize>,
    /// Rows that fit in sight.
    height: RwSignal<usize>,
}

impl List {
    fn option_id(&self, index: usize) -> String {
        format!("{}-option-{index}", self.name)
    }

    fn active_id(&self) -> Option<String> {
        let last = self.count.get().checked_sub(1)?;
        Some(self.option_id(self.active.get().min(last)))
    }

    fn pick(&self, index: usize) {
        self.active.set(index);
        if let Some(row) = self.row.run(index).filter(|row| row.disabled.is_none()) {
            self.choose.run(row.value);
        }
    }

    fn on_key(&self, event: &ev::KeyboardEvent) {
        let last = self.count.get_untracked().saturating_sub(1);
        let now = self.active.get_untracked().min(last);
        let target = match event.key().as_str() {
            "ArrowDown" => now + 1,
            "ArrowUp" => now.saturating_sub(1),
            "PageDown" => now + PAGE,
            "PageUp" => now.saturating_sub(PAGE),
            "Home" => 0,
            "End" => last,
            "Enter" | " " => {
                event.prevent_default();
                self.pick(now);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        self.move_to(target.min(last));
    }

    fn on_scroll(&self) {
        if let Some(element) = self.element.get_untracked() {
            self.scroll.set(usize::try_from(element.scroll_top()).unwrap_or(0));
            self.height.set(usize::try_from(element.client_height()).unwrap_or(0) / ROW + 1);
        }
    }

    /// Makes a row the active one, and scrolls the list so far that it is in sight.
    fn move_to(&self, index: usize) {
        self.active.set(index);
        let Some(element) = self.element.get_untracked() else { return };
        let to_pixels = |rows: usize| i32::try_from(rows * ROW).unwrap_or(i32::MAX);
        let (top, bottom) = (to_pixels(index), to_pixels(index + 1));
        if top < element.scroll_top() {
            element.set_scroll_top(top);
        } else if bottom > element.scroll_top() + element.client_height() {
            element.set_scroll_top(bottom - element.client_height());
        }
    }

    /// The rows to draw. With the same range they may have become others, so they are keyed by what they show.
    fn rows_in_sight(&self) -> Vec<(usize, Row)> {
        let count = self.count.get();
        let first = (self.scroll.get() / ROW).saturating_sub(SPARE).min(count);
        let end = (first + self.height.get() + 2 * SPARE).min(count);
        (first..end).filter_map(|index| Some((index, self.row.run(index)?))).collect()
    }

    fn draw(self, index: usize, row: Row) -> AnyView {
        let Row { value, title, detail, badge, disabled } = row;
        let is_chosen = Memo::new(move |_| self.chosen.with(|chosen| chosen.as_deref() == Some(&value)));
        view! {
            <div
                role="option"
                id=self.option_id(index)
                class="option"
                class:active=move || self.active.get() == index
                aria-selected=move || if is_chosen.get() { "true" } else { "false" }
                aria-disabled=disabled.map(|_| "true")
                aria-setsize=move || self.count.get()
                aria-posinset=index + 1
                style:top=format!("{}px", index * ROW)
                on:click=move |_| self.pick(index)
            >
                <span class="option-title">{title}</span>
                <span class="option-detail">{disabled.map_or(detail, str::to_owned)}</span>
                {badge.map(|badge| view! { <span class="badge">{badge}</span> })}
            </div>
        }
        .into_any()
    }
}
