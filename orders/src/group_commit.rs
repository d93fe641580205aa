//! Group commit: requests that arrive at the same time are accepted in one durable transaction, since what takes long is
//! the disk and not the rows. Each is answered when it is on disk, and one that is refused takes no other along.

use std::{sync::Arc, time::Duration};

use tokio::sync::{
    mpsc::{self, error::SendTimeoutError},
    oneshot,
};

use crate::{
    AcceptError,
    driver::Driver,
    journal::{Accepted, JournalError, Request},
};

type Answer = Result<Vec<Accepted>, AcceptError>;
type Waiting = (Request, oneshot::Sender<Answer>);

/// The most orders of one transaction: others wait for it.
const LARGEST: usize = 500;
/// Requests that may wait; more wait for some time before they are taken in.
const WAITING: usize = 1_024;
/// Timeout for being taken in, which is reached only while the database is unavailable.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(4);

/// Takes requests for the next transaction. Clones share one queue, which ends with the last of them.
#[derive(Clone, Debug)]
pub(crate) struct GroupCommit(mpsc::Sender<Waiting>);

impl GroupCommit {
    /// Starts the task that commits. What the driver has no room for waits in the journal.
    pub(crate) fn start(driver: Arc<Driver>) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(commit(driver, receiver));
        Self(sender)
    }

    /// What became of a request, once it is on disk.
    pub(crate) async fn accept(&self, request: Request) -> Answer {
        let (answer, answered) = oneshot::channel();
        let closed = || AcceptError::Journal(JournalError::Database(sqlx::Error::WorkerCrashed));
        self.0.send_timeout((request, answer), QUEUE_TIMEOUT).await.map_err(|error| match error {
            SendTimeoutError::Timeout(_) => AcceptError::Journal(JournalError::Database(sqlx::Error::PoolTimedOut)),
            SendTimeoutError::Closed(_) => closed(),
        })?;
        // It ends without an answer only by a fault of ours, and then nobody knows how far it got.
        answered.await.map_err(|_| AcceptError::Unknown(sqlx::Error::WorkerCrashed))?
    }
}

async fn commit(driver: Arc<Driver>, mut waiting: mpsc::Receiver<Waiting>) {
    while let Some(first) = waiting.recv().await {
        let mut orders = first.0.orders.len();
        let (mut requests, mut answers) = (vec![first.0], vec![first.1]);
        while orders < LARGEST {
            let Ok((request, answer)) = waiting.try_recv() else { break };
            orders += request.orders.len();
            requests.push(request);
            answers.push(answer);
        }
        let (journal, room) = (driver.journal().clone(), driver.room_for_new());
        // A task of its own, so that a panic costs this group only.
        let committed = tokio::spawn(async move { journal.accept_together(&requests, room).await }).await;
        for (answer, came) in answers.into_iter().zip(committed.unwrap_or_default()) {
            // Whoever asked may be gone; the order is not, and the next look at the leases finds it.
            let _ = answer.send(came);
        }
    }
}
