//! `GET /api/limits`: what the caller may buy and change, and what is left of it.

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use shared::{
    Code,
    limits::{Limit, Limits, Quantity, Span, Unit, Whose},
    parameters::ParameterError,
};

use super::query::Query;
use crate::http::{app::App, failure::Failure, middleware::authorize::Caller};

/// `GET /api/limits`.
pub(in crate::http) async fn of_caller(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    query: Query,
) -> Result<Json<Limits>, Failure> {
    if let Some((name, _)) = query.0?.into_iter().next() {
        return Err(ParameterError::new(Code::UnknownParameter, name).into());
    }
    let principal = caller.principal(&app.guard);
    let mut limits: Vec<_> = app.guard.limits.order_units.map(of_an_order).into_iter().collect();
    limits.extend(app.orders.limits(&principal).await?);
    for limit in limits.iter_mut().filter(|limit| limit.unit == Unit::Amount) {
        limit.currency = app.prices.currency();
    }
    Ok(Json(Limits {
        longest_period: principal.bounds.longest_period,
        types: principal.bounds.types.map(|types| types.to_vec()),
        limits,
        approval: principal.approval.told(),
    }))
}

/// The limit of one order, of which nothing is used before it is placed.
pub(super) fn of_an_order(most: u32) -> Limit {
    let limit = Quantity::Number(most);
    Limit { unit: Unit::DesktopsAndMonths, per: Span::Order, whose: Whose::Person, limit, left: limit, currency: None }
}
