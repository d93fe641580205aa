//! Settings of the demo: those of the proxy without the cloud, and those of the simulator in its place.

use std::net::{Ipv4Addr, SocketAddr};

use clap::Args;
use cloud::{Endpoints, Template};
use simulator::{Scenario, Shape};

use super::{
    CallArgs, Calls, ConfigErrors, GuardArgs, LimitArgs, Listen, ListenArgs, LogArgs, OrderArgs, OrderFieldArgs,
    PageArgs, PriceArgs, Settings, StockArgs,
    checked::{Checked, address, checked, from_str, optional},
    orders_args::must_outlast,
};
use crate::{notifications::NotificationSettings, prices};

/// Flags of `deskbuy demo`.
#[derive(Debug, Args)]
#[command(after_help = format!("Scenarios:\n{}", Scenario::table()))]
#[expect(missing_docs, reason = "a comment here would become the heading of the help; each group explains itself")]
pub struct DemoArgs {
    #[command(flatten)]
    pub simulator: SimulatorArgs,
    #[command(flatten)]
    pub listen: ListenArgs,
    /// Address of a second page, where people sign in, without a password, and every order waits for an approver; loopback
    /// only. Port 0 takes any free one
    #[arg(long, env = "DESKBUY_APPROVAL_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:0", value_parser = checked(loopback), help_heading = "Listening")]
    approval_listen: Checked<SocketAddr>,
    #[command(flatten)]
    pub guard: GuardArgs,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub page: PageArgs,
    #[command(flatten)]
    pub calls: CallArgs,
    #[command(flatten)]
    pub orders: OrderArgs,
    #[command(flatten)]
    pub order_fields: OrderFieldArgs,
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
    #[arg(long, env = "DESKBUY_SIMULATOR_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:9091", value_parser = checked(address))]
    simulator_listen: Checked<SocketAddr>,
    /// Fault to simulate; may be given more than once
    #[arg(long = "scenario", env = "DESKBUY_SCENARIO", value_name = "NAME", value_delimiter = ',', value_parser = optional(from_str::<Scenario>))]
    scenarios: Vec<Checked<Option<Scenario>>>,
    /// Least number of users in the directory
    #[arg(long, env = "DESKBUY_USERS", value_name = "NUMBER", default_value = "0")]
    users: usize,
    /// Least number of custom images in each region
    #[arg(long, env = "DESKBUY_IMAGES", value_name = "NUMBER", default_value = "0")]
    images: usize,
    /// How lists are nested in answers: wrapped, flat or mixed
    #[arg(long, env = "DESKBUY_SHAPE", value_name = "SHAPE", default_value = "wrapped", value_parser = checked(from_str::<Shape>))]
    shape: Checked<Shape>,
    /// Seed of everything random in the simulator
    #[arg(long, env = "DESKBUY_SEED", value_name = "NUMBER", default_value = "1")]
    seed: u64,
}

/// The validated settings of the simulator.
#[derive(Clone, Debug)]
pub struct SimulatorSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its initial configuration.
    pub config: simulator::Config,
}

impl DemoArgs {
    /// The validated settings of the simulator, or all config errors, those of the proxy included.
    pub fn validate(&self) -> Result<SimulatorSettings, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let simulator = self.simulator.validate(&mut errors);
        let _: Option<SocketAddr> = errors.value("approval-listen", &self.approval_listen);
        let nowhere = Endpoints::both_at(&Template::vpc());
        let proxy = self.validate_proxy(nowhere, "sqlite::memory:", &mut errors);
        match (simulator, proxy) {
            (Some(simulator), Some(_)) if errors.is_empty() => Ok(simulator),
            _ => Err(errors),
        }
    }

    /// The validated settings of the proxy in front of a simulator that listens at `endpoint`.
    pub fn validate_with(&self, endpoint: &Template, database_url: &str) -> Result<Settings, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let settings = self.validate_proxy(Endpoints::both_at(endpoint), database_url, &mut errors);
        settings.filter(|_| errors.is_empty()).ok_or(errors)
    }

    /// Where the page with sign-in listens.
    pub fn validate_approval(&self) -> Result<Listen, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let page = errors.value("approval-listen", &self.approval_listen);
        let listen = self.listen.validate(&mut errors);
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        page.zip(listen).map(|(page, listen)| Listen { page, admin: any, ..listen }).ok_or(errors)
    }

    fn validate_proxy(&self, endpoints: Endpoints, database_url: &str, errors: &mut ConfigErrors) -> Option<Settings> {
        let listen = self.listen.validate(errors);
        let mut guard = self.guard.validate(errors);
        let calls = self.calls.validate(errors);
        let orders = self.orders.validate(database_url, errors);
        let stock = self.stock.validate(errors);
        let prices = self.prices.validate(prices::example(), calls.as_ref().map(Calls::regions), errors);
        if let (Some(guard), Some(prices)) = (&mut guard, &prices) {
            self.limits.validate(&mut guard.limits, prices, false, errors);
        }
        let fields = self.order_fields.validate(errors);
        if let (Some(guard), Some(fields)) = (&mut guard, fields) {
            guard.limits.fields = fields;
        }
        let (calls, orders) = (calls?, orders?);
        must_outlast(&orders, calls.attempt_deadline, errors);
        let (client, regions) = calls.with(endpoints);
        let page = self.page.source();
        Some(Settings {
            listen: listen?,
            sign_in: None,
            guard: guard?,
            page,
            client,
            regions,
            orders,
            stock: stock?,
            prices: prices?,
            notifications: NotificationSettings::default(),
            demo: true,
        })
    }
}

impl SimulatorArgs {
    fn validate(&self, errors: &mut ConfigErrors) -> Option<SimulatorSettings> {
        let listen = errors.value("simulator-listen", &self.simulator_listen);
        let scenarios = errors.values("scenario", &self.scenarios);
        let shape = errors.value("shape", &self.shape);
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

/// Parses a loopback address: every client that reaches that page can sign in as either person.
fn loopback(text: &str) -> Result<SocketAddr, &'static str> {
    Some(address(text)?)
        .filter(|address| address.ip().is_loopback())
        .ok_or("is not a loopback address such as 127.0.0.1:8082")
}
