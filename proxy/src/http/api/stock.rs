//! `GET /api/stock`: every type of a region in every zone, for one billing kind.

use std::sync::Arc;

use axum::{Json, extract::State};
use shared::{
    parameters::{from_pairs, take_region},
    stock::{StockRequest, StockTable},
};

use super::{query::Query, reads::Wanted};
use crate::http::{app::App, failure::Failure};

/// The stock table. `Cache-Control: no-cache` asks for new answers, as for the reads.
pub(in crate::http) async fn table(
    State(app): State<Arc<App>>,
    Wanted(freshness): Wanted,
    query: Query,
) -> Result<Json<StockTable>, Failure> {
    let mut parameters = query.0?;
    let region = app.region(take_region(&mut parameters)?, true)?;
    let StockRequest { charge_type } = from_pairs(&parameters)?;
    Ok(Json(app.stock.table(&region, charge_type, freshness).await?))
}
