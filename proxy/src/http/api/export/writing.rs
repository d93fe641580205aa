//! The task that writes an export. It holds the permits and ends by itself, at the latest at the deadline: the stream of an
//! answer is only asked for more when the client reads.

use std::{future::Future, marker::PhantomData, time::Duration};

use orders::{Filter, JournalError, Listed, OrderFieldRules, Orders};
use shared::{
    csv::{BYTE_ORDER_MARK, write_row},
    language::Language,
};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::{Instant, sleep, sleep_until},
};

use super::Exported;
use crate::http::middleware::person_limits::Held;

/// How often a page is asked for, and the pause between.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);

/// What goes to the client.
pub(super) enum Part {
    /// Rows, as text.
    Rows(String),
    /// There are no more. Without it the file is not whole.
    End,
}

/// An export under way.
pub(super) struct Writing<T> {
    orders: Orders,
    filter: Filter,
    language: Language,
    /// Each has a column, behind the others.
    fields: OrderFieldRules,
    audit: Audit,
    /// Until the task ends.
    _held: (Held, OwnedSemaphorePermit),
    rows: PhantomData<T>,
}

impl<T: Exported> Writing<T> {
    pub(super) fn new(
        orders: Orders,
        filter: Filter,
        language: Language,
        fields: OrderFieldRules,
        by: Option<String>,
        held: (Held, OwnedSemaphorePermit),
    ) -> Self {
        let audit = Audit { by, file: T::NAME, rows: 0, unreadable: 0, outcome: Outcome::Left };
        Self { orders, filter, language, fields, audit, _held: held, rows: PhantomData }
    }

    /// Writes all pages, of which this is the first.
    pub(super) async fn run(
        mut self,
        first: Listed<T>,
        parts: mpsc::Sender<Part>,
        deadline: Instant,
        session_ends: impl Future<Output = ()>,
    ) {
        let gone = parts.closed();
        let end = bounded(self.pages(first, &parts), deadline, session_ends, gone).await;
        match end {
            Ok(place) => {
                self.audit.outcome = Outcome::Complete;
                // The log has it before the client does.
                drop(self);
                place.send(Part::End);
            }
            Err(outcome) => self.audit.outcome = outcome,
        }
    }

    /// Writes pages. Returns the place for the mark of the end.
    async fn pages<'a>(
        &mut self,
        mut page: Listed<T>,
        parts: &'a mpsc::Sender<Part>,
    ) -> Result<mpsc::Permit<'a, Part>, Outcome> {
        let mut text = BYTE_ORDER_MARK.to_owned();
        write_row(&mut text, self.names());
        loop {
            self.write(&mut text, &page);
            parts.send(Part::Rows(std::mem::take(&mut text))).await.map_err(|_| Outcome::Left)?;
            self.audit.rows += page.rows.len();
            self.audit.unreadable += page.skipped.len();
            let Some(position) = page.next else { break };
            self.filter.before = Some(position);
            page = self.page().await.map_err(|error| Outcome::Broken(error.to_string()))?;
        }
        parts.reserve().await.map_err(|_| Outcome::Left)
    }

    /// The next page. A database that fails for a moment breaks nothing.
    async fn page(&self) -> Result<Listed<T>, JournalError> {
        for _ in 1..TRIES {
            match T::page(&self.orders, &self.filter).await {
                Ok(page) => return Ok(page),
                Err(error) => tracing::warn!(%error, "a page of an export cannot be read; trying again"),
            }
            sleep(PAUSE).await;
        }
        T::page(&self.orders, &self.filter).await
    }

    /// The names of the columns. The operator's own are those of the fields; one that is a name already has its key behind it.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = T::COLUMNS.iter().map(|column| column.name(self.language).to_owned()).collect();
        for rule in self.fields.iter() {
            let (label, key) = (rule.field.label.of(self.language), &rule.field.key);
            let is_taken = names.iter().any(|name| name == label);
            names.push(if is_taken { format!("{label} ({key})") } else { label.to_owned() });
        }
        names
    }

    fn write(&self, text: &mut String, page: &Listed<T>) {
        for row in &page.rows {
            let value = |key: &str| row.fields().get(key).cloned().unwrap_or_default();
            let values = self.fields.iter().map(|rule| value(&rule.field.key));
            write_row(text, T::COLUMNS.iter().map(|column| (column.cell)(row)).chain(values));
        }
        for token in &page.skipped {
            let nothing = self.fields.iter().map(|_| "");
            write_row(text, T::COLUMNS.iter().map(|column| column.unread(token, self.language)).chain(nothing));
        }
    }
}

/// The work, or what ends it before.
async fn bounded<R>(
    work: impl Future<Output = Result<R, Outcome>>,
    deadline: Instant,
    session_ends: impl Future<Output = ()>,
    gone: impl Future<Output = ()>,
) -> Result<R, Outcome> {
    tokio::select! {
        end = work => end,
        () = sleep_until(deadline) => Err(Outcome::Broken("it took too long".to_owned())),
        () = session_ends => Err(Outcome::Broken("the session ended".to_owned())),
        () = gone => Err(Outcome::Left),
    }
}

/// How an export ended.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Complete,
    Broken(String),
    /// The client went, or the proxy did.
    Left,
}

/// The line of the audit log about the end, written on drop, and so whichever way it ends.
struct Audit {
    by: Option<String>,
    file: &'static str,
    rows: usize,
    unreadable: usize,
    outcome: Outcome,
}

impl Drop for Audit {
    fn drop(&mut self) {
        let Self { by, file, rows, unreadable, outcome } = self;
        let by = by.as_deref();
        match outcome {
            Outcome::Complete => tracing::info!(target: "audit", by, file, rows, unreadable, "an export is complete"),
            Outcome::Broken(cause) => {
                tracing::warn!(target: "audit", by, file, rows, unreadable, cause, "an export broke");
            }
            Outcome::Left => tracing::info!(target: "audit", by, file, rows, unreadable, "an export was left"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn what_ends_an_export_that_nobody_reads() {
        let broken = |cause: &str| Err(Outcome::Broken(cause.to_owned()));
        let far = Instant::now() + Duration::from_hours(1);
        let nobody_reads = pending::<Result<(), Outcome>>;
        assert_eq!(bounded(nobody_reads(), Instant::now(), pending(), pending()).await, broken("it took too long"));
        assert_eq!(bounded(nobody_reads(), far, ready(()), pending()).await, broken("the session ended"));
        assert_eq!(bounded(nobody_reads(), far, pending(), ready(())).await, Err(Outcome::Left));
        assert_eq!(bounded(ready(Ok(1)), far, pending(), pending()).await, Ok(1));
    }
}
