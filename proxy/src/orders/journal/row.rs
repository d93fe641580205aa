//! A row of the table of orders, and the order that it stands for.

use serde_json::{Map, Value};
use shared::{
    ids::ClientToken,
    order::{NewOrder, Order},
};

use super::{Entry, JournalError};

/// The columns as they are.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    token: String,
    action: String,
    region: String,
    request: String,
    state: String,
    in_doubt: bool,
    attempts: i64,
    order_id: Option<String>,
    desktop_id: Option<String>,
    upstream_request_id: Option<String>,
    problem: Option<String>,
    created_at: i64,
    updated_at: i64,
}

impl Row {
    /// The order, or which column cannot be what this program wrote.
    pub(super) fn into_entry(self) -> Result<Entry, JournalError> {
        let corrupt = |what| JournalError::Corrupt { token: self.token.clone(), what };
        let token: ClientToken = self.token.parse().map_err(|_| corrupt("its token is none"))?;
        let request: Map<String, Value> = serde_json::from_str(&self.request).map_err(|_| corrupt("request"))?;
        let mut members = request.clone();
        let own = [("Action", &self.action), ("RegionId", &self.region), ("ClientToken", &self.token)];
        members.extend(own.map(|(name, value)| (name.to_owned(), value.as_str().into())));
        let new = NewOrder::from_object(members).map_err(|_| corrupt("request"))?;
        let problem = self.problem.as_deref().map(serde_json::from_str).transpose();
        let order = Order {
            token,
            action: self.action.clone(),
            region: new.region.clone(),
            state: self.state.parse().map_err(|()| corrupt("state"))?,
            request,
            order_id: self.order_id.clone(),
            desktop_id: self.desktop_id.clone(),
            upstream_request_id: self.upstream_request_id.clone(),
            problem: problem.map_err(|_| corrupt("problem"))?,
            attempts: self.attempts.try_into().map_err(|_| corrupt("attempts"))?,
            created_at: self.created_at,
            updated_at: self.updated_at,
            requested_by: None,
            history: Vec::new(),
        };
        Ok(Entry { order, in_doubt: self.in_doubt, new })
    }
}
