//! The operator's commands: `deskbuy orders` lists the orders that need a person and settles one, `deskbuy notifications`
//! lists those that are given up, `deskbuy sessions` ends sessions. They work beside running proxies, on the same database.

use std::{collections::BTreeSet, fmt::Write, time::Duration};

use jiff::Timestamp;
use orders::{Attempt, BackupError, Filter, Journal, JournalError, Opening, ResolveError, account_of};
use shared::{
    ids::ClientToken,
    order::{HistoryEntry, Order, OrderState},
};

use crate::settings::{
    BackupArgs, ConfigErrors, MigrateArgs, NotificationsArgs, NotificationsCommand, OperatorArgs, OperatorCommand,
    SessionsArgs, SessionsCommand, WhichNotifications,
};

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
    /// There is no backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// No such notification is given up.
    #[error("no notification {0} is given up, or its target is not in the settings any more")]
    NoNotification(String),
}

/// Rows that are shown. More than this need another tool than a terminal.
const ROWS: u32 = 1_000;

/// Carries the command out: what to print.
pub async fn run(args: &OperatorArgs) -> Result<String, OperatorError> {
    // This command drives no order, so it holds no lease.
    let journal = Journal::open_as(&args.database.url()?, Duration::ZERO, Opening::Existing, None).await?;
    let told = carry_out(&journal, args.command.as_ref()).await;
    journal.close().await;
    told
}

async fn carry_out(journal: &Journal, command: Option<&OperatorCommand>) -> Result<String, OperatorError> {
    match command {
        None => list(journal).await,
        Some(OperatorCommand::Show(show)) => show_order(journal, &show.token).await,
        Some(OperatorCommand::Resolve(resolve)) => {
            let order = journal.resolve(&resolve.token, resolve.finding(), &resolve.note).await?;
            tracing::info!(target: "audit", by = operator(), token = order.token.as_str(), state = order.state.as_str(),
                note = resolve.note, "the order is settled by hand");
            Ok(format!("{} is {}\n", order.token, order.state.as_str()))
        }
    }
}

/// Carries out `deskbuy notifications`: what to print.
pub async fn notifications(args: &NotificationsArgs) -> Result<String, OperatorError> {
    let journal = Journal::open_as(&args.database.url()?, Duration::ZERO, Opening::Existing, None).await?;
    let told = match &args.command {
        None => list_notifications(&journal).await,
        Some(command) => change_notifications(&journal, command).await,
    };
    journal.close().await;
    told
}

async fn change_notifications(journal: &Journal, command: &NotificationsCommand) -> Result<String, OperatorError> {
    let (NotificationsCommand::Retry(WhichNotifications { id, .. })
    | NotificationsCommand::Discard(WhichNotifications { id, .. })) = command;
    let id = id.as_deref();
    let (number, what) = match command {
        NotificationsCommand::Retry(_) => (journal.retry_notifications(id).await?, "tried again"),
        NotificationsCommand::Discard(_) => (journal.discard_notifications(id).await?, "discarded"),
    };
    match id {
        Some(id) if number == 0 => Err(OperatorError::NoNotification(id.to_owned())),
        _ => {
            tracing::info!(target: "audit", by = operator(), id, number, "notifications are {what} by the operator");
            Ok(format!("Notifications that are {what}: {number}\n"))
        }
    }
}

async fn list_notifications(journal: &Journal) -> Result<String, OperatorError> {
    let counts = journal.notification_counts().await?;
    let mut text = String::new();
    for dead in journal.dead_notifications(ROWS).await? {
        let about = dead.token.map_or_else(String::new, |token| format!(" of order {token}"));
        // Writing into a text does not fail.
        let _ = writeln!(
            text,
            "{}  {}{about} to {}, happened {}, attempts {}: {}",
            dead.id,
            dead.event,
            dead.target,
            time(dead.at),
            dead.attempts,
            dead.fault.as_deref().unwrap_or("-")
        );
    }
    if counts.dead > 0 {
        text.push_str("\nThen: deskbuy notifications retry ID, or --all; deskbuy notifications discard ID, or --all\n");
    } else {
        text.push_str("No notification is given up.\n");
    }
    let _ = writeln!(text, "Given up: {}. Waiting: {}. Read from {}", counts.dead, counts.waiting, journal.place());
    Ok(text)
}

/// Carries out `deskbuy sessions`: what to print.
pub async fn end_sessions(args: &SessionsArgs) -> Result<String, OperatorError> {
    let journal = Journal::open_as(&args.database.url()?, Duration::ZERO, Opening::Existing, None).await?;
    let SessionsCommand::End { name } = &args.command;
    journal.end_sessions_of(name).await?;
    tracing::info!(target: "audit", by = operator(), person = name, "the sessions of a person are ended");
    Ok(format!("The sessions of {name} have ended. Proxies on this journal learn of it within seconds.\n"))
}

/// Carries out `deskbuy migrate`: what to print.
pub async fn migrate(args: &MigrateArgs) -> Result<String, OperatorError> {
    let journal = Journal::open(&args.database.url()?, Duration::ZERO).await?;
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

/// Writes a backup: what to print.
pub async fn backup(args: &BackupArgs) -> Result<String, OperatorError> {
    let journal = Journal::open_as(&args.database.url()?, Duration::ZERO, Opening::Existing, None).await?;
    let made = journal.backup(&args.file).await;
    journal.close().await;
    made?;
    Ok(format!("{} is written. A journal restored from it puts its unfinished orders in doubt.\n", args.file.display()))
}

/// All that is known of an order.
async fn show_order(journal: &Journal, token: &ClientToken) -> Result<String, OperatorError> {
    let order = journal.order(token).await?.ok_or_else(|| ResolveError::NotFound(token.clone()))?;
    let (attempts, history) = (journal.attempts(token).await?, journal.history(token).await?);
    let mut text = String::new();
    describe(&mut text, &order);
    // Writing into a text does not fail.
    let _ = writeln!(
        text,
        "    state {}, OrderId {}, DesktopId {}",
        order.state.as_str(),
        shown(order.order_id.as_deref()),
        shown(order.desktop_id.as_deref())
    );
    text.push_str("\nAttempts:\n");
    for number in 1..=i64::from(order.attempts) {
        match attempts.iter().find(|attempt| attempt.attempt == number) {
            Some(attempt) => describe_attempt(&mut text, attempt),
            None => drop(writeln!(text, "  {number}. nothing is written down of it; it may have been carried out")),
        }
    }
    if order.attempts == 0 {
        text.push_str(match order.state {
            OrderState::AwaitingApproval | OrderState::Accepted | OrderState::Rejected => "  none: it was never sent\n",
            _ => "  none is written down; the journal was restored, and the order may have been sent\n",
        });
    }
    text.push_str("\nHistory:\n");
    for line in &history {
        describe_line(&mut text, line);
    }
    text.push('\n');
    if matches!(order.state, OrderState::Sending | OrderState::Unresolved) {
        text.push_str(&what_to_look_for(&order, &attempts));
    }
    match order.state {
        OrderState::Unresolved => drop(writeln!(
            text,
            "Then: deskbuy orders resolve {} --placed [--order-id ID] [--desktop-id ID] --note TEXT, or --rejected --note TEXT",
            order.token
        )),
        OrderState::Placed | OrderState::Rejected => {
            text.push_str("The order is settled: there is nothing to look for.\n");
        }
        _ => text.push_str("The order is not settled yet, and needs nobody before it is given up.\n"),
    }
    Ok(text)
}

fn describe_attempt(text: &mut String, attempt: &Attempt) {
    let Attempt { attempt, sent_at, answered_at, outcome, code, upstream_request_id, answer } = attempt;
    let answered =
        answered_at.as_ref().map_or_else(|| "never answered".to_owned(), |at| format!("answered {}", time(*at)));
    let _ = writeln!(
        text,
        "  {attempt}. sent {}, {answered}: {}, code {}, RequestId {}\n     {}",
        time(*sent_at),
        outcome.as_deref().unwrap_or("unknown"),
        shown(code.as_deref()),
        shown(upstream_request_id.as_deref()),
        answer.as_deref().unwrap_or("no answer is written down; it may have been carried out")
    );
}

fn describe_line(text: &mut String, line: &HistoryEntry) {
    let code = line.code.map(|code| format!(", {code}")).unwrap_or_default();
    let note = line.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
    let by = line.by.as_deref().map(|by| format!(" by {by}")).unwrap_or_default();
    let (event, state) = (line.event.as_str(), line.state.as_str());
    let _ = writeln!(text, "  {} {event}{by}, then {state}, attempt {}{code}{note}", time(line.at), line.attempt);
}

/// Where a person finds out what became of an order.
fn what_to_look_for(order: &Order, attempts: &[Attempt]) -> String {
    let parameter = |name: &str| order.request.get(name).and_then(|value| value.as_str()).unwrap_or("-");
    let first = attempts.first().map_or(order.created_at, |attempt| attempt.sent_at);
    let last = attempts.last().map_or(order.updated_at, |attempt| attempt.answered_at.unwrap_or(attempt.sent_at));
    let (from, until) = (time(first), time(last.max(order.updated_at)));
    let requests: BTreeSet<_> = attempts.iter().filter_map(|attempt| attempt.upstream_request_id.as_deref()).collect();
    let ids = [("order", &order.order_id), ("desktop", &order.desktop_id)];
    let named: Vec<_> = ids.iter().filter_map(|(what, id)| Some(format!("the {what} {}", id.as_deref()?))).collect();
    let named = match &named[..] {
        [] => String::new(),
        named => format!("{}, which an answer named. Also ", named.join(" and ")),
    };
    let what = match order.action.as_str() {
        "RenewDesktop" => format!(
            "the desktop {}: whether its subscription ends later than before by the months ordered; and under orders, \
             a renewal of that time. If it was renewed: --placed. If not: --rejected, and it may be renewed again",
            parameter("DesktopId")
        ),
        "DeleteDesktop" => format!(
            "the desktop {0}. If it is not there any more, it was released and costs nothing: --placed. If it is still \
             there, it was not released and is billed on: --rejected, and release it again. A second release of {0} can \
             release no other desktop",
            parameter("DesktopId")
        ),
        _ => format!(
            "a desktop of user {} and type {} in zone {}, made in that time; and under orders, one of that time. If there \
             is one that no other order here names (search for it in the page's list): --placed with its ids. If not: \
             --rejected, and it may be bought again",
            parameter("UserName"),
            parameter("TypeItemId"),
            parameter("ZoneId")
        ),
    };
    let requests = if requests.is_empty() {
        "none is known".to_owned()
    } else {
        requests.into_iter().collect::<Vec<_>>().join(", ")
    };
    // A release goes without a token.
    let marked = match order.action.as_str() {
        "DeleteDesktop" => format!("about {}", parameter("DesktopId")),
        _ => format!("with the ClientToken {}", order.token),
    };
    format!(
        "What to look for in the vendor's console, in region {} and between {from} and {until}: {named}{what}.\nIn ActionTrail, \
         events {} {marked} or one of these RequestIds: {requests}.\n",
        order.region, order.action
    )
}

fn shown(text: Option<&str>) -> &str {
    text.unwrap_or("-")
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
            "\nLook each order up in the console (deskbuy orders show TOKEN says what for), then: deskbuy orders resolve TOKEN --placed \
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
        "    accepted {}, {} {}, attempts {}, last RequestId {}",
        time(order.created_at),
        if order.state == OrderState::Unresolved { "given up" } else { "changed" },
        time(order.updated_at),
        order.attempts,
        order.upstream_request_id.as_deref().unwrap_or("-")
    );
}

fn time(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds)
        .map_or_else(|_| milliseconds.to_string(), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}
