//! Metrics of the proxy, and their encoding for `/metrics`. Events are counted where they happen. Orders in the journal
//! and the process's memory are read at each scrape.
//!
//! All labels have closed sets of values (routes, actions, codes, configured regions), so that no caller can create new
//! time series.

mod process;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::Duration};

use cloud::ReadSource;
use orders::NotificationCounts;
use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::Registry,
};
use shared::{Product, ids::RegionId, order::OrderState};

/// The media type of what [`Metrics::encode`] writes.
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The status of a request whose client disconnected before the answer, as in nginx.
pub(crate) const CALLER_GONE: u16 = 499;

/// The metrics of one proxy. Clones share the same counters.
#[derive(Clone)]
pub struct Metrics(Arc<Families>);

struct Families {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_times: Times<RouteLabels>,
    requests_in_flight: Gauge,
    calls: Family<CallLabels, Counter>,
    call_times: Times<ActionLabels>,
    calls_in_flight: Gauge,
    retries: Family<ActionLabels, Counter>,
    throttles: Family<RegionLabels, Counter>,
    shed: Family<RegionLabels, Counter>,
    reads: Family<ReadLabels, Counter>,
    orders: Family<StateLabels, Gauge>,
    notifications: Family<StateLabels, Gauge>,
    notifications_oldest: Family<StateLabels, Gauge>,
    journal_up: Gauge,
}

type Times<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    action: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ActionLabels {
    action: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RegionLabels {
    product: &'static str,
    region: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReadLabels {
    action: &'static str,
    source: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    state: &'static str,
}

impl RegionLabels {
    fn new(product: Product, region: &RegionId) -> Self {
        let product = match product {
            Product::CloudDesktop => "clouddesktop",
            Product::Vpc => "vpc",
        };
        Self { product, region: region.to_string() }
    }
}

impl Metrics {
    /// Metrics in which nothing is counted yet.
    #[must_use]
    pub fn new() -> Self {
        let mut root = Registry::default();
        root.register_collector(Box::new(process::Process::new()));
        let registry = root.sub_registry_with_prefix("deskbuy");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program that runs", version);

        let requests = Family::default();
        registry.register("http_requests", "Requests answered; 499 where the caller did not wait", requests.clone());
        let request_times = Times::new_with_constructor(duration_histogram);
        let help = "Seconds until an answer begins, waits that the caller asked for included";
        registry.register("http_request_duration_seconds", help, request_times.clone());
        let requests_in_flight = Gauge::default();
        registry.register("http_requests_in_flight", "Requests under way", requests_in_flight.clone());

        let calls = Family::default();
        let help = "Attempts at calling the cloud, by what came of them: ok, or the problem's code";
        registry.register("upstream_calls", help, calls.clone());
        let call_times = Times::new_with_constructor(duration_histogram);
        registry.register("upstream_call_duration_seconds", "Seconds that an attempt took", call_times.clone());
        let calls_in_flight = Gauge::default();
        registry.register("upstream_calls_in_flight", "Attempts under way", calls_in_flight.clone());
        let retries = Family::default();
        registry.register("upstream_retries", "Attempts that were not the first of their call", retries.clone());
        let throttles = Family::default();
        registry.register("upstream_throttles", "Answers that asked for fewer calls", throttles.clone());
        let shed = Family::default();
        let help = "Calls that were not sent, since too many waited or a pause was asked for";
        registry.register("upstream_turned_away", help, shed.clone());
        let reads = Family::default();
        registry.register("reads", "Reads answered, by where the answer came from", reads.clone());

        let orders = Family::default();
        let help = "Orders in the journal, which several proxies may share, as of this scrape";
        registry.register("orders", help, orders.clone());
        let notifications = Family::default();
        let help = "Notifications that are not delivered, as of this scrape: still tried (waiting), or given up (dead)";
        registry.register("notifications", help, notifications.clone());
        let notifications_oldest = Family::default();
        let help = "Seconds that the oldest notification which is still tried has waited, as of this scrape";
        registry.register("notifications_oldest_seconds", help, notifications_oldest.clone());
        let journal_up = Gauge::default();
        registry.register("journal_up", "Whether the journal answered this scrape", journal_up.clone());

        Self(Arc::new(Families {
            registry: root,
            requests,
            request_times,
            requests_in_flight,
            calls,
            call_times,
            calls_in_flight,
            retries,
            throttles,
            shed,
            reads,
            orders,
            notifications,
            notifications_oldest,
            journal_up,
        }))
    }

    /// Counts a request as in flight for as long as the result lives.
    pub(crate) fn request(&self) -> InFlight {
        InFlight::of(&self.0.requests_in_flight)
    }

    /// Counts an answered request.
    pub(crate) fn answered(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let route = route.to_owned();
        self.0.requests.get_or_create(&RequestLabels { route: route.clone(), method, status }).inc();
        self.0.request_times.get_or_create(&RouteLabels { route }).observe(took.as_secs_f64());
    }

    /// Sets the number of orders per state as read from the journal. `None` if the journal did not answer.
    pub(crate) fn set_orders(&self, found: Option<&[(OrderState, i64)]>) {
        self.0.journal_up.set(found.is_some().into());
        // Without an answer there are no numbers, since outdated ones would mislead.
        self.0.orders.clear();
        for (state, orders) in found.unwrap_or_default() {
            self.0.orders.get_or_create(&StateLabels { state: state.as_str() }).set(*orders);
        }
    }

    /// Sets the numbers of notifications as read from the journal. `None` if it did not answer.
    pub(crate) fn set_notifications(&self, found: Option<NotificationCounts>) {
        self.0.notifications.clear();
        self.0.notifications_oldest.clear();
        if let Some(NotificationCounts { waiting, dead, oldest }) = found {
            let seconds = i64::try_from(oldest.as_secs()).unwrap_or(i64::MAX);
            self.0.notifications_oldest.get_or_create(&StateLabels { state: "waiting" }).set(seconds);
            for (state, number) in [("waiting", waiting), ("dead", dead)] {
                self.0.notifications.get_or_create(&StateLabels { state }).set(number);
            }
        }
    }

    /// All metrics in Prometheus' text format.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut all = String::new();
        // Writing into a string cannot fail.
        let _ = text::encode(&mut all, &self.0.registry);
        all
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Metrics")
    }
}

/// Buckets from a call within the machine to a person who gives up.
fn duration_histogram() -> Histogram {
    Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0])
}

/// A guard that counts something as in flight until it is dropped.
pub(crate) struct InFlight(Gauge);

impl InFlight {
    fn of(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Counts what the client of the cloud reports.
impl cloud::Observer for Metrics {
    fn attempt_started(&self, _: &'static str) {
        self.0.calls_in_flight.inc();
    }

    fn attempt_ended(&self, action: &'static str, outcome: &'static str, took: Duration) {
        self.0.calls_in_flight.dec();
        self.0.calls.get_or_create(&CallLabels { action, outcome }).inc();
        self.0.call_times.get_or_create(&ActionLabels { action }).observe(took.as_secs_f64());
    }

    fn retried(&self, action: &'static str) {
        self.0.retries.get_or_create(&ActionLabels { action }).inc();
    }

    fn throttled(&self, product: Product, region: &RegionId) {
        self.0.throttles.get_or_create(&RegionLabels::new(product, region)).inc();
    }

    fn shed(&self, product: Product, region: &RegionId) {
        self.0.shed.get_or_create(&RegionLabels::new(product, region)).inc();
    }

    fn read_answered(&self, action: &'static str, source: ReadSource) {
        self.0.reads.get_or_create(&ReadLabels { action, source: source.as_str() }).inc();
    }
}
