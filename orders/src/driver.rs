//! The driver: carries each order forward until it is placed, rejected, or a person has to look. Whether one may be sent at
//! all is asked in [`stock`]; what an answer means for an order is in [`verdict`]; how it is written down is in [`recording`].

mod active;
mod recording;
mod stock;
mod verdict;

use std::{sync::Arc, time::Duration};

use cloud::{Answer, Backoff, CallError, Client};
use shared::{
    Action, Code, Outcome, Problem,
    ids::ClientToken,
    order::{Operation, OrderEvent, OrderState},
};
use tokio::{
    sync::broadcast,
    time::{Instant, sleep},
};
use tokio_util::{
    sync::{CancellationToken, WaitForCancellationFuture},
    task::TaskTracker,
};
use tracing::{Instrument, error, info};

use super::{
    fair_queue::{FairQueue, Permit},
    journal::{Answered, AttemptOutcome, Change, Entry, Journal, JournalError},
};
use crate::{failpoint, settings::OrderSettings};
use active::Active;
use verdict::Verdict;

/// Drives the orders of one journal.
#[derive(Debug)]
pub(super) struct Driver {
    journal: Journal,
    upstream: Arc<Client>,
    deadline: Duration,
    backoff: Backoff,
    queue: FairQueue,
    tasks: TaskTracker,
    stopping: CancellationToken,
    changes: broadcast::Sender<ClientToken>,
    active: Active,
}

/// Changes that a slow watcher may be behind; whoever is further behind looks again.
const CHANGES: usize = 1024;

impl Driver {
    pub(super) fn new(
        journal: Journal,
        upstream: Arc<Client>,
        settings: &OrderSettings,
        tasks: TaskTracker,
        stopping: CancellationToken,
    ) -> Self {
        let OrderSettings { deadline, backoff, concurrency, .. } = *settings;
        Self {
            journal,
            upstream,
            deadline,
            backoff,
            queue: FairQueue::new(concurrency),
            tasks,
            stopping,
            changes: broadcast::channel(CHANGES).0,
            active: Active::new(concurrency),
        }
    }

    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The tokens of orders, as they change.
    pub(super) fn changes(&self) -> &broadcast::Sender<ClientToken> {
        &self.changes
    }

    /// How many more orders this process may drive.
    pub(super) fn room(&self) -> usize {
        self.active.room()
    }

    /// How many more of those that are new.
    pub(super) fn room_for_new(&self) -> usize {
        self.active.room_for_new()
    }

    /// Notes whether more orders wait in the journal.
    pub(super) fn more_wait(&self, more: bool) {
        self.active.more_wait(more);
    }

    /// Comes when there is room for orders that wait in the journal.
    pub(super) async fn room_made(&self) {
        self.active.room_made().await;
    }

    /// Comes when the proxy is told to stop.
    pub(super) fn stopping(&self) -> WaitForCancellationFuture<'_> {
        self.stopping.cancelled()
    }

    /// Carries an order forward from where it stands, whatever becomes of the caller. A fault of the journal, or of
    /// ours, costs a pause and no order.
    pub(super) fn take_up(self: &Arc<Self>, token: ClientToken) {
        self.start(token, None);
    }

    /// The same for an order as it has just been written, so that it need not be read once more.
    pub(super) fn drive(self: &Arc<Self>, entry: Entry) {
        self.start(entry.order.token.clone(), Some(entry));
    }

    fn start(self: &Arc<Self>, token: ClientToken, mut entry: Option<Entry>) {
        if !self.active.add(&token) {
            return;
        }
        let driver = Arc::clone(self);
        let work = async move {
            for failures in 1.. {
                // A task of its own, so that a panic in it comes back as an error.
                let run = tokio::spawn({
                    let (driver, token, entry) = (Arc::clone(&driver), token.clone(), entry.take());
                    async move { Box::pin(driver.drive_on(&token, entry)).await }.in_current_span()
                });
                match run.await {
                    Ok(Ok(())) => break,
                    Ok(Err(fault)) => error!(token = token.as_str(), %fault, "the order cannot be driven on"),
                    Err(_) => error!(token = token.as_str(), "the order's driver panicked"),
                }
                if !driver.pause(driver.backoff.pause(failures, Some(Duration::from_secs(1)))).await {
                    break;
                }
            }
            driver.active.remove(&token);
        };
        // What is logged about the order belongs to the request that asked for it.
        self.tasks.spawn(work.in_current_span());
    }

    /// Carries an order forward until it is settled, or until the proxy is told to stop, or another one has taken the
    /// order over.
    async fn drive_on(&self, token: &ClientToken, entry: Option<Entry>) -> Result<(), JournalError> {
        let found = match entry {
            Some(entry) => Some(entry),
            None => self.found(token).await?,
        };
        let Some(mut entry) = found else { return Ok(()) };
        let awaits_approval = entry.order.state == OrderState::AwaitingApproval;
        if !self.journal.is_ours(&entry) || entry.order.state.is_settled() || awaits_approval {
            return Ok(());
        }
        let mut tries = 0;
        while !entry.order.state.is_settled() {
            // Another proxy's by now; what was learnt here is written down.
            if !self.journal.is_ours(&entry) {
                return Ok(());
            }
            if self.is_late(&entry).await? {
                entry = self.give_up(entry).await?;
                continue;
            }
            entry = match self.attempt(entry).await? {
                Step::Done(entry) => entry,
                Step::Retry(entry, retry_after) => {
                    tries += 1;
                    let pause = self.backoff.pause(tries, retry_after).min(self.time_left(&entry));
                    let paused = self.active.pause();
                    let goes_on = self.pause(pause).await;
                    drop(paused);
                    if !goes_on {
                        // The journal knows where it stands; the next start goes on from there.
                        return Ok(());
                    }
                    entry
                }
            };
        }
        audit(&entry);
        Ok(())
    }

    /// One try, when it is this order's turn.
    async fn attempt(&self, entry: Entry) -> Result<Step, JournalError> {
        let Some(_permit) = self.turn(&entry).await else { return Ok(Step::Retry(entry, None)) };
        match &entry.new.operation {
            Operation::Create(request) => match self.in_stock(&entry, request).await? {
                Some(step) => Ok(step),
                None => self.send(&entry, request, Verdict::of).await,
            },
            Operation::Renew(request) => self.send(&entry, request, Verdict::of).await,
            Operation::Delete(request) => self.send(&entry, request, Verdict::of_release).await,
        }
    }

    /// Leave to call the cloud; none if the order's time or the proxy's is up before.
    async fn turn(&self, entry: &Entry) -> Option<Permit> {
        tokio::select! {
            biased;
            () = self.stopping.cancelled() => None,
            permit = self.queue.acquire(entry.turn) => Some(permit),
            () = sleep(self.time_left(entry)) => None,
        }
    }

    /// Sends an order once, and writes down what came of it.
    async fn send<A: Action>(
        &self,
        entry: &Entry,
        request: &A,
        judge: impl FnOnce(Result<Answer<A::Response>, CallError>, bool) -> Verdict,
    ) -> Result<Step, JournalError> {
        let was_in_doubt = entry.in_doubt;
        failpoint::hit("before-sent");
        // From here until the answer is written down, a crash leaves the order in doubt, and the journal says so.
        let sending = Change { in_doubt: true, attempts: 1, problem: entry.order.problem.clone(), ..Change::default() };
        let began = Instant::now();
        let entry = self.record(entry, Some(OrderEvent::Sent), sending).await?;
        failpoint::hit("before-send");
        // Whoever takes the order over must not find this attempt still under way. If writing took that long, the order
        // was not sent, and may be somebody else's by now.
        if began.elapsed() + self.upstream.attempt_deadline() > self.journal.lease() {
            let note = "Not sent: writing it down took too much of the lease.".to_owned();
            let problem = entry.order.problem.clone();
            let (attempt, outcome) = (entry.order.attempts, AttemptOutcome::NotSent);
            let answered = Some(Answered { attempt, outcome, answer: note.clone() });
            let not_sent = Change { in_doubt: was_in_doubt, problem, note: Some(note), answered, ..Change::default() };
            return Ok(Step::Retry(self.record_outcome(&entry, None, not_sent).await?, None));
        }
        let answer = failpoint::during("during-send", self.upstream.call(&entry.new.region, request)).await;
        failpoint::hit("before-outcome");
        let mut verdict = judge(answer, was_in_doubt);
        let change = verdict.change_mut();
        if let Some(answered) = &mut change.answered {
            answered.attempt = entry.order.attempts;
        }
        recording::audit_identifiers(&entry, change);
        let step = match verdict {
            Verdict::Placed(change) => {
                Step::Done(self.record_outcome(&entry, Some(OrderEvent::Confirmed), change).await?)
            }
            Verdict::Rejected(change) => {
                Step::Done(self.record_outcome(&entry, Some(OrderEvent::Refused), change).await?)
            }
            Verdict::Retry(change, retry_after) => {
                Step::Retry(self.record_outcome(&entry, None, change).await?, retry_after)
            }
        };
        failpoint::hit("after-outcome");
        Ok(step)
    }

    /// Ends an order whose time is up, as honestly as can be.
    async fn give_up(&self, entry: Entry) -> Result<Entry, JournalError> {
        let last = entry.order.problem.clone();
        let (event, problem) = match entry.order.state {
            OrderState::Accepted => {
                let problem = last.unwrap_or_else(|| Problem::new(Code::OrderExpired, Outcome::NotSent));
                (OrderEvent::GaveUp, Problem { outcome: Outcome::NotSent, ..problem })
            }
            // Sent, and turned away each time: nothing happened.
            _ if !entry.in_doubt => {
                let problem = last.unwrap_or_else(|| Problem::new(Code::UpstreamUnavailable, Outcome::Rejected));
                (OrderEvent::Refused, problem)
            }
            _ => (OrderEvent::GaveUp, Problem::new(Code::OutcomeUnknown, Outcome::Unknown)),
        };
        let change = Change { in_doubt: entry.in_doubt, ..Change::from(problem) };
        self.record(&entry, Some(event), change).await
    }

    /// Waits, unless the proxy is told to stop first. Whether to go on.
    async fn pause(&self, pause: Duration) -> bool {
        tokio::select! {
            biased;
            () = self.stopping.cancelled() => false,
            () = sleep(pause) => true,
        }
    }

    /// The time that the order has left. By the database's clock: it goes on while the proxy is down, and is the same for
    /// all proxies.
    fn time_left(&self, entry: &Entry) -> Duration {
        self.journal.time_left(entry.since, self.deadline)
    }

    /// Whether the order's time is up, by a look at the clock and not by one of some seconds ago.
    async fn is_late(&self, entry: &Entry) -> Result<bool, JournalError> {
        if self.time_left(entry).is_zero() {
            self.journal.read_clock().await?;
        }
        Ok(self.time_left(entry).is_zero())
    }
}

/// What one try came to.
enum Step {
    /// There is a next state; go on from it without a pause.
    Done(Entry),
    /// Retry, after the `Retry-After` of the answer or a longer backoff.
    Retry(Entry, Option<Duration>),
}

/// The line that tells what became of an order.
fn audit(entry: &Entry) {
    let order = &entry.order;
    info!(
        target: "audit",
        by = order.requested_by,
        action = order.action,
        token = order.token.as_str(),
        region = %order.region,
        state = order.state.as_str(),
        code = order.problem.as_ref().map(|problem| problem.code.as_str()),
        attempts = order.attempts,
        order_id = order.order_id,
        desktop_id = order.desktop_id,
        upstream_request_id = order.upstream_request_id,
        "the order is settled"
    );
}

#[cfg(test)]
mod tests;
