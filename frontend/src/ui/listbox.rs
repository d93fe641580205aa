//! A listbox with a search field. Only the rows in sight are in the document, so that fifty thousand are as quick as
//! five.

#[cfg(test)]
mod tests;

use leptos::{ev, prelude::*};

use super::{
    Window, focus_on, invalid, rows_high,
    typing::{composed, is_composing, typed},
};
use crate::reactive::{computed, flag, maybe, on_click, watch, words};

/// Rows that a page key moves.
const PAGE: usize = 5;

/// A row of a [`Listbox`].
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ListboxOption {
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
    row: Callback<usize, Option<ListboxOption>>,
    /// The index of a value.
    #[prop(into)]
    find: Callback<String, Option<usize>>,
    /// What is chosen.
    #[prop(into)]
    chosen: Signal<Vec<String>>,
    /// Whether several rows may be chosen.
    #[prop(optional, into)]
    several: Signal<bool>,
    /// Called with the row that was chosen, or that was taken away where several may be chosen.
    #[prop(into)]
    choose: Callback<String>,
    /// Said where there is no row.
    #[prop(into)]
    empty: Signal<String>,
) -> impl IntoView {
    let list = List {
        window: Window::new(6),
        name,
        count,
        row,
        chosen,
        choose,
        active: RwSignal::new(0),
        pointed: StoredValue::new(None),
    };
    // The chosen row is where the keys start from.
    watch(move || {
        if let Some(index) = chosen.get().pop().and_then(|value| find.run(value)) {
            list.move_to(index);
        }
    });
    // A shorter list, after a search, starts at its top.
    let mut before = search.get_untracked();
    watch(move || {
        let now = search.get();
        if now != before {
            before = now;
            list.active.set(0);
            list.window.to_top();
        }
    });
    let from_search = move |event: ev::KeyboardEvent| match event.key().as_str() {
        _ if is_composing(&event) => {}
        "ArrowDown" => {
            event.prevent_default();
            if let Some(element) = list.window.element.get_untracked() {
                let _ = element.focus();
            }
        }
        // With Ctrl a key is the page's.
        "Enter" if !event.ctrl_key() && !event.meta_key() => {
            event.prevent_default();
            if count.get_untracked() == 1 {
                list.pick(0);
            }
        }
        _ => {}
    };
    let (is_invalid, error) = invalid(name);
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
                on:input=typed(search)
                on:compositionend=composed(search)
                on:keydown=from_search
            />
            <div
                node_ref=list.window.element
                id=name
                role="listbox"
                aria-label=label
                aria-multiselectable=flag(move || several.get())
                aria-invalid=is_invalid
                aria-describedby=error
                tabindex="0"
                class="options"
                style:height=move || list.height()
                aria-activedescendant=move || list.active_id()
                on:keydown=move |event| list.on_key(&event)
                on:scroll=move |_| list.window.on_scroll()
                on:focus=move |_| list.on_focus()
            >
                <div class="options-inner" style:height=move || rows_high(count.get())>
                    <For
                        each=move || list.window.range(list.count.get())
                        key=|index| *index
                        children=move |index| list.draw(index)
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
    window: Window,
    name: &'static str,
    count: Signal<usize>,
    row: Callback<usize, Option<ListboxOption>>,
    chosen: Signal<Vec<String>>,
    choose: Callback<String>,
    /// The row that the keys are at.
    active: RwSignal<usize>,
    /// What the row said that was pressed: a list that changes before the click puts another one in its place.
    pointed: StoredValue<Option<String>>,
}

impl List {
    /// As high as its rows and their edges, up to five rows and a half: half a row shows that there are more.
    fn height(&self) -> String {
        match self.count.get() {
            few @ 0..=5 => format!("calc({} + 2px)", rows_high(few)),
            _ => "calc(var(--row, 48px) * 5.5)".to_owned(),
        }
    }

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

    /// Chooses what a row says, if that is what was pressed.
    fn click(&self, row: ListboxOption) {
        let pressed = self.pointed.try_update_value(Option::take).flatten();
        if pressed.is_none_or(|pressed| pressed == row.value) && row.disabled.is_none() {
            self.choose.run(row.value);
        }
    }

    fn on_key(&self, event: &ev::KeyboardEvent) {
        // With Ctrl a key is the page's, and while a text is composed the input method's.
        if event.ctrl_key() || event.meta_key() || is_composing(event) {
            return;
        }
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
            // Typing a letter starts a search.
            key if key.chars().count() == 1 && !event.alt_key() => {
                focus_on(&format!("[aria-controls={}]", self.name));
                return;
            }
            _ => return,
        };
        event.prevent_default();
        self.move_to(target.min(last));
    }

    /// With keyboard focus, the active row is scrolled into sight. With the mouse, the row under the pointer must not
    /// move.
    fn on_focus(&self) {
        if self.window.element.get_untracked().is_some_and(|element| element.matches(":focus-visible").unwrap_or(false))
        {
            self.move_to(self.active.get_untracked());
        }
    }

    /// Makes a row the active one, and scrolls the list so far that it is in sight.
    fn move_to(&self, index: usize) {
        self.active.set(index);
        self.window.reveal(index);
    }

    /// A row, whose texts are signals: a search changes all rows at every key, and new texts take a fraction of the
    /// time of new elements.
    fn draw(self, index: usize) -> AnyView {
        let row = computed(move || self.row.run(index).unwrap_or_default());
        let part = move |of: fn(&ListboxOption) -> String| words(move || row.with(of));
        let is_chosen = computed(move || row.with(|row| self.chosen.with(|chosen| chosen.contains(&row.value))));
        view! {
            <div
                role="option"
                id=self.option_id(index)
                class="option"
                class:active=move || self.active.get() == index
                aria-selected=move || if is_chosen.get() { "true" } else { "false" }
                aria-disabled=flag(move || row.with(|row| row.disabled.is_some()))
                aria-setsize=move || self.count.get()
                aria-posinset=index + 1
                style:top=rows_high(index)
                on:pointerdown=move |_| self.pointed.set_value(row.with_untracked(|row| Some(row.value.clone())))
                on:click=on_click(move |_| self.click(row.get_untracked()))
            >
                <span class="option-title">{part(|row| row.title.clone())}</span>
                <span class="option-detail">{part(|row| row.disabled.map_or_else(|| row.detail.clone(), str::to_owned))}</span>
                {maybe(move || {
                    let badge = row.with(|row| row.badge)?;
                    Some(view! { <span class="badge">{badge}</span> }.into_any())
                })}
            </div>
        }
        .into_any()
    }
}
