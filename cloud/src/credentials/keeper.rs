//! Cache of the credentials: looks from time to time whether their place says something else, renews them well before they
//! expire and when the upstream refuses them, single-flight. While the credentials are good, nobody waits.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;
use tracing::{info, warn};

use super::{
    ask::Fetched,
    error::CredentialsError,
    plan::{Origin, Plan},
};
use crate::{
    access_key::AccessKey,
    single_flight::{Joined, SingleFlight},
};

/// Says what there is, and gets it.
pub(super) trait Source: Send + Sync + 'static {
    /// The places to try, in order; only those of one kind, if one is named.
    fn candidates(&self, only: Option<Origin>) -> impl Future<Output = Result<Candidates, CredentialsError>> + Send;

    /// Carries out a plan.
    fn fetch(&self, plan: &Plan) -> impl Future<Output = Result<Fetched, CredentialsError>> + Send;
}

/// A place that may have credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) origin: Origin,
    pub(super) plan: Plan,
    /// Whether the place must have them. Otherwise the next one is tried.
    pub(super) is_certain: bool,
    /// Whether the place is there, or comes: if it does not answer and no other has any, it is waited for.
    pub(super) is_expected: bool,
}

/// The places to try, and why the others give nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Candidates {
    pub(super) places: Vec<Candidate>,
    pub(super) nothing: Vec<String>,
}

/// The keeper.
pub(super) struct Keeper<S> {
    source: S,
    state: Mutex<State>,
    /// One look or renewal at a time.
    looks: SingleFlight<(), ()>,
    account: AtomicU64,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// The last look, well or not.
    looked_at: Option<Instant>,
    /// The last renewal on the upstream's word.
    forced_at: Option<Instant>,
    /// How the last look failed.
    failed: Option<CredentialsError>,
}

#[derive(Clone)]
struct Held {
    origin: Origin,
    plan: Plan,
    credentials: Arc<AccessKey>,
    /// When to get new ones, and when these are of no use any more.
    due_at: Option<Instant>,
    ends_at: Option<Instant>,
}

/// Between two looks at what the place says, and after one that failed.
const LOOK: Duration = Duration::from_secs(5);
/// New ones are got so long before the end, or for the last third of a shorter life.
const AHEAD: Duration = Duration::from_mins(10);
/// So short before the end they are as good as expired: a call has to arrive, too.
const MARGIN: Duration = Duration::from_secs(15);

impl<S: Source> Keeper<S> {
    pub(super) fn of(source: S) -> Self {
        Self { source, state: Mutex::default(), looks: SingleFlight::default(), account: AtomicU64::new(0) }
    }

    /// Good credentials, got now if there are none.
    pub(super) async fn current(self: &Arc<Self>) -> Result<Arc<AccessKey>, CredentialsError> {
        if let Some(good) = self.good() {
            if self.is_time_to_look() {
                // It goes on by itself.
                drop(self.look(None));
            }
            return Ok(good);
        }
        // What came of it is in the state.
        let _ = self.look(None).result().await;
        let expired =
            || CredentialsError::unavailable("the place that they came from", "gives none that are still good");
        self.good().ok_or_else(|| self.state().failed.clone().unwrap_or_else(expired))
    }

    /// New credentials in the place of these, which the upstream does not take. Whether there are others now.
    pub(super) async fn renew(self: &Arc<Self>, used: &AccessKey) -> bool {
        let other = |keeper: &Self| keeper.good().is_some_and(|good| *good != *used);
        if other(self) {
            return true;
        }
        let look = self.look(Some(used));
        let is_shared = look.is_shared;
        let _ = look.result().await;
        // What was under way may have been a look that renews nothing.
        if is_shared && !other(self) {
            let _ = self.look(Some(used)).result().await;
        }
        other(self)
    }

    /// Changes with what the place says.
    pub(super) fn account(&self) -> u64 {
        self.account.load(Ordering::Relaxed)
    }

    /// Looks, or joins the look that is under way. It is done to its end whoever goes away.
    fn look(self: &Arc<Self>, refused: Option<&AccessKey>) -> Joined<()> {
        self.looks.join((), || {
            let (keeper, refused) = (Arc::clone(self), refused.cloned());
            async move {
                if keeper.is_needed(refused.as_ref()) {
                    keeper.look_now(refused.is_some()).await;
                }
            }
        })
    }

    /// Whether there is still something to look for: another may just have looked, and found something, or not.
    fn is_needed(&self, refused: Option<&AccessKey>) -> bool {
        let Some(refused) = refused else { return self.is_time_to_look() };
        let mut state = self.state();
        let is_theirs = state.held.as_ref().is_some_and(|held| *held.credentials == *refused);
        let is_time = state.forced_at.is_none_or(|at| at.elapsed() >= LOOK);
        if is_theirs && is_time {
            state.forced_at = Some(Instant::now());
        }
        is_theirs && is_time
    }

    async fn look_now(&self, must_renew: bool) {
        let result = self.find(must_renew).await;
        let mut state = self.state();
        state.looked_at = Some(Instant::now());
        state.failed = None;
        match result {
            Ok(None) => {}
            Ok(Some(new)) => {
                if state.held.as_ref().is_some_and(|held| held.plan != new.plan) {
                    self.account.fetch_add(1, Ordering::Relaxed);
                }
                if state.held.as_ref().is_none_or(|held| held.credentials != new.credentials) {
                    let lasts_s = new.ends_at.map(|end| end.saturating_duration_since(Instant::now()).as_secs());
                    info!(from = ?new.origin, lasts_s, "new credentials");
                }
                state.held = Some(new);
            }
            Err(error) => {
                warn!(%error, "no new credentials");
                state.failed = Some(error);
            }
        }
    }

    /// New credentials, or none if those that are held are as good.
    async fn find(&self, must_renew: bool) -> Result<Option<Held>, CredentialsError> {
        let held = self.state().held.clone();
        // What has once been found does not give way to another place: that might be another account.
        let Candidates { places, nothing: mut looked } =
            self.source.candidates(held.as_ref().map(|held| held.origin)).await?;
        let mut waits = None;
        for candidate in places {
            let Candidate { origin, plan, is_certain, is_expected } = candidate;
            let is_held = held.as_ref().is_some_and(|held| held.plan == plan && !held.is_due());
            if is_held && !must_renew {
                return Ok(None);
            }
            match self.source.fetch(&plan).await {
                Ok(fetched) => return Ok(Some(Held::new(origin, plan, fetched))),
                Err(fault) if is_certain || held.is_some() => return Err(fault),
                Err(fault) => {
                    info!(%fault, from = ?origin, "no credentials there");
                    looked.extend(fault.what());
                    let may_come = is_expected && matches!(fault, CredentialsError::Unavailable { .. });
                    waits = waits.or_else(|| may_come.then_some(fault));
                }
            }
        }
        Err(waits.unwrap_or(CredentialsError::Nowhere { looked }))
    }

    fn good(&self) -> Option<Arc<AccessKey>> {
        let state = self.state();
        let held = state.held.as_ref().filter(|held| held.ends_at.is_none_or(|end| Instant::now() < end))?;
        Some(Arc::clone(&held.credentials))
    }

    fn is_time_to_look(&self) -> bool {
        self.state().looked_at.is_none_or(|at| at.elapsed() >= LOOK)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without the plan: an address may hold a secret.
impl<S> fmt::Debug for Keeper<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = state.held.as_ref().map(|held| held.origin);
        out.debug_struct("Keeper").field("origin", &origin).finish_non_exhaustive()
    }
}

impl Held {
    fn new(origin: Origin, plan: Plan, Fetched { credentials, lasts }: Fetched) -> Self {
        let now = Instant::now();
        let due_at = lasts.map(|lasts| now + lasts.saturating_sub(AHEAD.min(lasts / 3)));
        let ends_at = lasts.map(|lasts| now + lasts.saturating_sub(MARGIN));
        Self { origin, plan, credentials: Arc::new(credentials), due_at, ends_at }
    }

    fn is_due(&self) -> bool {
        self.due_at.is_some_and(|due| Instant::now() >= due)
    }
}

#[cfg(test)]
mod tests;
