//! What handlers work with: the parts of the proxy, and the regions that are served.

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

use super::{failure::Failure, middleware::guard::Guard};
use crate::metrics::Metrics;

/// What handlers work with. They share one, since a router makes a copy of its state several times a request.
#[derive(Debug)]
pub(crate) struct App {
    /// The cloud.
    pub(crate) upstream: Arc<Client>,
    /// The orders.
    pub(crate) orders: Orders,
    /// What can be had where.
    pub(crate) stock: Arc<StockTables>,
    /// The regions that are served.
    pub(crate) regions: Arc<[RegionId]>,
    /// Who is let through.
    pub(crate) guard: Arc<Guard>,
    /// The operator's prices.
    pub(crate) prices: Arc<PriceBook>,
    /// Whether the cloud is simulated.
    pub(crate) demo: bool,
    /// What a stop waits for, such as writes that their callers no longer wait for.
    pub(crate) tasks: TaskTracker,
    /// What is counted.
    pub(crate) metrics: Metrics,
}

impl App {
    /// The region of a call, if it is one that is served. Where it makes no difference, the first one does.
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
