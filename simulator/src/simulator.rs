//! The simulator's public interface: created from a [`Config`], served or used as a router, inspected and switched.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Extension, Router, http::StatusCode, routing::any, serve::ListenerExt};
use jiff::{SignedDuration, Timestamp};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    Config, Kind, Scenario, ScriptedAnswer, State, Told, control,
    gateway::{self, Stopping},
    nonces::Nonces,
    script::Script,
    world::World,
};

/// How far `clock-skew` sets the clock ahead.
const SKEW: SignedDuration = SignedDuration::from_hours(1);

/// A simulator. Clones share one state.
#[derive(Clone)]
pub struct Simulator(Arc<Shared>);

struct Shared {
    config: Config,
    parts: Mutex<Parts>,
}

/// The mutable state.
pub(crate) struct Parts {
    pub(crate) world: World,
    pub(crate) script: Script,
    pub(crate) nonces: Nonces,
}

impl Simulator {
    /// A simulator in its initial state.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let parts = Parts {
            world: World::new(&config),
            script: Script::new(config.scenarios.clone(), config.seed),
            nonces: Nonces::default(),
        };
        Self(Arc::new(Shared { config, parts: Mutex::new(parts) }))
    }

    /// The router: the RPC interface at `/`, and the control endpoints under `/_simulator`. The latter need no
    /// signature, so serve it on loopback only, as [`Simulator::serve`] does.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", any(gateway::call))
            .merge(control::routes())
            .fallback(|| async { StatusCode::NOT_FOUND })
            .with_state(self.clone())
    }

    /// Replaces the active faults, and resets their counts. The data stays.
    pub fn set_scenarios(&self, scenarios: Vec<Scenario>) {
        self.lock().script = Script::new(scenarios, self.config().seed);
    }

    /// Gives these answers in place of its own. Faults that are switched on later take them back.
    pub fn set_answers(&self, answers: Vec<ScriptedAnswer>) {
        self.lock().script.set_answers(answers);
    }

    /// Resets data, counts and scenarios. Used nonces stay used.
    pub fn reset(&self) {
        let world = World::new(self.config());
        let script = Script::new(self.config().scenarios.clone(), self.config().seed);
        let mut parts = self.lock();
        parts.world = world;
        parts.script = script;
    }

    /// A snapshot of what has happened so far.
    #[must_use]
    pub fn state(&self) -> State {
        let parts = self.lock();
        let scenarios = parts.script.active().iter().map(Scenario::to_string).collect();
        State { scenarios, ..parts.world.state() }
    }

    /// What the strange cloud has told since the scenarios were set, by action and `ClientToken`, user or desktop, such as
    /// `CreateDesktop t-1`.
    #[must_use]
    pub fn told(&self) -> HashMap<String, Told> {
        self.lock().script.told().clone()
    }

    /// Serves until `shutdown` completes and the calls under way are answered. Listens on loopback only, and fails with
    /// [`io::ErrorKind::InvalidInput`] for any other address.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        if !listener.local_addr()?.ip().is_loopback() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the simulator listens on loopback only"));
        }
        let (stop, stopping) = watch::channel(false);
        let router = self.router().layer(Extension(Stopping(stopping)));
        // Without Nagle's algorithm, so that benchmarks do not measure its delays.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        axum::serve(listener, router)
            .with_graceful_shutdown(async move {
                shutdown.await;
                stop.send_replace(true);
            })
            .await
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    /// Locks the mutable state. Never held across an await. After a panic elsewhere the state is still usable.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Parts> {
        self.0.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time by the simulator's clock.
    pub(crate) fn now(&self) -> Timestamp {
        let is_ahead = self.lock().script.is_on(Kind::ClockSkew);
        Timestamp::now() + if is_ahead { SKEW } else { SignedDuration::ZERO }
    }
}

/// Shows the configuration, not the data.
impl std::fmt::Debug for Simulator {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Simulator").field(self.config()).finish()
    }
}
