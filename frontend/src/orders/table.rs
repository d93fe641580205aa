//! The view of the list of orders or desktops: the names of its columns, which sort it, and the rows in sight.

use leptos::prelude::*;
use shared::{Code, form::Field};

use super::{
    operation::DesktopOperation,
    row::{Column, FACTS, Row},
    rows::Rows,
};
use crate::{
    language::use_order_text,
    reactive::{changing, computed, maybe, on_click, words},
    text::fill,
    ui::{ProblemView, offline, rows_high},
};

/// Rows before the end at which the next page is asked for.
const PREFETCH: usize = 20;

impl Rows {
    /// The rows, or `empty` while there is none.
    pub fn view(self, operation: RwSignal<Option<DesktopOperation>>, empty: fn() -> AnyView) -> AnyView {
        let none = computed(move || self.entries.with(Vec::is_empty));
        changing(move || if none.get() { empty() } else { self.list(operation) }).into_any()
    }

    /// The names of the columns, each a button that sorts by it.
    fn head(self) -> AnyView {
        let t = self.t;
        let desktops = self.shows_desktops();
        let all = [Column::Title, Column::State].into_iter().chain(FACTS);
        let button = move |column: Column| {
            let name = match column {
                Column::Title if desktops => t.desktop_id,
                Column::Title => t.order_action,
                Column::State => t.column_state,
                Column::User => t.label(Field::User),
                Column::Type => t.label(Field::TypeItem),
                Column::Zone => t.label(Field::Zone),
                Column::Billing if desktops => t.column_billing,
                Column::Billing => t.label(Field::Period),
                Column::Until => t.column_until,
                Column::Bought => t.column_bought,
                Column::By => t.column_by,
            };
            let up = move || self.sort.get().filter(|(sorted, _)| *sorted == column).map(|(_, up)| up);
            let sorted = move || match up() {
                Some(true) => "ascending",
                Some(false) => "descending",
                None => "none",
            };
            view! {
                <span role="columnheader" class:by=column == Column::By aria-sort=sorted>
                    <button
                        type="button"
                        aria-label=fill(t.sort_by, &[name])
                        aria-pressed=move || if up().is_some() { "true" } else { "false" }
                        on:click=on_click(move |_| self.sort_by(column))
                    >
                        {name}
                        <span aria-hidden="true">{words(move || match up() { Some(true) => " ↑", Some(false) => " ↓", None => " ↕" })}</span>
                    </button>
                </span>
            }
        };
        view! {
            <div role="table" aria-label=t.columns>
                <div class=move || format!("entries-head {}", self.look()) role="row">{all.map(button).collect_view()}</div>
            </div>
        }
        .into_any()
    }

    /// The classes that say which columns there are.
    fn look(self) -> String {
        let of_people = self.entries.with(|entries| entries.iter().any(|row| !row.facts[FACTS.len() - 1].is_empty()));
        let kind = if self.shows_desktops() { "desktops" } else { "" };
        format!("{kind} {}", if of_people { "" } else { "anonymous" })
    }

    pub(super) fn shows_desktops(self) -> bool {
        self.target.with_value(|target| target.starts_with("desktops"))
    }

    fn list(self, operation: RwSignal<Option<DesktopOperation>>) -> AnyView {
        let Self { t, entries, next, window, .. } = self;
        let count = computed(move || entries.with(Vec::len));
        let places = computed(move || self.places());
        let in_sight = move || {
            let range = window.range(count.get());
            if range.end + PREFETCH > count.get_untracked() && next.with(Option::is_some) {
                self.wake();
            }
            let few = |entries: &Vec<Row>| -> Vec<(usize, Row)> {
                // Only the drawn rows are cloned; `skip` on clones would clone all rows above at every scroll.
                places.with(|places| {
                    let rows = places.iter().enumerate().skip(range.start).take(range.len());
                    rows.filter_map(|(index, place)| Some((index, entries.get(*place)?.clone()))).collect()
                })
            };
            entries.with(few)
        };
        let all = words(move || {
            let loaded = count.get().to_string();
            match (next.with(Option::is_some), self.sort.get()) {
                (false, _) => fill(t.rows, &[&loaded]),
                (true, Some(_)) if !self.is_sorted_by_proxy() => fill(t.sorted_among, &[&loaded]),
                (true, _) => fill(t.rows_loaded, &[&loaded]),
            }
        });
        let connection = maybe(move || {
            self.trouble.get().map(|problem| {
                let unreachable = problem.code == Code::ProxyUnreachable;
                let what = if unreachable { offline() } else { view! { <ProblemView problem /> }.into_any() };
                view! { <div class="notice warn" role="status">{what}</div> }.into_any()
            })
        });
        view! {
            {connection}
            {self.head()}
            <div
                class=move || format!("entries {}", self.look())
                role="list"
                tabindex="0"
                aria-label=t.title_orders
                node_ref=window.element
                on:scroll=move |_| window.on_scroll()
                on:pointerdown=move |_| self.press()
            >
                <div class="options-inner" style:height=move || rows_high(count.get())>
                    <For each=in_sight key=Clone::clone children=move |(index, entry)| row(index, entry, count, operation) />
                </div>
            </div>
            <p class="hint">{all}</p>
        }
        .into_any()
    }
}

fn row(index: usize, entry: Row, count: Memo<usize>, operation: RwSignal<Option<DesktopOperation>>) -> AnyView {
    let t = use_order_text();
    let fact = |(column, fact): (Column, String)| {
        let name = match column {
            Column::Until => Some(t.column_until),
            Column::Bought => Some(t.column_bought),
            _ => None,
        };
        view! { <span class="fact" data-name=name title=fact.clone()>{fact.clone()}</span>" " }
    };
    let facts = FACTS.into_iter().zip(entry.facts).map(fact).collect_view();
    let buttons = entry.desktop.map(|desktop| DesktopOperation::buttons(t, &desktop, operation));
    view! {
        <div
            class="entry"
            role="listitem"
            aria-setsize=move || count.get()
            aria-posinset=index + 1
            style:top=rows_high(index)
        >
            <div class="entry-head">
                <a href=entry.route title=entry.title.clone()>{entry.title.clone()}</a>
                <span class=entry.class>{entry.state}</span>
            </div>
            <div class="entry-facts">{facts}</div>
            <div class="entry-buttons">{buttons}</div>
        </div>
    }
    .into_any()
}
