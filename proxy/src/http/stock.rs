//! `GET /api/stock`: every type of a region in every zone, for one billing kind.

use std::sync::Arc;

use axum::{Json, extract::State};
use shared::{
    parameters::{from_pairs, take_region},
    stock::{StockRequest, StockTable},
};

use super::{App, failure::Failure, query::Query};
use crate::upstream::Freshness;

/// The table. `Cache-Control: no-cache` asks for new answers, as it does with the reads.
pub(super) async fn table(
    State(app): State<Arc<App>>,
    freshness: Freshness,
    query: Query,
) -> Result<Json<StockTable>, Failure> {
    let mut parameters = query.0?;
    let region = app.region(take_region(&mut parameters)?, true)?;
    let StockRequest { charge_type } = from_pairs(&parameters)?;
    Ok(Json(app.stock.table(&region, charge_type, freshness).await?))
}
