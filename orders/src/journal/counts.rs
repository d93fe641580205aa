//! The number of orders in each state, for the metrics. The database counts as it writes.

use shared::order::OrderState;

use super::{Journal, JournalError};

impl Journal {
    /// The number of orders in each state, all states included.
    pub async fn counts(&self) -> Result<Vec<(OrderState, i64)>, JournalError> {
        let found: Vec<(String, i64)> =
            sqlx::query_as("SELECT state, number FROM order_counts").fetch_all(self.pool()).await?;
        let count = |state: OrderState| found.iter().find(|(name, _)| name == state.as_str()).map_or(0, |(_, n)| *n);
        Ok(OrderState::ALL.iter().map(|state| (*state, count(*state))).collect())
    }
}
