//! The client against the simulator, in virtual time: no socket is between them, so the clock goes on whenever both
//! wait, and a test can say exactly how long something took.

mod answers;
mod credentials;
mod reads;
mod retries;
mod strange;

use std::{sync::Arc, time::Duration};

use shared::{Action, ids::RegionId};
use simulator::{Config, Simulator};

use super::{
    AccessKey, Backoff, Client, ClientSettings, ConcurrencyLimit, CredentialsSource, Endpoints, Method,
    transport::Transport,
};

/// A client and the cloud behind it.
struct Cloud {
    upstream: Arc<Client>,
    simulator: Simulator,
}

const CONCURRENCY: ConcurrencyLimit = ConcurrencyLimit { at_once: 64, waiting: 1024 };

impl Cloud {
    /// With the settings' defaults, which are what the tests are about.
    fn with(scenarios: &[&str]) -> Self {
        Self::limited(scenarios, CONCURRENCY)
    }

    fn limited(scenarios: &[&str], concurrency: ConcurrencyLimit) -> Self {
        let config = Config { scenarios: parsed(scenarios), ..Config::default() };
        let credentials = CredentialsSource::Fixed(AccessKey {
            access_key_id: config.access_key_id.as_str().into(),
            access_key_secret: config.access_key_secret.as_str().into(),
            security_token: None,
        });
        Self::new(config, credentials, concurrency)
    }

    fn new(config: Config, credentials: CredentialsSource, concurrency: ConcurrencyLimit) -> Self {
        let simulator = Simulator::new(config);
        let settings = ClientSettings {
            endpoints: Endpoints::both_at(&"http://127.0.0.1:1".parse().unwrap()),
            cloud_desktop_version: "2017-03-01".to_owned(),
            vpc_version: "2016-04-28".to_owned(),
            write_method: Method::Post,
            attempt_deadline: Duration::from_secs(10),
            read_deadline: Duration::from_secs(20),
            backoff: Backoff::default(),
            concurrency,
            cache_bytes: 16 << 20,
        };
        let upstream = Client::over(Transport::Simulated(simulator.clone()), settings, credentials, Arc::new(()));
        Self { upstream: Arc::new(upstream), simulator }
    }

    fn set(&self, scenarios: &[&str]) {
        self.simulator.set_scenarios(parsed(scenarios));
    }

    /// How often the upstream was asked for this action.
    fn calls<A: Action>(&self) -> u64 {
        self.simulator.state().calls.get(A::NAME).copied().unwrap_or_default()
    }
}

fn parsed(scenarios: &[&str]) -> Vec<simulator::Scenario> {
    scenarios.iter().map(|name| name.parse().unwrap()).collect()
}

fn hangzhou() -> RegionId {
    "cn-hangzhou".parse().unwrap()
}
