//! The one client through which every call leaves: it signs, sends, waits no longer than it may, reads the answer, and
//! repeats what may be repeated without asking. Repeating an order is the order driver's business.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::CONTENT_TYPE;
use shared::{Action, Class, Code, Product, ids::RegionId, parameters};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{info, warn};
use uuid::Uuid;

use crate::metrics::Metrics;

use super::{
    answer::RawAnswer,
    backoff::Backoff,
    credentials::CredentialsSource,
    decode::decode,
    endpoint::Endpoints,
    errors::{Effect, UpstreamError, classify, unreadable},
    signer::{Method, Stamp, sign},
};

/// How calls go over the wire.
#[derive(Clone, Debug)]
pub struct Wire {
    /// Where to.
    pub endpoints: Endpoints,
    /// `Version` of CloudDesktop.
    pub cloud_desktop_version: String,
    /// `Version` of VPC.
    pub vpc_version: String,
    /// How writes travel. Reads always go by GET.
    pub write_method: Method,
    /// For one attempt, its body included.
    pub attempt_deadline: Duration,
    /// For a read with its retries and the pauses between them.
    pub read_deadline: Duration,
    /// Between two attempts.
    pub backoff: Backoff,
}

/// The client for one account.
#[derive(Debug)]
pub struct Upstream {
    http: reqwest::Client,
    wire: Wire,
    credentials: CredentialsSource,
    /// Seconds by which the upstream's clock is ahead of ours, as far as it has complained.
    clock_ahead: AtomicI64,
    metrics: Metrics,
}

/// An answer that was wanted.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// What it says.
    pub value: T,
    /// The upstream's `RequestId`.
    pub request_id: Option<String>,
}

/// The client cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot start, perhaps for want of the system's CA certificates")]
pub struct StartError(#[source] reqwest::Error);

/// Attempts at a read, the first one included.
const READ_ATTEMPTS: u32 = 3;
/// An answer beyond this is not one of ours: 50,000 users are about 5 MB.
const LARGEST_ANSWER: usize = 32 << 20;
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
/// Well below what gateways allow, since a write on a connection that the other side is just closing is a write whose
/// outcome is unknown.
const IDLE_CONNECTION: Duration = Duration::from_secs(10);

impl Upstream {
    /// A client that signs with these credentials.
    pub fn new(wire: Wire, credentials: CredentialsSource, metrics: Metrics) -> Result<Self, StartError> {
        // Fails where a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            // A redirect would take signed parameters to a host that nobody configured.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_DEADLINE)
            .pool_idle_timeout(IDLE_CONNECTION)
            .user_agent(concat!("deskbuy/", env!("CARGO_PKG_VERSION")));
        let client = if wire.endpoints.are_local() {
            // Neither an HTTP proxy nor the system's certificates have a part in talking to oneself.
            client.no_proxy().tls_certs_only([])
        } else {
            client
        };
        let http = client.build().map_err(StartError)?;
        Ok(Self { http, wire, credentials, clock_ahead: AtomicI64::new(0), metrics })
    }

    /// The longest that a write takes: it is sent once.
    #[must_use]
    pub fn attempt_deadline(&self) -> Duration {
        self.wire.attempt_deadline
    }

    /// Calls an action in a region. A read is repeated while its fault is a passing one and time allows; a write is
    /// sent once. Either is sent again at most once if this machine's clock turns out to be wrong, since then nothing
    /// has happened.
    pub async fn call<A: Action>(&self, region: &RegionId, request: &A) -> Result<Answer<A::Response>, UpstreamError> {
        let parameters = self.parameters(region, request);
        let deadline = Instant::now()
            + match A::CLASS {
                Class::Read => self.wire.read_deadline,
                Class::WriteWithToken | Class::WriteOnce => self.wire.attempt_deadline,
            };
        let mut attempt = 1;
        let mut clock_corrected = false;
        loop {
            let counted = self.metrics.call(A::NAME);
            let result = self.attempt::<A>(region, &parameters, deadline).await;
            counted.end(result.as_ref().err().map(|error| error.code));
            let error = match result {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if error.code == Code::Throttled {
                self.metrics.throttled(A::PRODUCT, region);
            }
            // The one place where the upstream's faults are logged, retried ones included.
            let UpstreamError { code, effect, note, request_id, .. } = &error;
            let upstream_request_id = request_id.as_deref();
            warn!(action = A::NAME, %region, attempt, %code, ?effect, upstream_request_id, note, "the upstream call failed");

            if error.code == Code::ClockSkew && !clock_corrected && self.correct_clock(&error) {
                clock_corrected = true;
                self.metrics.retried(A::NAME);
                continue;
            }
            if A::CLASS != Class::Read || !error.is_transient() || attempt == READ_ATTEMPTS {
                return Err(error);
            }
            let pause = self.wire.backoff.pause(attempt, error.retry_after);
            if Instant::now() + pause >= deadline {
                return Err(error);
            }
            sleep(pause).await;
            self.metrics.retried(A::NAME);
            attempt += 1;
        }
    }

    /// What is the same on every attempt.
    fn parameters<A: Action>(&self, region: &RegionId, request: &A) -> Vec<(String, String)> {
        let version = match A::PRODUCT {
            Product::CloudDesktop => &self.wire.cloud_desktop_version,
            Product::Vpc => &self.wire.vpc_version,
        };
        let mut parameters = parameters::to_pairs(request);
        let common = [("Action", A::NAME), ("Version", version), (parameters::REGION_ID, region.as_str())];
        parameters.extend(common.map(|(name, value)| (name.to_owned(), value.to_owned())));
        parameters
    }

    async fn attempt<A: Action>(
        &self,
        region: &RegionId,
        parameters: &[(String, String)],
        deadline: Instant,
    ) -> Result<Answer<A::Response>, UpstreamError> {
        let failed = |code, effect, note| UpstreamError::without_answer(A::NAME, A::CLASS, code, effect, note);
        let url = self.wire.endpoints.url(A::PRODUCT, region);
        let url = url.map_err(|error| failed(Code::Internal, Effect::NotSent, error.to_string()))?;
        let method = if A::CLASS == Class::Read { Method::Get } else { self.wire.write_method };
        let signed = sign(method, parameters, &self.credentials.current(), self.stamp());

        let deadline = deadline.min(Instant::now() + self.wire.attempt_deadline);
        let raw = match timeout_at(deadline, self.exchange(method, url, signed)).await {
            Ok(Ok(raw)) => raw,
            Ok(Err(fault)) => return Err(failed(fault.code, fault.effect, fault.note)),
            Err(_) => return Err(failed(Code::UpstreamTimeout, Effect::Unknown, "no answer in time".to_owned())),
        };
        if let Some(error) = classify(A::NAME, A::CLASS, &raw, parameters) {
            return Err(error);
        }
        let value = decode::<A>(raw.json.as_ref().unwrap_or(&serde_json::Value::Null));
        let value = value.map_err(|error| unreadable(A::NAME, A::CLASS, &raw, &error))?;
        Ok(Answer { value, request_id: raw.request_id() })
    }

    async fn exchange(&self, method: Method, mut url: reqwest::Url, signed: String) -> Result<RawAnswer, Fault> {
        let request = match method {
            Method::Get => {
                url.set_query(Some(&signed));
                self.http.get(url)
            }
            Method::Post => self.http.post(url).header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(signed),
        };
        let mut response = request.send().await.map_err(Fault::of)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Fault::of)? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(Fault::too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(RawAnswer::new(response.status().as_u16(), response.headers(), &body, Timestamp::now()))
    }

    fn stamp(&self) -> Stamp {
        let ahead = SignedDuration::from_secs(self.clock_ahead.load(Ordering::Relaxed));
        let now = Timestamp::now();
        let there = now.checked_add(ahead).unwrap_or(now);
        Stamp { nonce: Uuid::new_v4().to_string(), timestamp: there.strftime("%Y-%m-%dT%H:%M:%SZ").to_string() }
    }

    /// Takes the upstream's time for right. Whether there was one to take.
    fn correct_clock(&self, error: &UpstreamError) -> bool {
        let Some(ahead) = error.clock_ahead else { return false };
        info!(seconds = ahead, "signing by the upstream's clock, which is ahead of ours");
        self.clock_ahead.store(ahead, Ordering::Relaxed);
        true
    }
}

/// An attempt that brought no answer.
struct Fault {
    code: Code,
    effect: Effect,
    note: String,
}

impl Fault {
    fn of(error: reqwest::Error) -> Self {
        let (code, effect) = if error.is_builder() {
            (Code::Internal, Effect::NotSent)
        } else if error.is_connect() {
            (Code::UpstreamUnavailable, Effect::NotSent)
        } else {
            (Code::UpstreamUnavailable, Effect::Unknown)
        };
        // The address of a read holds its signed parameters.
        let error = error.without_url();
        let mut cause: &dyn std::error::Error = &error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Self { code, effect, note: format!("{error}: {cause}") }
    }

    fn too_large() -> Self {
        Self {
            code: Code::UpstreamUnintelligible,
            effect: Effect::Unknown,
            note: format!("an answer of more than {LARGEST_ANSWER} bytes"),
        }
    }
}
