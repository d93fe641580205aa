//! Settings of the operator's commands, `deskbuy orders`, `deskbuy notifications` and `deskbuy sessions`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use orders::Finding;
use shared::ids::{ClientToken, DesktopId, OrderId};

use super::{DATABASE_URL, config_errors::ConfigErrors, orders_args::database};

/// Which database a command works on.
#[derive(Debug, Args)]
pub struct DatabaseArgs {
    /// Database of the orders, as for `deskbuy serve`
    #[arg(
        long,
        env = "DESKBUY_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true,
        default_value = DATABASE_URL,
        global = true
    )]
    database_url: String,
}

impl DatabaseArgs {
    /// The database URL, validated.
    pub fn url(&self) -> Result<String, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        errors.take("database-url", database(&self.database_url)).ok_or(errors)
    }
}

/// Flags of `deskbuy orders`.
#[derive(Debug, Args)]
pub struct OperatorArgs {
    /// Where the orders are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// What to do; without it the unresolved orders are listed.
    #[command(subcommand)]
    pub command: Option<OperatorCommand>,
}

/// What an operator can do with orders.
#[derive(Debug, Subcommand)]
pub enum OperatorCommand {
    /// Record the outcome of an unresolved order, after looking it up in the vendor's console.
    Resolve(ResolveArgs),
    /// Print all that is known of an order, every attempt included, and what to look for in the vendor's console.
    Show(ShowArgs),
}

/// Flags of `deskbuy orders show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The order's token, as the list shows it
    #[arg(value_parser = token)]
    pub token: ClientToken,
}

/// Flags of `deskbuy backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// Where the orders are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// The file to write, which must not exist
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Flags of `deskbuy orders resolve`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("finding").required(true).args(["placed", "rejected"])))]
pub struct ResolveArgs {
    /// The order's token, as the list shows it
    #[arg(value_parser = token)]
    pub token: ClientToken,
    /// It was carried out
    #[arg(long)]
    placed: bool,
    /// It was not carried out
    #[arg(long)]
    rejected: bool,
    /// With --placed: the order's number in the console
    #[arg(long, value_name = "ID", conflicts_with = "rejected", value_parser = id::<OrderId>)]
    order_id: Option<OrderId>,
    /// With --placed: the desktop
    #[arg(long, value_name = "ID", conflicts_with = "rejected", value_parser = id::<DesktopId>)]
    desktop_id: Option<DesktopId>,
    /// How the outcome was found; stays in the order's history
    #[arg(long, value_name = "TEXT", value_parser = note)]
    pub note: String,
}

/// Flags of `deskbuy migrate`.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// Where the orders are.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// Flags of `deskbuy notifications`.
#[derive(Debug, Args)]
pub struct NotificationsArgs {
    /// Where the orders are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// What to do; without it those that are given up are listed.
    #[command(subcommand)]
    pub command: Option<NotificationsCommand>,
}

/// What an operator can do with notifications that are given up.
#[derive(Debug, Subcommand)]
pub enum NotificationsCommand {
    /// Let them be tried again, by a proxy that runs.
    Retry(WhichNotifications),
    /// Remove them.
    Discard(WhichNotifications),
}

/// Which notifications.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("which").required(true).args(["id", "all"])))]
pub struct WhichNotifications {
    /// The notification's identifier, as the list shows it
    #[arg(value_parser = name)]
    pub id: Option<String>,
    /// All that are given up
    #[arg(long)]
    pub all: bool,
}

/// Flags of `deskbuy sessions`.
#[derive(Debug, Args)]
pub struct SessionsArgs {
    /// Where the orders are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: SessionsCommand,
}

/// What an operator can do with sessions.
#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// End all sessions of a person, on all proxies within seconds. Who may sign in is the provider's and the rules'
    /// business: the person can sign in again.
    End {
        /// The person, as orders and audit lines name them: the e-mail address, or else the subject
        #[arg(value_parser = name)]
        name: String,
    },
}

impl ResolveArgs {
    /// The operator's finding.
    #[must_use]
    pub fn finding(&self) -> Finding {
        if self.rejected {
            return Finding::Rejected;
        }
        Finding::Placed { order_id: self.order_id.clone(), desktop_id: self.desktop_id.clone() }
    }
}

fn token(text: &str) -> Result<ClientToken, &'static str> {
    text.parse().map_err(|_| "not a token")
}

fn name(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() { Err("needs a name") } else { Ok(text.to_owned()) }
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T, &'static str> {
    text.parse().map_err(|_| "not an identifier")
}

fn note(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 500 { Err("needs 1 to 500 characters") } else { Ok(text.to_owned()) }
}
