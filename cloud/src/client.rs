//! Client of the cloud, through which every call leaves: signs, sends, reads the answer, and retries reads within one
//! deadline. Orders are retried by their driver; caching is in [`super::reads`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use shared::{Action, Class, Code, Product, ids::RegionId, parameters};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::info;
use uuid::Uuid;

use super::{
    access_key::AccessKey,
    answer::OpenAnswer,
    backoff::Backoff,
    credentials::CredentialsSource,
    decode::decode,
    endpoint::Endpoints,
    errors::{CallError, Effect, classify, unreadable},
    http_client::Begun,
    http_client::StartError,
    json::Json,
    limits::{ConcurrencyLimit, Limits, LimitsByEndpoint},
    observer::{CallInfo, Events, Observer},
    response_cache::{CachedAnswer, Key, ResponseCache},
    signer::{Method, Stamp, sign},
    single_flight::SingleFlight,
    stream::authority,
    transport::{Transport, cut},
};

/// How calls are made.
#[derive(Clone, Debug)]
pub struct ClientSettings {
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
    /// Calls at once, for each product and region.
    pub concurrency: ConcurrencyLimit,
    /// Size of the response cache in bytes; with zero nothing is cached, and nobody shares a call.
    pub cache_bytes: u64,
}

/// The client for one account.
#[derive(Debug)]
pub struct Client {
    transport: Transport,
    settings: ClientSettings,
    pub(super) credentials: CredentialsSource,
    limits: LimitsByEndpoint,
    pub(super) cache: Option<Arc<ResponseCache>>,
    pub(super) reads: SingleFlight<Key, Result<CachedAnswer, CallError>>,
    /// Seconds by which the upstream's clock is ahead of ours, as far as it has complained.
    clock_ahead: AtomicI64,
    pub(super) events: Events,
}

/// An answer that was wanted.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// What it says.
    pub value: T,
    /// The upstream's `RequestId`.
    pub request_id: Option<String>,
}

/// Attempts at a read, the first one included.
const READ_ATTEMPTS: u32 = 3;

/// A call, the same on every attempt.
pub(super) struct Call<'a> {
    of: CallInfo<'a>,
    parameters: Vec<(String, String)>,
}

/// Takes an answer of success, and says what is wrong with it, if anything.
pub(super) type Reader<'a> = dyn FnMut(&OpenAnswer<'_>) -> Option<CallError> + Send + 'a;

/// What a refusal at the door may be mended by, each at most once a call.
#[derive(Default)]
struct Mended {
    clock: bool,
    credentials: bool,
}

impl Client {
    /// A client that signs with these credentials.
    pub fn new(
        settings: ClientSettings,
        credentials: CredentialsSource,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, StartError> {
        let transport = Transport::to(&settings.endpoints)?;
        Ok(Self::over(transport, settings, credentials, observer))
    }

    pub(super) fn over(
        transport: Transport,
        settings: ClientSettings,
        credentials: CredentialsSource,
        observer: Arc<dyn Observer>,
    ) -> Self {
        Self {
            transport,
            credentials,
            limits: LimitsByEndpoint::new(settings.concurrency),
            cache: ResponseCache::new(settings.cache_bytes).map(Arc::new),
            reads: SingleFlight::default(),
            clock_ahead: AtomicI64::new(0),
            events: Events::new(observer),
            settings,
        }
    }

    /// The longest that a write takes: it is sent once.
    #[must_use]
    pub fn attempt_deadline(&self) -> Duration {
        self.settings.attempt_deadline
    }

    /// Calls an action in a region, whatever is cached. A read is retried while its error is transient and time allows; a
    /// write is sent once. Either is sent again at most once if the credentials turn out to be out of date, and a read also
    /// if this machine's clock turns out to be wrong, since then nothing has happened; a write comes back then
    /// ([`CallError::is_mended`]).
    pub async fn call<A: Action>(&self, region: &RegionId, request: &A) -> Result<Answer<A::Response>, CallError> {
        let (key, asked_at) = (self.cache_key(region, request), Instant::now());
        let answer = self.ask(region, request).await;
        // Whatever came of it: a call that seems to have failed may have been carried out.
        self.invalidate(A::CHANGES);
        let answer = answer?;
        self.store::<A>(key, &answer, asked_at);
        Ok(answer)
    }

    /// The call itself.
    pub(super) async fn ask<A: Action>(
        &self,
        region: &RegionId,
        request: &A,
    ) -> Result<Answer<A::Response>, CallError> {
        let call = self.to_call(region, request);
        let mut taken = None;
        let mut read = |answer: &OpenAnswer<'_>| match decode::<A>(answer.json.as_ref().unwrap_or(&Json::Null)) {
            Ok(value) => {
                taken = Some(Answer { value, request_id: answer.request_id() });
                None
            }
            Err(error) => Some(unreadable(A::NAME, A::CLASS, answer, &error)),
        };
        self.exchange(&call, &mut read).await?;
        taken.ok_or_else(not_read::<A>)
    }

    pub(super) fn to_call<'a, A: Action>(&self, region: &'a RegionId, request: &A) -> Call<'a> {
        let of = CallInfo { action: A::NAME, product: A::PRODUCT, class: A::CLASS, region };
        Call { of, parameters: self.parameters(region, request) }
    }

    /// The whole exchange, with its retries, until `read` has taken an answer.
    pub(super) async fn exchange(&self, call: &Call<'_>, read: &mut Reader<'_>) -> Result<(), CallError> {
        let of = call.of;
        let began = Instant::now();
        let is_read = of.class == Class::Read;
        let (deadline, wait) = if is_read {
            (began + self.settings.read_deadline, began + self.settings.read_deadline)
        } else {
            // Who has waited for long sends with little time left, and so may never know what became of it.
            (began + self.settings.attempt_deadline, began + self.settings.attempt_deadline / 2)
        };
        let limits = self.limits.of(of.product, of.region);
        let mut mended = Mended::default();
        let (mut attempt, mut is_retry) = (1, false);
        loop {
            let permit = limits.acquire(of.class, wait).await.map_err(|shed| {
                self.events.shed(of, shed.0);
                let error = failed(of, Code::Throttled, Effect::NotSent, "too many calls are waiting".to_owned());
                CallError { retry_after: Some(shed.0), ..error }
            })?;
            let under_way = self.events.attempt(of, attempt, is_retry);
            let used = timeout_at(deadline, self.credentials.current()).await;
            let signed_ahead = self.clock_ahead.load(Ordering::Relaxed);
            let result = match &used {
                Ok(Ok(credentials)) => self.attempt(call, &limits, credentials, deadline, read).await,
                Ok(Err(error)) => Err(no_credentials(of, error.to_string())),
                Err(_) => Err(no_credentials(of, "the credentials did not come in time".to_owned())),
            };
            drop(permit);
            under_way.end(result.as_ref().copied());
            is_retry = true;
            let Err(error) = result else {
                limits.succeeded(attempt - 1);
                return Ok(());
            };
            if error.code == Code::Throttled {
                limits.throttled(of.action, of.region, error.retry_after);
            }
            let used = used.ok().and_then(Result::ok);
            if self.mend(&error, used.as_deref(), signed_ahead, &mut mended).await {
                if !is_read && error.code == Code::ClockSkew {
                    // Whoever sends a write decides whether to send it again, by a clock that has just been corrected.
                    return Err(CallError { effect: Effect::Busy, ..error });
                }
                continue;
            }
            if !is_read || !error.is_transient() || attempt == READ_ATTEMPTS {
                return Err(error);
            }
            let pause = self.settings.backoff.pause(attempt, error.retry_after);
            if Instant::now() + pause >= deadline {
                return Err(error);
            }
            if !limits.may_retry() {
                Events::out_of_retries(of);
                return Err(error);
            }
            sleep(pause).await;
            attempt += 1;
        }
    }

    /// One attempt.
    async fn attempt(
        &self,
        call: &Call<'_>,
        limits: &Limits,
        credentials: &AccessKey,
        deadline: Instant,
        read: &mut Reader<'_>,
    ) -> Result<(), CallError> {
        let CallInfo { action, product, class, region } = call.of;
        let failed = |code, effect, note| failed(call.of, code, effect, note);
        let to = limits.address(|| self.settings.endpoints.address(product, region));
        let to = to.map_err(|error| failed(Code::Internal, Effect::NotSent, error.to_string()))?;
        let method = if class == Class::Read { Method::Get } else { self.settings.write_method };
        let signed = sign(method, &call.parameters, credentials, self.stamp());

        let deadline = deadline.min(Instant::now() + self.settings.attempt_deadline);
        let mut begun = Begun::default();
        let fault = match timeout_at(deadline, self.transport.exchange(method, to, signed, &mut begun)).await {
            Ok(Ok(raw)) => {
                let answer = match class {
                    Class::Read => raw.open_for_read(),
                    Class::WriteWithToken => raw.open_leniently(),
                    Class::WriteOnce => raw.open(),
                };
                return classify(action, class, &answer, &call.parameters)
                    .or_else(|| read(&answer))
                    .map_or(Ok(()), Err);
            }
            Ok(Err(fault)) => failed(fault.code, fault.effect, fault.note),
            Err(_) => {
                let note = format!("no answer from {} in time", authority(to));
                failed(Code::UpstreamTimeout, Effect::Unknown, note)
            }
        };
        // A part of an answer may name what was bought, which is all that counts of it.
        let Some(raw) = cut(begun).filter(|_| class == Class::WriteWithToken) else { return Err(fault) };
        let answer = raw.open_leniently();
        match classify(action, class, &answer, &call.parameters) {
            None if read(&answer).is_none() => Ok(()),
            None => Err(fault),
            Some(error) => Err(CallError { named: error.named, ..fault }),
        }
    }

    /// What is the same on every attempt.
    fn parameters<A: Action>(&self, region: &RegionId, request: &A) -> Vec<(String, String)> {
        let version = match A::PRODUCT {
            Product::CloudDesktop => &self.settings.cloud_desktop_version,
            Product::Vpc => &self.settings.vpc_version,
        };
        let mut parameters = parameters::to_pairs(request);
        let common = [("Action", A::NAME), ("Version", version), (parameters::REGION_ID, region.as_str())];
        parameters.extend(common.map(|(name, value)| (name.to_owned(), value.to_owned())));
        parameters
    }

    /// Whether a refusal at the door may be gone the next time, since its cause lay here and is mended.
    async fn mend(&self, error: &CallError, used: Option<&AccessKey>, signed_ahead: i64, mended: &mut Mended) -> bool {
        match (error.code, used) {
            (Code::ClockSkew, _) if !mended.clock => {
                mended.clock = true;
                self.correct_clock(error, signed_ahead)
            }
            (Code::CredentialsRefused, Some(used)) if !mended.credentials => {
                mended.credentials = true;
                self.credentials.renew(used).await
            }
            _ => false,
        }
    }

    fn stamp(&self) -> Stamp {
        let ahead = SignedDuration::from_secs(self.clock_ahead.load(Ordering::Relaxed));
        let now = Timestamp::now();
        let there = now.checked_add(ahead).unwrap_or(now);
        Stamp::new(Uuid::new_v4(), there)
    }

    /// Takes the upstream's time for right. Whether there was one to take that differs from the one signed with.
    fn correct_clock(&self, error: &CallError, signed_ahead: i64) -> bool {
        /// Seconds between a stamp and the `Date` of its answer that mean nothing.
        const JITTER: u64 = 2;
        let Some(ahead) = error.clock_ahead.filter(|ahead| ahead.abs_diff(signed_ahead) > JITTER) else { return false };
        info!(seconds = ahead, "signing by the upstream's clock, which is ahead of ours");
        self.clock_ahead.store(ahead, Ordering::Relaxed);
        true
    }
}

fn failed(of: CallInfo<'_>, code: Code, effect: Effect, note: String) -> CallError {
    CallError::without_answer(of.action, of.class, code, effect, note)
}

/// An exchange has gone well, and yet nobody took its answer: a fault of ours.
pub(super) fn not_read<A: Action>() -> CallError {
    CallError::without_answer(A::NAME, A::CLASS, Code::Internal, Effect::Unknown, "an answer was not read".to_owned())
}

fn no_credentials(of: CallInfo<'_>, note: String) -> CallError {
    failed(of, Code::CredentialsUnavailable, Effect::NotSent, note)
}
