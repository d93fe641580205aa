//! `deskbuy check`: does what a start does, except listen and change the database, and tells what it found.

use std::{collections::BTreeSet, fmt::Write, time::Duration};

use cloud::{Client, CredentialsSource};
use orders::{Journal, JournalError, Opening};

use crate::{metrics::Metrics, settings::Settings, signin::SignIn};

/// What was found.
#[derive(Clone, Debug)]
pub struct Report {
    /// What to print: a line for each check.
    pub text: String,
    /// Whether a start would succeed.
    pub is_ok: bool,
}

impl Report {
    fn add(&mut self, what: &str, found: Result<String, String>) {
        self.is_ok &= found.is_ok();
        let (mark, text) = match found {
            Ok(text) => ("ok", text),
            Err(text) => ("FAILED", text),
        };
        self.line(mark, what, &text);
    }

    fn line(&mut self, mark: &str, what: &str, text: &str) {
        // Writing into a text does not fail.
        let _ = writeln!(self.text, "{mark:6} {what}: {text}");
    }
}

/// Checks validated settings. Each failure is one line of the report.
pub async fn run(settings: Settings, credentials: CredentialsSource) -> Report {
    let mut report = Report { text: String::new(), is_ok: true };
    // Secrets print nothing of themselves, and the database has its place below.
    report.add("settings", Ok("valid".to_owned()));
    match settings.page.fault() {
        None => report.add("page", Ok(settings.page.to_string().trim_end().to_owned())),
        // The API is served without it, so a start would succeed.
        Some(fault) => report.line("WARN", "page", fault.trim_end()),
    }
    let keys = credentials.current().await;
    report.add("credentials", keys.map(|_| "there".to_owned()).map_err(|error| error.to_string()));
    let client = Client::new(settings.client, credentials, std::sync::Arc::new(Metrics::new()));
    report.add("HTTP client", client.map(|_| "works".to_owned()).map_err(|error| error.to_string()));

    let prices = &settings.prices.prices;
    if !prices.is_empty() {
        let types: BTreeSet<_> = prices.iter().map(|price| &price.type_item_id).collect();
        let currencies: BTreeSet<_> = prices.iter().map(|price| price.currency.to_string()).collect();
        let currencies = currencies.into_iter().collect::<Vec<_>>().join(", ");
        report.add("prices", Ok(format!("{} of {} types, in {currencies}", prices.len(), types.len())));
    }
    let fields: Vec<_> = settings.guard.limits.fields.iter().map(|rule| rule.field.key.as_str()).collect();
    if !fields.is_empty() {
        report.add("order fields", Ok(fields.join(", ")));
    }
    if !settings.notifications.targets.is_empty() {
        // They are not called: a message of a robot is read by people.
        let names: Vec<_> = settings.notifications.targets.iter().map(|target| target.name.as_str()).collect();
        report.add("notifications", Ok(format!("to {}", names.join(", "))));
    }

    let url = &settings.orders.database_url;
    let journal = Journal::open_as(url, Duration::ZERO, Opening::Existing, settings.orders.database_connections).await;
    report.add(
        "database",
        match journal {
            Ok(journal) => match journal.check().await {
                Ok(()) => Ok(format!("{} can be written, and its schema is current", journal.place())),
                Err(error) => Err(format!("{}: {error}", error.cause())),
            },
            Err(JournalError::Missing(place)) => match can_be_made(&place) {
                Ok(()) => Ok(format!("there is no file {place}; a start would make it")),
                Err(error) => Err(format!("there is no file {place}, and it cannot be made: {error}")),
            },
            Err(error @ JournalError::Older(_)) => Ok(error.to_string()),
            Err(JournalError::NotOurs(place)) if url.starts_with("postgres") => {
                Ok(format!("{place} has no schema of deskbuy; a start would make it"))
            }
            Err(error) => Err(format!("{}: {error}", error.cause())),
        },
    );

    if let Some(sign_in) = settings.sign_in {
        let fallback = format!("http://{}", settings.listen.page);
        let public_url = settings.guard.public_url.map_or_else(|| fallback.parse(), Ok);
        let found = match public_url.map_err(Into::into).and_then(|url| SignIn::new(sign_in, &url)) {
            Ok(sign_in) => {
                sign_in.check_provider().await.map(|()| "answers".to_owned()).map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        report.add("provider of sign-in", found);
    }
    report
}

/// Whether a file can be made there, by one beside it that is taken away again.
fn can_be_made(place: &str) -> std::io::Result<()> {
    let beside = format!("{place}.check");
    std::fs::File::create(&beside)?;
    std::fs::remove_file(beside)
}
