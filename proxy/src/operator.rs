//! The operator's commands: `deskbuy orders` lists the orders that need a person and settles one, `deskbuy sessions` ends
//! sessions. They work beside running proxies, on the same database.

use std::{fmt::Write, time::Duration};

use jiff::Timestamp;
use orders::{Filter, Journal, JournalError, Opening, ResolveError, account_of};
use shared::order::{Order, OrderState};

use crate::settings::{ConfigErrors, MigrateArgs, OperatorArgs, OperatorCommand, SessionsArgs, SessionsCommand};

/// The command cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The settings are wrong.
    #[error(transparent)]
    ConfigErrors(#[from] ConfigErrors),
    /// The journal cannot be opened or read.
    #[error("the journal (--database-url, DESKBUY_DATABASE_URL): {0}")]
    Journal(#[from] JournalError),
    /// The order cannot be settled.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
}

/// Rows that are shown. More than this need another tool than a terminal.
const ROWS: u32 = 1_000;

/// Carries the command out: what to print.
pub async fn run(args: &OperatorArgs) -> Result<String, OperatorError> {
    // This command drives no order, so it holds no lease.
    let journal = Journal::open_as(&args.database_url()?, Duration::ZERO, Opening::Existing, None).await?;
    match &args.command {
        None => list(&journal).await,
        Some(OperatorCommand::Resolve(resolve)) => {
            let order = journal.resolve(&resolve.token, resolve.finding(), &resolve.note).await?;
            tracing::info!(target: "audit", by = operator(), token = order.token.as_str(), state = order.state.as_str(),
                note = resolve.note, "the order is settled by hand");
            Ok(format!("{} is {}\n", order.token, order.state.as_str()))
        }
    }
}

/// Carries out `deskbuy sessions`: what to print.
pub async fn end_sessions(args: &SessionsArgs) -> Result<String, OperatorError> {
    let journal = Journal::open_as(&args.database_url()?, Duration::ZERO, Opening::Existing, None).await?;
    let SessionsCommand::End { name } = &args.command;
    journal.end_sessions_of(name).await?;
    tracing::info!(target: "audit", by = operator(), person = name, "the sessions of a person are ended");
    Ok(format!("The sessions of {name} have ended. Proxies on this journal learn of it within seconds.\n"))
}

/// Carries out `deskbuy migrate`: what to print.
pub async fn migrate(args: &MigrateArgs) -> Result<String, OperatorError> {
    let journal = Journal::open(&args.database_url()?, Duration::ZERO).await?;
    tracing::info!(target: "audit", by = operator(), database = journal.place(), "the schema is up to date");
    Ok(format!("The schema of {} is up to date.\n", journal.place()))
}

/// Who runs the command, for audit lines: the user of the system, and through sudo also who became that user.
fn operator() -> String {
    let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
    let name = variable("USER").or_else(|| variable("LOGNAME"));
    #[cfg(unix)]
    let name = name.or_else(|| {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata("/proc/self").ok().map(|own| format!("uid {}", own.uid()))
    });
    let name = name.unwrap_or_else(|| "unknown".to_owned());
    variable("SUDO_USER").map_or_else(|| name.clone(), |from| format!("{from} as {name}")).chars().take(100).collect()
}

async fn list(journal: &Journal) -> Result<String, OperatorError> {
    let filter = Filter { states: vec![OrderState::Unresolved], limit: ROWS, ..Filter::default() };
    let orders = journal.list(&filter).await?.rows;
    let writes = journal.unknown_user_writes(ROWS).await?;
    if orders.is_empty() && writes.is_empty() {
        return Ok(format!("No order needs a person.\nRead from {}\n", journal.place()));
    }
    let mut text = String::new();
    for order in &orders {
        describe(&mut text, order);
    }
    for write in &writes {
        let user = write.request.get("UserName").and_then(|name| name.as_str()).unwrap_or_default();
        // Writing into a text does not fail.
        let _ = writeln!(
            text,
            "{} of user {user:?} in {}, sent {}: look whether the user has the address that was asked for",
            write.action,
            write.region,
            time(write.created_at)
        );
    }
    if !orders.is_empty() {
        text.push_str(
            "\nLook each order up in the console by its time and user, then: deskbuy orders resolve TOKEN --placed \
             [--order-id ID] [--desktop-id ID] --note TEXT, or --rejected --note TEXT\n",
        );
    }
    // Writing into a text does not fail.
    let _ = writeln!(text, "Read from {}", journal.place());
    Ok(text)
}

fn describe(text: &mut String, order: &Order) {
    let parameter = |name: &str| order.request.get(name).and_then(|value| value.as_str());
    let about: Vec<_> = ["UserName", "TypeItemId", "ZoneId", "DesktopId"]
        .into_iter()
        .filter_map(|name| parameter(name).map(|value| format!("{name} {value}")))
        .collect();
    // Of whichever account: an operator sees all.
    let account = account_of(order).map_or_else(|| "the key's own account".to_owned(), |id| format!("account {id}"));
    let _ = writeln!(text, "{}  {} in {} for {account}", order.token, order.action, order.region);
    let _ = writeln!(text, "    {}", about.join(", "));
    let _ = writeln!(
        text,
        "    accepted {}, given up {}, sent {} times, last RequestId {}",
        time(order.created_at),
        time(order.updated_at),
        order.attempts,
        order.upstream_request_id.as_deref().unwrap_or("-")
    );
}

fn time(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds)
        .map_or_else(|_| milliseconds.to_string(), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}
