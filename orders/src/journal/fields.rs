//! Values of order fields in the journal: how they are written and read, and changes of them, each with a line of the history.
//! What they may be is in [`crate::order_fields`].

use std::fmt::Write;

use shared::{
    ids::ClientToken,
    order::{
        HistoryEvent, Order,
        fields::{FieldValues, tidy},
    },
};
use sqlx::AssertSqlSafe;

use super::{
    COLUMNS, Journal, JournalError, OrderRow,
    history::{HistoryLine, take_numbers},
    row::{self, in_both_widths},
};
use crate::{FieldRefused, Principal, Viewer};

/// Why values were not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeFieldsError {
    /// The order is not there, or of another account.
    #[error("there is no such order")]
    NotFound,
    /// Somebody else placed it.
    #[error("the order is somebody else's")]
    NotOwn,
    /// A value is refused.
    #[error("the value of {} is refused: {}", .0.key, .0.code)]
    Refused(FieldRefused),
    /// The journal failed, and nothing is changed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The connection was lost during the commit, so it is unknown whether they are changed.
    #[error("whether they are changed is not known: {0}")]
    Unknown(sqlx::Error),
}

impl From<sqlx::Error> for ChangeFieldsError {
    fn from(error: sqlx::Error) -> Self {
        Self::Journal(error.into())
    }
}

/// An order after a change of its values.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) order: Order,
    /// The keys of those that are other ones now.
    pub(crate) keys: Vec<String>,
}

/// The values as the journal keeps them.
pub(super) fn written(values: &FieldValues) -> Result<Option<String>, JournalError> {
    if values.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(values).map_err(|error| sqlx::Error::Encode(error.into()))?;
    Ok(Some(text))
}

/// What a search finds of the values: each on a line of its own, as the lines before them are.
pub(super) fn searched(values: &FieldValues) -> String {
    values.values().fold(String::new(), |mut text, value| {
        // Writing into a text does not fail.
        let _ = write!(text, "\n{}", in_both_widths(value));
        text
    })
}

impl Journal {
    /// Changes values of an order's fields, where an empty one takes one away. The viewer may have to be who placed it.
    /// Nothing else of the order changes, its time neither: when it was carried out stays known.
    pub(crate) async fn change_fields(
        &self,
        token: &ClientToken,
        changes: FieldValues,
        principal: &Principal,
        viewer: Viewer<'_>,
    ) -> Result<Changed, ChangeFieldsError> {
        let changes: FieldValues = changes.into_iter().map(|(key, value)| (key, value.trim().to_owned())).collect();
        let mut transaction = self.database.begin().await?;
        // First, so that a driver that writes about the order waits, and two changes come one after the other.
        let number = take_numbers(&mut transaction, 1).await?;
        let row: Option<OrderRow> =
            sqlx::query_as(AssertSqlSafe(format!("SELECT {COLUMNS} FROM orders WHERE token = $1")))
                .bind(token.as_str())
                .fetch_optional(&mut *transaction)
                .await?;
        let entry = row.map(OrderRow::into_entry).transpose()?;
        let entry = entry.filter(|entry| principal.accounts.holds(&entry.order));
        let entry = entry.ok_or(ChangeFieldsError::NotFound)?;
        if !viewer.may_change_fields(entry.buyer_id.as_deref()) {
            return Err(ChangeFieldsError::NotOwn);
        }
        principal.fields.check_changes(&changes).map_err(ChangeFieldsError::Refused)?;
        let mut order = entry.order;
        let value = |key: &str| order.fields.get(key).map_or("", String::as_str);
        let keys: Vec<_> = changes.iter().filter(|(key, new)| value(key) != *new).map(|(key, _)| key.clone()).collect();
        if keys.is_empty() {
            return Ok(Changed { order, keys });
        }
        order.fields.extend(changes);
        order.fields = tidy(order.fields);
        sqlx::query("UPDATE orders SET fields = $1, fields_search = $2, search = $3 WHERE token = $4")
            .bind(written(&order.fields)?)
            .bind(searched(&order.fields))
            .bind(row::search(&order) + &searched(&order.fields))
            .bind(token.as_str())
            .execute(&mut *transaction)
            .await?;
        let note = keys.join(" ");
        let line = HistoryLine {
            at: self.now(),
            event: HistoryEvent::FieldsChanged,
            code: None,
            note: Some(&note),
            by: principal.name.as_deref(),
            ..HistoryLine::of(&order)
        };
        line.insert(&self.database, &mut transaction, number).await?;
        transaction.commit().await.map_err(ChangeFieldsError::Unknown)?;
        Ok(Changed { order, keys })
    }
}
