//! The simulator as others use it: made from a [`Config`], served or taken as a router, looked at and switched.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Extension, Router, http::StatusCode, routing::any, serve::ListenerExt};
use jiff::{SignedDuration, Timestamp};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    Config, Kind, Scenario, State, control,
    gateway::{self, Stopping},
    nonces::Nonces,
    script::Script,
    world::World,
};

/// How far `clock-skew` sets the clock ahead.
const SKEW: SignedDuration = SignedDuration::from_hours(1);

/// A simulator. Clones are the same one.
#[derive(Clone)]
pub struct Simulator(Arc<Whole>);

struct Whole {
    config: Config,
    inside: Mutex<Inside>,
}

/// What calls change.
pub(crate) struct Inside {
    pub(crate) world: World,
    pub(crate) script: Script,
    pub(crate) nonces: Nonces,
}

impl Simulator {
    /// A simulator in which nothing has happened yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let inside = Inside {
            world: World::new(&config),
            script: Script::new(config.scenarios.clone(), config.seed),
            nonces: Nonces::default(),
        };
        Self(Arc::new(Whole { config, inside: Mutex::new(inside) }))
    }

    /// The RPC interface at `/`, and the control endpoints under `/_simulator`. The latter take no signature: serve
    /// this on loopback only, as [`Simulator::serve`] does.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/", any(gateway::call))
            .merge(control::routes())
            .fallback(|| async { StatusCode::NOT_FOUND })
            .with_state(self.clone())
    }

    /// Switches to these faults, none of which has struck yet. What has happened stays.
    pub fn set_scenarios(&self, scenarios: Vec<Scenario>) {
        self.inside().script = Script::new(scenarios, self.config().seed);
    }

    /// Goes back to the start: data, counts and scenarios. Only the nonces stay used.
    pub fn reset(&self) {
        let world = World::new(self.config());
        let script = Script::new(self.config().scenarios.clone(), self.config().seed);
        let mut inside = self.inside();
        inside.world = world;
        inside.script = script;
    }

    /// What has happened so far.
    #[must_use]
    pub fn state(&self) -> State {
        let inside = self.inside();
        let scenarios = inside.script.active().iter().map(Scenario::to_string).collect();
        State { scenarios, ..inside.world.state() }
    }

    /// Serves until `shutdown` is ready and the calls under way are answered. Listens on loopback only: fails with
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
        // Answers go out at once, in however many writes, so that benchmarks measure no waiting of the kernel.
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

    /// What calls change. Never held across an await. A panic elsewhere leaves nothing half-done that matters here.
    pub(crate) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time by the simulator's clock.
    pub(crate) fn now(&self) -> Timestamp {
        let is_ahead = self.inside().script.is_on(Kind::ClockSkew);
        Timestamp::now() + if is_ahead { SKEW } else { SignedDuration::ZERO }
    }
}

/// Shows the settings, not the data.
impl std::fmt::Debug for Simulator {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Simulator").field(self.config()).finish()
    }
}
