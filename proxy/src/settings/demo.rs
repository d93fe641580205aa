//! Settings of the demo: those of the proxy without the cloud, and those of the simulator in its place.

use std::net::SocketAddr;

use clap::Args;
use simulator::{Scenario, Shape};

use super::{
    CallArgs, Calls, GateArgs, ListenArgs, LogArgs, Mistakes, OrderArgs, PageArgs, PriceArgs, Settings, StockArgs,
    listen::take_address,
};
use crate::{
    prices,
    upstream::{Endpoints, Template},
};

/// Flags of `deskbuy demo`.
#[derive(Debug, Args)]
#[command(after_help = format!("Scenarios:\n{}", Scenario::table()))]
#[expect(missing_docs, reason = "a comment here would become the heading of the help; each group explains itself")]
pub struct DemoArgs {
    #[command(flatten)]
    pub simulator: SimulatorArgs,
    #[command(flatten)]
    pub listen: ListenArgs,
    #[command(flatten)]
    pub gate: GateArgs,
    #[command(flatten)]
    pub page: PageArgs,
    #[command(flatten)]
    pub calls: CallArgs,
    #[command(flatten)]
    pub orders: OrderArgs,
    #[command(flatten)]
    pub stock: StockArgs,
    #[command(flatten)]
    pub prices: PriceArgs,
    #[command(flatten)]
    pub log: LogArgs,
}

/// Flags of the simulator.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Simulator")]
pub struct SimulatorArgs {
    /// Address of the simulated cloud; any client may call it, with the access key demo-id / demo-secret
    #[arg(long, env = "DESKBUY_SIMULATOR_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:9091")]
    simulator_listen: String,
    /// A fault to simulate; may be given more than once
    #[arg(long = "scenario", env = "DESKBUY_SCENARIO", value_name = "NAME", value_delimiter = ',')]
    scenarios: Vec<String>,
    /// Least number of users in the directory
    #[arg(long, env = "DESKBUY_USERS", value_name = "NUMBER", default_value = "0")]
    users: usize,
    /// Least number of custom images in each region
    #[arg(long, env = "DESKBUY_IMAGES", value_name = "NUMBER", default_value = "0")]
    images: usize,
    /// How lists nest in the answers: wrapped, flat or mixed
    #[arg(long, env = "DESKBUY_SHAPE", value_name = "SHAPE", default_value = "wrapped")]
    shape: String,
    /// Decides all that is random in the simulator
    #[arg(long, env = "DESKBUY_SEED", value_name = "NUMBER", default_value = "1")]
    seed: u64,
}

/// How to run the simulator.
#[derive(Clone, Debug)]
pub struct SimulatorSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What it starts with.
    pub config: simulator::Config,
}

impl DemoArgs {
    /// The settings of the simulator, or all that is wrong with the settings, those of the proxy included.
    pub fn settle(&self) -> Result<SimulatorSettings, Mistakes> {
        let mut mistakes = Mistakes::default();
        let simulator = self.simulator.settle(&mut mistakes);
        let nowhere = Endpoints::both_at(&Template::vpc());
        let proxy = self.settle_proxy(nowhere, "sqlite::memory:", &mut mistakes);
        match (simulator, proxy) {
            (Some(simulator), Some(_)) if mistakes.is_empty() => Ok(simulator),
            _ => Err(mistakes),
        }
    }

    /// The settings of the proxy in front of a simulator that listens at `endpoint`.
    pub fn settle_with(&self, endpoint: &Template, database_url: &str) -> Result<Settings, Mistakes> {
        let mut mistakes = Mistakes::default();
        let settings = self.settle_proxy(Endpoints::both_at(endpoint), database_url, &mut mistakes);
        settings.filter(|_| mistakes.is_empty()).ok_or(mistakes)
    }

    fn settle_proxy(&self, endpoints: Endpoints, database_url: &str, mistakes: &mut Mistakes) -> Option<Settings> {
        let listen = self.listen.settle(mistakes);
        let gate = self.gate.settle(mistakes);
        let calls = self.calls.settle(mistakes);
        let orders = self.orders.settle(database_url, mistakes);
        let stock = self.stock.settle(mistakes);
        let prices = self.prices.settle(prices::example(), calls.as_ref().map(Calls::regions), mistakes);
        let (calls, orders) = (calls?, orders?);
        orders.outlast(calls.attempt_deadline, mistakes);
        let (wire, regions) = calls.with(endpoints);
        let page = self.page.page.clone();
        Some(Settings {
            listen: listen?,
            sign_in: None,
            gate: gate?,
            page,
            wire,
            regions,
            orders,
            stock: stock?,
            prices: prices?,
            demo: true,
        })
    }
}

impl SimulatorArgs {
    fn settle(&self, mistakes: &mut Mistakes) -> Option<SimulatorSettings> {
        let listen = take_address(mistakes, "simulator-listen", &self.simulator_listen);
        let mut scenarios = Vec::new();
        for name in self.scenarios.iter().filter(|name| !name.is_empty()) {
            scenarios.extend(mistakes.take("scenario", name.parse::<Scenario>()));
        }
        let shape = mistakes.take("shape", self.shape.parse::<Shape>());
        let config = simulator::Config {
            scenarios,
            seed: self.seed,
            shape: shape?,
            users: self.users,
            images: self.images,
            ..simulator::Config::default()
        };
        Some(SimulatorSettings { listen: listen?, config })
    }
}
