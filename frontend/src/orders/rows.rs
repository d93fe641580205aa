//! The list of orders or desktops: virtualised, paged as one scrolls, and kept current by live updates. Neither updates
//! nor failed loads move the rows in sight.

use std::time::Duration;

use leptos::prelude::*;
use shared::{
    Problem,
    order::{Desktops, Order, Orders},
    reads,
};

use super::{
    operation::DesktopOperation,
    row::{self, Row},
};
use crate::{
    api,
    language::use_order_text,
    reactive::{changing, computed, load::Fetch, next_frame, pause, spawn_scoped, watch, words},
    text::{OrderText, fill},
    ui::Window,
};

/// Height of a row in pixels; the style sheet says the same.
const ROW_HEIGHT: usize = 76;
/// Rows before the end at which the next page is asked for.
const PREFETCH: usize = 20;
/// The delay before a failed page is retried.
const RETRY_DELAY: Duration = Duration::from_secs(3);

/// A page of either list.
pub struct Page {
    entries: Vec<Row>,
    next: Option<String>,
}

/// Loads the first page of a target.
pub fn first(t: &'static OrderText, target: String) -> Fetch<Page> {
    Fetch::new(async move { page(t, &target, None).await })
}

/// The page of a target that begins at the cursor.
async fn page(t: &'static OrderText, target: &str, cursor: Option<&str>) -> Result<Page, Problem> {
    let cursor = cursor.map_or_else(String::new, |cursor| format!("&cursor={}", reads::encode(cursor)));
    let url = format!("{target}{cursor}");
    if target.starts_with("desktops") {
        let answer: Desktops = api::get(url).await?;
        let entries = answer.desktops.iter().map(|desktop| row::of_desktop(t, desktop)).collect();
        Ok(Page { entries, next: answer.next })
    } else {
        let answer: Orders = api::get(url).await?;
        let entries = answer.orders.iter().map(|order| row::of_order(t, order)).collect();
        Ok(Page { entries, next: answer.next })
    }
}

/// The loaded part of a list.
#[derive(Clone, Copy)]
pub struct Rows {
    t: &'static OrderText,
    /// The target that was loaded.
    target: StoredValue<String>,
    /// Whether the list is all orders, unfiltered, so that a changed order can be inserted here. Otherwise the proxy
    /// has to apply the filter.
    plain: bool,
    entries: RwSignal<Vec<Row>>,
    next: RwSignal<Option<String>>,
    /// Whether the loaded rows may be out of date.
    stale: StoredValue<bool>,
    /// Whether a load is running or requested.
    busy: StoredValue<bool>,
    work_wanted: Trigger,
    window: Window,
}

impl Rows {
    /// A list that begins with this first page. Its loads end with the owner of this call.
    pub fn new(t: &'static OrderText, target: String, plain: bool, first: &Page) -> Self {
        let rows = Self {
            t,
            target: StoredValue::new(target),
            plain,
            entries: RwSignal::new(first.entries.clone()),
            next: RwSignal::new(first.next.clone()),
            stale: StoredValue::new(false),
            busy: StoredValue::new(false),
            work_wanted: Trigger::new(),
            window: Window::new(ROW_HEIGHT, 10),
        };
        // The requests belong to an effect that only `wake` reruns. Owned by what scrolling redraws, they would be
        // aborted.
        watch(move || {
            rows.work_wanted.track();
            if rows.busy.get_value() {
                spawn_scoped(rows.work());
            }
        });
        rows
    }

    /// Applies a changed order; `None` means that more may have changed, so the list is reloaded.
    pub fn update(self, order: Option<Order>) {
        match order {
            // The rows of a running load may be older or newer than this order.
            Some(order) if self.plain && !self.busy.get_value() => self.put(row::of_order(self.t, &order)),
            _ => {
                self.stale.set_value(true);
                self.wake();
            }
        }
    }

    /// Replaces or inserts an order, if its place is among the loaded rows.
    fn put(self, now: Row) {
        let mut entries = self.entries.get_untracked();
        match entries.iter().position(|entry| entry.key == now.key) {
            Some(index) => entries[index] = now,
            None if entries.first().is_none_or(|first| first.created_at <= now.created_at) => entries.insert(0, now),
            None => return,
        }
        self.show(entries);
    }

    /// Shows other rows and keeps the scroll position.
    fn show(self, entries: Vec<Row>) {
        let top = self.window.first();
        let now = self.entries.with_untracked(|old| {
            let key = &old.get(top)?.key;
            entries.iter().position(|entry| entry.key == *key)
        });
        self.entries.set(entries);
        if let Some(now) = now.filter(|now| top > 0 && *now != top) {
            // After the new rows are laid out.
            next_frame(move || self.window.shift(top, now));
        }
    }

    /// Starts the work if it is not running.
    fn wake(self) {
        if !self.busy.get_value() {
            self.busy.set_value(true);
            self.work_wanted.notify();
        }
    }

    /// Reloads or loads the next page, and retries what fails. Rows stay until they are replaced.
    async fn work(self) {
        loop {
            let done = if self.stale.get_value() { self.load_anew().await } else { self.load_more().await };
            if done.is_err() {
                pause(RETRY_DELAY).await;
            } else if !self.stale.get_value() {
                break;
            }
        }
        self.busy.set_value(false);
    }

    /// Loads the next page.
    async fn load_more(self) -> Result<(), Problem> {
        let Some(cursor) = self.next.get_untracked() else { return Ok(()) };
        let page = page(self.t, &self.target.get_value(), Some(&cursor)).await?;
        self.entries.update(|entries| entries.extend(page.entries));
        self.next.set(page.next);
        Ok(())
    }

    /// Reloads as many rows as are loaded, from the top.
    async fn load_anew(self) -> Result<(), Problem> {
        self.stale.set_value(false);
        let count = self.entries.with_untracked(Vec::len);
        let (mut entries, mut next) = (Vec::new(), None);
        loop {
            match page(self.t, &self.target.get_value(), next.as_deref()).await {
                Ok(page) => {
                    entries.extend(page.entries);
                    next = page.next;
                }
                Err(problem) => {
                    self.stale.set_value(true);
                    return Err(problem);
                }
            }
            if entries.len() >= count || next.is_none() {
                break;
            }
        }
        self.show(entries);
        self.next.set(next);
        Ok(())
    }

    /// The rows, or `empty` while there is none.
    pub fn view(self, operation: RwSignal<Option<DesktopOperation>>, empty: fn() -> AnyView) -> AnyView {
        let none = computed(move || self.entries.with(Vec::is_empty));
        changing(move || if none.get() { empty() } else { self.list(operation) }).into_any()
    }

    fn list(self, operation: RwSignal<Option<DesktopOperation>>) -> AnyView {
        let Self { t, entries, next, window, .. } = self;
        let count = computed(move || entries.with(Vec::len));
        let in_sight = move || {
            let range = window.range(count.get());
            if range.end + PREFETCH > count.get_untracked() && next.with(Option::is_some) {
                self.wake();
            }
            let few = |entries: &Vec<Row>| -> Vec<(usize, Row)> {
                // Only the drawn rows are cloned; `skip` on clones would clone all rows above at every scroll.
                let rows = entries.iter().enumerate().skip(range.start).take(range.len());
                rows.map(|(index, entry)| (index, entry.clone())).collect()
            };
            entries.with(few)
        };
        let all =
            words(
                move || {
                    if next.with(Option::is_some) { String::new() } else { fill(t.rows, &[&count.get().to_string()]) }
                },
            );
        view! {
            <div
                class="entries"
                role="list"
                tabindex="0"
                aria-label=t.title_orders
                node_ref=window.element
                on:scroll=move |_| window.on_scroll()
            >
                <div class="options-inner" style:height=move || format!("{}px", count.get() * ROW_HEIGHT)>
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
    let facts = entry.facts.into_iter().map(|fact| view! { <span class="fact">{fact}</span>" " }).collect_view();
    let buttons = entry.desktop.map(|desktop| DesktopOperation::buttons(t, &desktop, operation));
    view! {
        <div
            class="entry"
            role="listitem"
            aria-setsize=move || count.get()
            aria-posinset=index + 1
            style:top=format!("{}px", index * ROW_HEIGHT)
        >
            <div class="entry-head">
                <a href=entry.route>{entry.title}</a>
                <span class=entry.class>{entry.state}</span>
            </div>
            <div class="entry-facts">{facts}</div>
            <div class="entry-buttons">{buttons}</div>
        </div>
    }
    .into_any()
}
