//! The list of orders or desktops: virtualised, paged as one scrolls, and kept current by live updates. Neither updates
//! nor failed loads move the rows in sight.

use std::cmp::Ordering;

use js_sys::{Array, JsString, Object};
use leptos::prelude::*;
use shared::{
    Problem,
    order::{Order, Sort, SortKey},
};

use super::{
    pages::{Page, page},
    row::{self, Column, FACTS, Row},
};
use crate::{
    reactive::{Backoff, next_frame, once_released, spawn_scoped, watch},
    text::OrderText,
    ui::Window,
};

/// Rows that are loaded at most to be sorted here.
const SORTED: usize = 2000;

/// The loaded part of a list; how it is shown is in [`super::table`].
#[derive(Clone, Copy)]
pub struct Rows {
    pub(super) t: &'static OrderText,
    /// The target that was loaded.
    pub(super) target: StoredValue<String>,
    /// Whether the list is all orders, unfiltered, so that a changed order can be inserted here. Otherwise the proxy
    /// has to apply the filter.
    plain: bool,
    pub(super) entries: RwSignal<Vec<Row>>,
    pub(super) next: RwSignal<Option<String>>,
    /// The column by which the rows are sorted, and whether upwards; newest first without one.
    pub(super) sort: RwSignal<Option<(Column, bool)>>,
    /// How the proxy has sorted what is loaded; newest first without.
    served: RwSignal<Option<Sort>>,
    /// Whether the loaded rows may be out of date.
    stale: StoredValue<bool>,
    /// Whether a load is running or requested.
    busy: StoredValue<bool>,
    work_wanted: Trigger,
    /// Why the rows cannot be brought up to date; tried again.
    pub(super) trouble: RwSignal<Option<Problem>>,
    /// Whether a row is pressed; changes wait in `pending` meanwhile.
    pressed: StoredValue<bool>,
    pending: StoredValue<Option<Vec<Row>>>,
    pub(super) window: Window,
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
            sort: RwSignal::new(None),
            served: RwSignal::new(None),
            stale: StoredValue::new(false),
            busy: StoredValue::new(false),
            work_wanted: Trigger::new(),
            trouble: RwSignal::new(None),
            pressed: StoredValue::new(false),
            pending: StoredValue::new(None),
            window: Window::new(10),
        };
        rows.window.print_all();
        rows.window.follow_size();
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
        let mut entries = self.pending.get_value().unwrap_or_else(|| self.entries.get_untracked());
        match entries.iter().position(|entry| entry.key == now.key) {
            Some(index) => entries[index] = now,
            None if entries.first().is_none_or(|first| first.created_at <= now.created_at) => entries.insert(0, now),
            None => return,
        }
        self.show(entries);
    }

    /// Shows other rows and keeps in place what is in sight. While a row is pressed they wait, so that the click meets what
    /// was pressed.
    fn show(self, entries: Vec<Row>) {
        if self.pressed.get_value() {
            self.pending.set_value(Some(entries));
            return;
        }
        let top = self.window.first();
        let now = self.entries.with_untracked(|old| {
            let key = &old.get(top)?.key;
            entries.iter().position(|entry| entry.key == *key)
        });
        self.entries.set(entries);
        // At the top of the list new rows are shown, unless the pointer is on a row.
        let stays = self.sort.with_untracked(Option::is_none) && (top > 0 || self.window.is_pointed_at());
        if let Some(now) = now.filter(|now| stays && *now != top) {
            // After the new rows are laid out.
            next_frame(move || self.window.shift(top, now));
        }
    }

    /// A row is pressed: until shortly after the release, whose click comes after it.
    pub(super) fn press(self) {
        self.pressed.set_value(true);
        let release = move || {
            if self.pressed.try_set_value(false).is_none()
                && let Some(entries) = self.pending.try_update_value(Option::take).flatten()
            {
                self.show(entries);
            }
        };
        once_released(release);
    }

    /// Starts the work if it is not running.
    pub(super) fn wake(self) {
        if !self.busy.get_value() {
            self.busy.set_value(true);
            self.work_wanted.notify();
        }
    }

    /// Reloads or loads the next page, and retries what fails. Rows stay until they are replaced.
    async fn work(self) {
        let mut backoff = Backoff::default();
        loop {
            let done = if self.stale.get_value() { self.load_anew().await } else { self.load_more().await };
            let problem = done.err();
            let lost = problem.is_some();
            // Told once, so that what is shown of it keeps its time and its focus.
            let code = |problem: &Option<Problem>| problem.as_ref().map(|problem| problem.code);
            if self.trouble.with_untracked(code) != code(&problem) {
                self.trouble.set(problem);
            }
            if lost {
                backoff.wait().await;
            } else if !self.stale.get_value() && !self.is_sorted_otherwise() && !self.sorts_more() {
                break;
            }
        }
        self.busy.set_value(false);
    }

    /// Whether rows are to be loaded so that they can be sorted here.
    fn sorts_more(self) -> bool {
        let more = self.next.with_untracked(Option::is_some) && self.entries.with_untracked(Vec::len) < SORTED;
        more && self.sort.get_untracked().is_some() && self.served.get_untracked().is_none()
    }

    /// How the proxy is to sort: what is loaded is sorted here, as the reader's language has it, if it is all there is.
    fn asked(self) -> Option<Sort> {
        let (column, up) = self.sort.get_untracked().filter(|_| self.shows_desktops())?;
        let key = column.sort_key()?;
        // Names go by the language as long as they can all be loaded.
        let is_too_much = key != SortKey::User || self.entries.with_untracked(Vec::len) >= SORTED;
        let is_more = is_too_much && self.next.with_untracked(Option::is_some);
        let is_served = self.served.get_untracked().is_some_and(|served| served.key == key);
        (is_more || is_served).then_some(Sort { key, descending: !up })
    }

    /// Whether the proxy has to sort otherwise than it has; then the rows are out of date.
    fn is_sorted_otherwise(self) -> bool {
        let is_other = self.asked() != self.served.get_untracked();
        if is_other {
            self.stale.set_value(true);
        }
        is_other
    }

    /// Whether the rows are those that come first of all there are, in the order that is chosen.
    pub(super) fn is_sorted_by_proxy(self) -> bool {
        let chosen = self.sort.get().and_then(|(column, up)| Some(Sort { key: column.sort_key()?, descending: !up }));
        chosen.is_some() && chosen == self.served.get()
    }

    /// The target of a page in this order.
    fn target_by(self, sort: Option<Sort>) -> String {
        let target = self.target.get_value();
        sort.map_or_else(|| target.clone(), |sort| format!("{target}&sort={sort}"))
    }

    /// Sorts by a column: first downwards for times and upwards for the rest, then the other way, then not at all.
    pub(super) fn sort_by(self, column: Column) {
        let first = !matches!(column, Column::Bought);
        let now = match self.sort.get_untracked() {
            Some((sorted, up)) if sorted == column => (up == first).then_some((column, !up)),
            _ => Some((column, first)),
        };
        self.sort.set(now);
        self.window.to_top();
        if self.is_sorted_otherwise() || self.sorts_more() {
            self.wake();
        }
    }

    /// The places of the rows in the order shown.
    pub(super) fn places(self) -> Vec<usize> {
        self.entries.with(|entries| {
            let mut places: Vec<usize> = (0..entries.len()).collect();
            if let Some((column, up)) = self.sort.get().filter(|_| !self.is_sorted_by_proxy()) {
                // What has no end comes last in both directions.
                let is_last = |row: &Row| column == Column::Until && row.until == i64::MAX;
                places.sort_by(|a, b| {
                    let (a, b) = (&entries[*a], &entries[*b]);
                    let order = compare(column, a, b);
                    is_last(a).cmp(&is_last(b)).then(if up { order } else { order.reverse() })
                });
            }
            places
        })
    }

    /// Loads the next page.
    async fn load_more(self) -> Result<(), Problem> {
        let Some(cursor) = self.next.get_untracked() else { return Ok(()) };
        let page = page(self.t, &self.target_by(self.served.get_untracked()), Some(&cursor), false).await?;
        self.pending.update_value(|pending| {
            if let Some(pending) = pending {
                pending.extend(page.entries.iter().cloned());
            }
        });
        self.entries.update(|entries| entries.extend(page.entries));
        self.next.set(page.next);
        Ok(())
    }

    /// Reloads as many rows as are loaded, from the top; in another order the first page.
    async fn load_anew(self) -> Result<(), Problem> {
        self.stale.set_value(false);
        let sort = self.asked();
        let is_same = sort == self.served.get_untracked();
        let count = if is_same { self.entries.with_untracked(Vec::len) } else { 0 };
        let target = self.target_by(sort);
        let (mut entries, mut next) = (Vec::new(), None);
        loop {
            match page(self.t, &target, next.as_deref(), true).await {
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
        self.served.set(sort);
        self.show(entries);
        self.next.set(next);
        Ok(())
    }
}

/// Which of two rows comes first by a column.
fn compare(column: Column, one: &Row, other: &Row) -> Ordering {
    let text = |row: &Row| match column {
        Column::Title => row.title.clone(),
        Column::State => row.state.to_owned(),
        column => FACTS.iter().position(|fact| *fact == column).map_or_else(String::new, |at| row.facts[at].clone()),
    };
    match column {
        Column::Bought => one.created_at.cmp(&other.created_at),
        Column::Until => one.until.cmp(&other.until),
        // In the order of the reader's language, such as by pinyin.
        _ => JsString::from(text(one)).locale_compare(&text(other), &Array::new(), &Object::new()).cmp(&0),
    }
}
