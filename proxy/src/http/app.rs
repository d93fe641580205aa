//! The application state: what handlers work with, and the served regions.

use std::sync::Arc;

use cloud::{Client, StockTables};
use orders::Orders;
use shared::{
    Code, Outcome, Problem,
    ids::RegionId,
    parameters::{ParameterError, REGION_ID},
    prices::PriceBook,
};
use tokio_util::task::TaskTracker;

use super::{api::running_exports::Exports, failure::Failure, middleware::guard::Guard};
use crate::metrics::Metrics;

/// The application state. Handlers share one behind an `Arc`, since a router clones its state several times for each
/// request.
#[derive(Debug)]
pub(crate) struct App {
    /// The client of the cloud.
    pub(crate) upstream: Arc<Client>,
    /// The orders.
    pub(crate) orders: Orders,
    /// The stock tables.
    pub(crate) stock: Arc<StockTables>,
    /// The served regions.
    pub(crate) regions: Arc<[RegionId]>,
    /// The guard: hosts, sizes, sign-in and limits.
    pub(crate) guard: Arc<Guard>,
    /// The operator's prices.
    pub(crate) prices: Arc<PriceBook>,
    /// The exports that run.
    pub(crate) exports: Exports,
    /// Whether the cloud is simulated.
    pub(crate) demo: bool,
    /// Tasks that a stop waits for, such as writes whose callers have disconnected.
    pub(crate) tasks: TaskTracker,
    /// The metrics.
    pub(crate) metrics: Metrics,
}

impl App {
    /// The region of a call, if it is served. A call that is the same in all regions may omit it, and goes to the first
    /// one.
    pub(super) fn region(&self, named: Option<RegionId>, must_be_named: bool) -> Result<RegionId, Failure> {
        match named {
            Some(region) if self.regions.contains(&region) => Ok(region),
            Some(_) => Err(unknown_region().into()),
            None if must_be_named => Err(ParameterError::new(Code::MissingParameter, REGION_ID).into()),
            None => self.regions.first().cloned().ok_or_else(|| unknown_region().into()),
        }
    }
}

pub(super) fn unknown_region() -> Problem {
    Problem::new(Code::UnknownRegion, Outcome::NotSent).at(REGION_ID)
}
