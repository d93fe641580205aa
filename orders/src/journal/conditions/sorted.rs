//! The statement for the first desktops in another order than newest first: rows are read in the order of an index, or, where the
//! conditions leave few, found and then sorted.

use shared::order::{Sort, SortKey};

use super::{COLUMNS, Conditions, Value};
use crate::journal::place::Place;

/// How the rows of a page are met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Walk {
    /// By the index of the order, until enough fit.
    Ordered,
    /// The same with those alone that the order has a value of. The others come last, and would all be looked at.
    Valued,
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
        let (key, index) = key_and_index(sort.key, is_sqlite);
        let (direction, beyond) = if sort.descending { ("DESC", '<') } else { ("ASC", '>') };
        let order = format!("{key} {direction}, seq {direction}");
        // What has no end comes last in both directions, and neither database puts it there.
        let order_of_all = format!("CASE WHEN {key} IS NULL THEN 1 ELSE 0 END, {order}");
        let mut parts = vec![format!("{key} IS NOT NULL"), format!("{key} IS NULL")];
        if let Some(place) = behind {
            let seq = self.value(Value::Number(place.position));
            let listed = match (sort.key, place.end) {
                (SortKey::ValidUntil, end) => end.map(|end| self.value(Value::Number(end))),
                // These do not change any more.
                _ => Some(format!("(SELECT {key} FROM orders WHERE seq = {seq})")),
            };
            match listed {
                Some(value) => {
                    parts[0] = format!("{key} {beyond}= {value} AND ({key} {beyond} {value} OR seq {beyond} {seq})");
                }
                None => parts = vec![format!("{key} IS NULL AND seq {beyond} {seq}")],
            }
        }
        if walk == Walk::Valued {
            parts.truncate(1);
        }
        let all = if walk == Walk::Found { self.all() } else { self.all_but_bounds() };
        let by = |index: Option<&str>| {
            index.filter(|_| is_sqlite).map(|index| format!(" INDEXED BY {index}")).unwrap_or_default()
        };
        let found = if walk == Walk::Found {
            let (by, kinds) = (by(self.index), self.alternatives.join(" OR "));
            let parts = parts.join(" OR ");
            format!(
                "SELECT seq AS found FROM orders{by} WHERE {all} AND ({kinds}) AND ({parts}) ORDER BY {order_of_all} LIMIT {rows}"
            )
        } else {
            let by = by(Some(index));
            let part = |kind: &String, part: &String| {
                format!(
                    "SELECT * FROM (SELECT seq AS found FROM orders{by} WHERE {all} AND {kind} AND {part} ORDER BY {order} \
                     LIMIT {rows}) AS part"
                )
            };
            let each = self.alternatives.iter().flat_map(|kind| parts.iter().map(move |one| part(kind, one)));
            each.collect::<Vec<_>>().join(" UNION ALL ")
        };
        format!(
            "SELECT {COLUMNS} FROM ({found}) AS few JOIN orders ON seq = found ORDER BY {order_of_all} LIMIT {rows}"
        )
    }
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
