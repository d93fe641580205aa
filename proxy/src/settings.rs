//! Settings: flags, each with its environment variable, and what they become once they are found to be sound. Every
//! mistake is told at once. Credentials are no setting; see [`crate::upstream::CredentialsSource`].

mod calls;
#[cfg(feature = "demo")]
mod demo;
mod endpoints;
mod gate;
mod listen;
mod log;
mod operator;
mod orders;
mod prices;
mod probe;
mod signin;
mod stock;

#[cfg(test)]
mod tests;

use std::{fmt, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};
use jiff::SignedDuration;
use shared::{ids::RegionId, prices::PriceBook};

pub use calls::CallArgs;
use calls::Calls;
#[cfg(feature = "demo")]
pub use demo::{DemoArgs, SimulatorArgs, SimulatorSettings};
pub use endpoints::EndpointArgs;
pub use gate::{GateArgs, GateSettings};
pub use listen::{Listen, ListenArgs};
pub use log::{Log, LogArgs, LogFormat};
pub use operator::{OperatorArgs, OperatorCommand, ResolveArgs};
pub use orders::{OrderArgs, OrderSettings};
pub use prices::PriceArgs;
pub use probe::{ProbeArgs, ProbeSettings};
pub use signin::SignInArgs;
pub use stock::StockArgs;

use crate::{
    signin::SignInSettings,
    stock::StockSettings,
    upstream::{CredentialsError, CredentialsSource, Wire},
};

/// Deskbuy: the purchase page for Alibaba Cloud's cloud desktops, with the signing proxy behind it.
#[derive(Debug, Parser)]
#[command(name = "deskbuy", version, max_term_width = 100)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the page and buy for real.
    ///
    /// The access key is found where Alibaba Cloud's tools find it: `ALIBABA_CLOUD_ACCESS_KEY_ID`,
    /// `ALIBABA_CLOUD_ACCESS_KEY_SECRET` and, with temporary keys, `ALIBABA_CLOUD_SECURITY_TOKEN`; an OIDC role;
    /// `~/.aliyun/config.json`; `~/.alibabacloud/credentials`; the role of the ECS instance;
    /// `ALIBABA_CLOUD_CREDENTIALS_URI`. There is no flag for it, since flags can be read by others.
    Serve(Box<ServeArgs>),
    /// Serve the page against an embedded simulator: nothing is bought and nothing leaves this machine.
    #[cfg(feature = "demo")]
    Demo(Box<DemoArgs>),
    /// Call each read once with the real credentials, and print the shapes of the answers without any value.
    ///
    /// Settings and credentials are those of `serve`. Nothing is written anywhere. The exit code says whether every answer
    /// could be had and read.
    Probe(Box<ProbeArgs>),
    /// List the orders that a person has to look at, or settle one of them.
    Orders(Box<OperatorArgs>),
}

/// Flags of `deskbuy serve`.
#[derive(Debug, Args)]
#[expect(missing_docs, reason = "a comment here would become the heading of the help; each group explains itself")]
pub struct ServeArgs {
    #[command(flatten)]
    pub listen: ListenArgs,
    #[command(flatten)]
    pub sign_in: SignInArgs,
    #[command(flatten)]
    pub gate: GateArgs,
    #[command(flatten)]
    pub page: PageArgs,
    #[command(flatten)]
    pub endpoints: EndpointArgs,
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

/// Where the page is.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Page")]
pub struct PageArgs {
    /// Folder with the built page, as Trunk leaves it
    #[arg(long, env = "DESKBUY_PAGE", value_name = "FOLDER", default_value = "dist")]
    pub page: PathBuf,
}

/// Settings that were found to be sound.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Addresses to listen on.
    pub listen: Listen,
    /// How people sign in, if they have to.
    pub sign_in: Option<SignInSettings>,
    /// Who is let through, and how often.
    pub gate: GateSettings,
    /// Folder of the page.
    pub page: PathBuf,
    /// How to call the cloud.
    pub wire: Wire,
    /// The regions that are served; the first one answers where it does not matter. Never empty.
    pub regions: Vec<RegionId>,
    /// How orders are kept and driven.
    pub orders: OrderSettings,
    /// How stock is asked for.
    pub stock: StockSettings,
    /// What the operator says that things cost.
    pub prices: PriceBook,
    /// Whether the upstream is a simulator, so that the page says so.
    pub demo: bool,
}

/// The default of `--database-url` of `deskbuy serve`.
const DATABASE_URL: &str = "sqlite://deskbuy.sqlite";

impl ServeArgs {
    /// The settings and the credentials to serve with, or all that is wrong with them.
    pub fn settle(
        &self,
        credentials: Result<CredentialsSource, CredentialsError>,
    ) -> Result<(Settings, CredentialsSource), Mistakes> {
        let mut mistakes = Mistakes::default();
        let listen = self.listen.settle(&mut mistakes);
        let gate = self.gate.settle(&mut mistakes);
        let sign_in = self.sign_in.settle(self.orders.is_shared(), &mut mistakes);
        if let Some(None) = sign_in {
            self.gate.must_hold_for_somebody(&mut mistakes);
        }
        if let (Some(listen), Some(sign_in), Some(gate)) = (&listen, &sign_in, &gate) {
            listen.must_be_guarded(sign_in.as_ref(), gate, &mut mistakes);
        }
        let endpoints = self.endpoints.settle(&mut mistakes);
        self.endpoints.stations(&mut mistakes);
        let calls = self.calls.settle(&mut mistakes);
        let orders = self.orders.settle(DATABASE_URL, &mut mistakes);
        if let (
            Some(Some(SignInSettings { owner_claim: Some(_), .. })),
            Some(OrderSettings { owner_id: Some(_), .. }),
        ) = (&sign_in, &orders)
        {
            let _: Option<()> =
                mistakes.take("owner-id", Err("is one, and --owner-claim (DESKBUY_OWNER_CLAIM) another"));
        }
        if let (Some(calls), Some(orders)) = (&calls, &orders) {
            orders.outlast(calls.attempt_deadline, &mut mistakes);
        }
        let stock = self.stock.settle(&mut mistakes);
        let regions = calls.as_ref().map(Calls::regions);
        let prices = self.prices.settle(PriceBook::default(), regions, &mut mistakes);
        let credentials = credentials.map_err(|error| mistakes.add(error.to_string())).ok();
        let settled = || {
            let (wire, regions) = calls?.with(endpoints?);
            let (listen, sign_in, gate, page) = (listen?, sign_in?, gate?, self.page.page.clone());
            let (orders, stock, prices) = (orders?, stock?, prices?);
            let demo = false;
            Some((Settings { listen, sign_in, gate, page, wire, regions, orders, stock, prices, demo }, credentials?))
        };
        settled().filter(|_| mistakes.is_empty()).ok_or(mistakes)
    }
}

/// What is wrong with the settings, all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes(Vec<String>);

impl Mistakes {
    fn add(&mut self, mistake: impl Into<String>) {
        self.0.push(mistake.into());
    }

    /// The value, or a note of what is wrong with the setting of this flag.
    fn take<T>(&mut self, flag: &str, value: Result<T, impl fmt::Display>) -> Option<T> {
        value.map_err(|error| self.add(format!("--{flag} (DESKBUY_{}) {error}", variable(flag)))).ok()
    }

    /// A length of time such as `30s`, `10m` or `1h 30m`.
    fn take_duration(&mut self, flag: &str, text: &str) -> Option<Duration> {
        let duration = text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
        let duration = duration.filter(|duration| !duration.is_zero());
        self.take(flag, duration.ok_or("is not a length of time such as 30s or 10m"))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn count(&self) -> usize {
        self.0.len()
    }
}

fn variable(flag: &str) -> String {
    flag.replace('-', "_").to_uppercase()
}

impl fmt::Display for Mistakes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the settings do not allow a start:")?;
        self.0.iter().try_for_each(|mistake| write!(out, "\n  - {mistake}"))
    }
}

impl std::error::Error for Mistakes {}
