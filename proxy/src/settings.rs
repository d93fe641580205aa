//! Settings: command-line flags, each with an environment variable and a name in the configuration file, and the validated
//! settings made from them. All errors are reported at once. Credentials are no settings; see [`cloud::CredentialsSource`].

mod about_args;
pub(crate) mod addresses;
mod approval_args;
mod calls_args;
mod checked;
mod config_errors;
#[cfg(feature = "demo")]
mod demo_args;
mod effective;
mod endpoints_args;
mod environment;
mod file;
mod guard_args;
mod health_args;
mod limits_args;
mod listen_args;
mod log_args;
mod notifications_args;
mod operator_args;
mod order_fields_args;
mod orders_args;
mod prices_args;
mod probe_args;
mod signin_args;
mod stock_args;
mod suggestion;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use cloud::{AccessKey, ClientSettings, CredentialsError, CredentialsSource, StockSettings};
use orders::OrderSettings;
use shared::{ids::RegionId, prices::PriceBook};

pub use about_args::{CompletionsArgs, VersionArgs};
pub use approval_args::ApprovalArgs;
pub use calls_args::CallArgs;
use calls_args::Calls;
pub use config_errors::ConfigErrors;
#[cfg(feature = "demo")]
pub use demo_args::{DemoArgs, SimulatorArgs, SimulatorSettings};
pub use endpoints_args::EndpointArgs;
pub use guard_args::GuardArgs;
pub use health_args::HealthArgs;
pub use limits_args::LimitArgs;
pub use listen_args::{Listen, ListenArgs};
pub use log_args::{Log, LogArgs, LogFormat};
pub use notifications_args::NotificationArgs;
pub use operator_args::{
    BackupArgs, MigrateArgs, NotificationsArgs, NotificationsCommand, OperatorArgs, OperatorCommand, ResolveArgs,
    SessionsArgs, SessionsCommand, ShowArgs, WhichNotifications,
};
pub use order_fields_args::OrderFieldArgs;
pub use orders_args::OrderArgs;
pub use prices_args::PriceArgs;
pub use probe_args::{ProbeArgs, ProbeSettings};
pub use signin_args::SignInArgs;
pub use stock_args::StockArgs;

use crate::{
    http::{GuardSettings, PageSource},
    notifications::NotificationSettings,
    signin::SignInSettings,
};
/// Deskbuy: the purchase page for Alibaba Cloud's cloud desktops, with the signing proxy behind it.
#[derive(Debug, Parser)]
#[command(name = "deskbuy", version, max_term_width = 100)]
pub struct CommandLine {
    /// File with settings, TOML by the names of the flags (deploy/deskbuy.toml). Flags and variables come before it
    #[arg(long, env = "DESKBUY_CONFIG", value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
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
    /// `~/.aliyun/config.json`, or the file that `ALIBABA_CLOUD_CONFIG_FILE` names; `~/.alibabacloud/credentials`; the role
    /// of the ECS instance; `ALIBABA_CLOUD_CREDENTIALS_URI`. A place that has only a part of a key, or one that cannot be
    /// used, ends the start. There is no flag for it, since flags can be read by others.
    Serve(Box<ServeArgs>),
    /// Serve the page against an embedded simulator: nothing is bought and nothing leaves this machine.
    #[cfg(feature = "demo")]
    Demo(Box<DemoArgs>),
    /// Call each read once with the real credentials, and print the shapes of the answers without any value.
    ///
    /// Settings and credentials are those of `serve`. Nothing is written anywhere. The exit code says whether every answer
    /// could be had and read.
    Probe(Box<ProbeArgs>),
    /// List the orders that a person has to look at, show one, or settle one.
    Orders(Box<OperatorArgs>),
    /// List the notifications that are given up, and try them again or discard them.
    Notifications(Box<NotificationsArgs>),
    /// Do everything that a start does except listen and change the database, and print the effective settings.
    ///
    /// The exit code says whether a start would succeed.
    Check(Box<CheckArgs>),
    /// Create the database of the orders if it is not there, and bring its schema up to date.
    Migrate(MigrateArgs),
    /// End the sessions of people who are signed in.
    Sessions(Box<SessionsArgs>),
    /// Write a copy of the orders (SQLite) into a new file, while proxies run.
    ///
    /// To restore it, stop all proxies and put it in the place of the database, without the files that end in -wal and
    /// -shm. The next start recognises it, and puts unfinished orders in doubt.
    Backup(BackupArgs),
    /// Ask a running proxy whether it is ready; the exit code is 0 if it is.
    Health(HealthArgs),
    /// Print the version, and with --json what else tells builds apart.
    Version(VersionArgs),
    /// Print completions for a shell: `deskbuy completions bash > /etc/bash_completion.d/deskbuy`.
    Completions(CompletionsArgs),
    /// Print the manual page (roff): `deskbuy man | man -l -`.
    Man,
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
    pub guard: GuardArgs,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub approval: ApprovalArgs,
    #[command(flatten)]
    pub page: PageArgs,
    #[command(flatten)]
    pub endpoints: EndpointArgs,
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
    pub notifications: NotificationArgs,
    #[command(flatten)]
    pub log: LogArgs,
}

/// Flags of `deskbuy check`.
#[derive(Debug, Args)]
#[expect(missing_docs, reason = "a comment here would become the heading of the help; each group explains itself")]
pub struct CheckArgs {
    /// Print the effective settings and where each comes from, and ask nothing of anybody
    #[arg(long)]
    pub print: bool,
    #[command(flatten)]
    pub serve: ServeArgs,
}

/// Where the page is.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Page")]
pub struct PageArgs {
    /// Folder with the built page, as Trunk leaves it [default: the page in the program, or dist where it was built without]
    #[arg(long, env = "DESKBUY_PAGE", value_name = "FOLDER")]
    page: Option<PathBuf>,
}

impl PageArgs {
    fn source(&self) -> PageSource {
        PageSource::of(self.page.as_deref())
    }
}

/// Validated settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Addresses to listen on.
    pub listen: Listen,
    /// Sign-in, if it is on.
    pub sign_in: Option<SignInSettings>,
    /// The guard: hosts, origins and limits.
    pub guard: GuardSettings,
    /// Where the page is.
    pub page: PageSource,
    /// The client of the cloud.
    pub client: ClientSettings,
    /// The served regions. Never empty; the first one is used for calls that are the same in all regions.
    pub regions: Vec<RegionId>,
    /// The orders.
    pub orders: OrderSettings,
    /// The stock tables.
    pub stock: StockSettings,
    /// The operator's price book.
    pub prices: PriceBook,
    /// Who is told of what happens.
    pub notifications: NotificationSettings,
    /// Whether the upstream is a simulator. The page then says so.
    pub demo: bool,
}

/// The default of `--database-url` of `deskbuy serve`.
const DATABASE_URL: &str = "sqlite://deskbuy.sqlite";

impl ServeArgs {
    /// Whether the settings are valid, whatever the credentials.
    pub fn validate_alone(&self) -> Result<(), ConfigErrors> {
        let nobody = AccessKey { access_key_id: "".into(), access_key_secret: "".into(), security_token: None };
        self.validate(Ok(CredentialsSource::Fixed(nobody))).map(|_| ())
    }

    /// The validated settings with the credentials, or all config errors.
    pub fn validate(
        &self,
        credentials: Result<CredentialsSource, CredentialsError>,
    ) -> Result<(Settings, CredentialsSource), ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let listen = self.listen.validate(&mut errors);
        let mut guard = self.guard.validate(&mut errors);
        let mut sign_in = self.sign_in.validate(self.orders.is_shared(), &mut errors);
        if let (Some(None), Some(guard)) = (&sign_in, &mut guard) {
            // An operator who names a host has decided who reaches the proxy by it.
            guard.refuses_forwarded = !guard.has_names();
        }
        if let Some(None) = sign_in {
            self.guard.reject_limits_per_person(&mut errors);
        }
        if let (Some(listen), Some(sign_in), Some(guard)) = (&listen, &sign_in, &guard) {
            listen.must_be_guarded(sign_in.as_ref(), guard, &mut errors);
        }
        let endpoints = self.endpoints.validate(&mut errors);
        self.endpoints.stations(&mut errors);
        let calls = self.calls.validate(&mut errors);
        let orders = self.orders.validate(DATABASE_URL, &mut errors);
        if let (
            Some(Some(SignInSettings { owner_claim: Some(_), .. })),
            Some(OrderSettings { owner_id: Some(_), .. }),
        ) = (&sign_in, &orders)
        {
            let _: Option<()> = errors.take("owner-id", Err("is one, and --owner-claim (DESKBUY_OWNER_CLAIM) another"));
        }
        if let (Some(calls), Some(orders)) = (&calls, &orders) {
            orders_args::must_outlast(orders, calls.attempt_deadline, &mut errors);
        }
        let stock = self.stock.validate(&mut errors);
        let regions = calls.as_ref().map(Calls::regions);
        let prices = self.prices.validate(PriceBook::default(), regions, &mut errors);
        if let (Some(guard), Some(prices)) = (&mut guard, &prices) {
            let has_sign_in = !matches!(sign_in, Some(None));
            self.limits.validate(&mut guard.limits, prices, has_sign_in, &mut errors);
        }
        let fields = self.order_fields.validate(&mut errors);
        let has_fields = fields.as_ref().is_none_or(|fields| !fields.is_empty());
        let approval = self.approval.validate(sign_in.as_ref(), prices.as_ref(), has_fields, &mut errors);
        if let (Some(guard), Some(approval)) = (&mut guard, approval) {
            guard.limits.approval = approval;
        }
        if let (Some(guard), Some(fields)) = (&mut guard, fields) {
            if let Some(Some(sign_in)) = &mut sign_in {
                sign_in.kept_claims = fields.iter().filter_map(|rule| rule.default_claim.clone()).collect();
            }
            guard.limits.fields = fields;
        }
        let mut notifications = self.notifications.validate(&mut errors);
        if let (Some(notifications), Some(guard)) = (&mut notifications, &guard) {
            notifications.page.clone_from(&guard.public_url);
        }
        let credentials = credentials.map_err(|error| errors.add(error.to_string())).ok();
        let validated = || {
            let (client, regions) = calls?.with(endpoints?);
            let (listen, sign_in, guard, page) = (listen?, sign_in?, guard?, self.page.source());
            let (orders, stock, prices, notifications) = (orders?, stock?, prices?, notifications?);
            let demo = false;
            let settings =
                Settings { listen, sign_in, guard, page, client, regions, orders, stock, prices, notifications, demo };
            Some((settings, credentials?))
        };
        validated().filter(|_| errors.is_empty()).ok_or(errors)
    }
}
