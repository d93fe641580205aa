//! The statements for desktops in another order than newest first: rows are read in the order of an index, or, where the
//! conditions leave few, found and then sorted.

use shared::order::{Sort, SortKey};

use super::{COLUMNS, Conditions, Value};
use crate::journal::place::Place;

/// How the rows of a page are met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Walk {
    /// By the index of the order, to this place at most, until enough fit.
    Ordered(Option<Place>),
    /// By the conditions, all of them.
    Found,
}

impl Conditions {
    /// The statement for the rows behind a place.
    pub(in super::super) fn sorted(
        &mut self,
        sort: Sort,
        behind: Option<Place>,
        walk: Walk,
        rows: u32,
        is_sqlite: bool,
    ) -> String {
        let (key, _) = key_and_index(sort.key, is_sqlite);
        let order_of_all = order_of_all(key, sort);
        let found = match walk {
            Walk::Found => {
                let all = self.all();
                let by = by(self.index, is_sqlite);
                let kinds = self.alternatives.join(" OR ");
                let parts = self.parts(sort, behind, None, is_sqlite).join(" OR ");
                format!(
                    "SELECT seq AS found FROM orders{by} WHERE {all} AND ({kinds}) AND ({parts}) ORDER BY {order_of_all} \
                     LIMIT {rows}"
                )
            }
            Walk::Ordered(until) => {
                let all = self.all_but_bounds();
                self.along("seq AS found", &all, sort, (behind, until), rows.into(), is_sqlite)
            }
        };
        format!(
            "SELECT {COLUMNS} FROM ({found}) AS few JOIN orders ON seq = found ORDER BY {order_of_all} LIMIT {rows}"
        )
    }

    /// The statement for the place that is so many rows behind a place, whether they fit or not: its number, and its end where the
    /// list is sorted by it. There is none where fewer are left. The conditions are those that the index of the order has.
    pub(in super::super) fn border(
        &mut self,
        sort: Sort,
        behind: Option<Place>,
        length: i64,
        is_sqlite: bool,
    ) -> String {
        let (key, _) = key_and_index(sort.key, is_sqlite);
        let end = if sort.key == SortKey::ValidUntil { key } else { "CAST(NULL AS BIGINT)" };
        let columns = format!("seq AS found, {key} AS listed, {end} AS ends");
        let all = self.all();
        let entries = self.along(&columns, &all, sort, (behind, None), length, is_sqlite);
        let order = order_of_all("listed", sort).replace("seq", "found");
        format!("SELECT found, ends FROM ({entries}) AS entries ORDER BY {order} LIMIT 1 OFFSET {}", length - 1)
    }

    /// The statement for so many rows at most of each kind between two places, in the order of its index.
    fn along(
        &mut self,
        columns: &str,
        all: &str,
        sort: Sort,
        (behind, until): (Option<Place>, Option<Place>),
        rows: i64,
        is_sqlite: bool,
    ) -> String {
        let (key, index) = key_and_index(sort.key, is_sqlite);
        let (by, order) = (by(Some(index), is_sqlite), order(key, sort));
        let parts = self.parts(sort, behind, until, is_sqlite);
        let part = |kind: &String, part: &String| {
            format!(
                "SELECT * FROM (SELECT {columns} FROM orders{by} WHERE {all} AND {kind} AND {part} ORDER BY {order} \
                 LIMIT {rows}) AS part"
            )
        };
        let each = self.alternatives.iter().flat_map(|kind| parts.iter().map(move |one| part(kind, one)));
        each.collect::<Vec<_>>().join(" UNION ALL ")
    }

    /// The conditions of the rows between two places: of those that have a value of the order, and of the others, which come last in
    /// both directions. Neither database puts them there.
    fn parts(&mut self, sort: Sort, behind: Option<Place>, until: Option<Place>, is_sqlite: bool) -> Vec<String> {
        let (key, _) = key_and_index(sort.key, is_sqlite);
        let (beyond, within) = if sort.descending { ('<', '>') } else { ('>', '<') };
        let mut valued = Some(format!("{key} IS NOT NULL"));
        let mut others = Some(format!("{key} IS NULL"));
        match behind.map(|place| self.listed(sort.key, key, place)) {
            Some((seq, Some(value))) => {
                valued = Some(format!("{key} {beyond}= {value} AND ({key} {beyond} {value} OR seq {beyond} {seq})"));
            }
            Some((seq, None)) => (valued, others) = (None, Some(format!("{key} IS NULL AND seq {beyond} {seq}"))),
            None => {}
        }
        match until.map(|place| self.listed(sort.key, key, place)) {
            Some((seq, Some(value))) => {
                let to = format!("{key} {within}= {value} AND ({key} {within} {value} OR seq {within}= {seq})");
                (valued, others) = (valued.map(|from| format!("{from} AND {to}")), None);
            }
            Some((seq, None)) => others = others.map(|from| format!("{from} AND seq {within}= {seq}")),
            None => {}
        }
        [valued, others].into_iter().flatten().collect()
    }

    /// A place's number, and its value of the order if it has one.
    fn listed(&mut self, sort: SortKey, key: &str, place: Place) -> (String, Option<String>) {
        let seq = self.value(Value::Number(place.position));
        let value = match sort {
            SortKey::ValidUntil => place.end.map(|end| self.value(Value::Number(end))),
            // These do not change any more.
            SortKey::Bought | SortKey::User => Some(format!("(SELECT {key} FROM orders WHERE seq = {seq})")),
        };
        (seq, value)
    }
}

fn order(key: &str, sort: Sort) -> String {
    let direction = if sort.descending { "DESC" } else { "ASC" };
    format!("{key} {direction}, seq {direction}")
}

/// The same with what has no value last.
fn order_of_all(key: &str, sort: Sort) -> String {
    format!("CASE WHEN {key} IS NULL THEN 1 ELSE 0 END, {}", order(key, sort))
}

fn by(index: Option<&str>, is_sqlite: bool) -> String {
    index.filter(|_| is_sqlite).map(|index| format!(" INDEXED BY {index}")).unwrap_or_default()
}

/// What a list is sorted by, and the index of desktops that has it behind whether they are released.
const fn key_and_index(key: SortKey, is_sqlite: bool) -> (&'static str, &'static str) {
    match key {
        SortKey::ValidUntil => ("valid_until", "orders_ends"),
        // A placed order does not change any more, so this is the time of the purchase.
        SortKey::Bought => ("updated_at", "orders_bought"),
        SortKey::User if is_sqlite => ("lower(user_name)", "orders_people"),
        SortKey::User => (r#"lower(user_name COLLATE "C")"#, "orders_people"),
    }
}
