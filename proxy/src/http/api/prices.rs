//! `GET /api/prices`: the operator's prices in a region.

use std::sync::Arc;

use axum::{Json, extract::State};
use shared::{
    Code,
    parameters::{ParameterError, take_region},
    prices::PriceBook,
};

use super::query::Query;
use crate::http::{app::App, failure::Failure};

/// The prices. Empty without a price book.
pub(in crate::http) async fn of_region(State(app): State<Arc<App>>, query: Query) -> Result<Json<PriceBook>, Failure> {
    let mut parameters = query.0?;
    let region = app.region(take_region(&mut parameters)?, true)?;
    if let Some((name, _)) = parameters.into_iter().next() {
        return Err(ParameterError::new(Code::UnknownParameter, name).into());
    }
    Ok(Json(app.prices.of_region(&region)))
}
