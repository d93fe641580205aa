//! Group commit: requests that arrive at the same time are accepted in one durable transaction, since what takes long is
//! the disk and not the rows. Each is answered when it is on disk, and one that is refused takes no other along. Requests of
//! different people take turns, so that nobody's single order waits behind somebody else's many.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

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

/// A transaction with so many orders takes no further request: those who come meanwhile wait for it.
const LARGEST: usize = 200;
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
    let mut turns = Turns::default();
    loop {
        if turns.is_empty() {
            let Some(first) = waiting.recv().await else { return };
            turns.add(first);
        }
        while turns.number < WAITING {
            let Ok(more) = waiting.try_recv() else { break };
            turns.add(more);
        }
        let (requests, answers): (Vec<_>, Vec<_>) = turns.take(LARGEST).into_iter().unzip();
        let (journal, room) = (driver.journal().clone(), driver.room_for_new());
        // A task of its own, so that a panic costs this group only.
        let committed = tokio::spawn(async move { journal.accept_together(&requests, room).await }).await;
        for (answer, came) in answers.into_iter().zip(committed.unwrap_or_default()) {
            // Whoever asked may be gone; the order is not, and the next look at the leases finds it.
            let _ = answer.send(came);
        }
    }
}

/// Requests that wait, by person. Those who have no name share one place.
#[derive(Default)]
struct Turns {
    people: BTreeMap<Option<String>, VecDeque<Turn>>,
    /// How many have come.
    came: u64,
    /// How many requests wait.
    number: usize,
}

struct Turn {
    waiting: Waiting,
    /// Its number among all that came.
    came: u64,
    /// Whether others that asked for less went before it. They do so once.
    was_passed: bool,
}

impl Turn {
    fn orders(&self) -> usize {
        self.waiting.0.orders.len()
    }

    fn person(&self) -> Option<String> {
        self.waiting.0.principal.id.clone()
    }
}

impl Turns {
    fn is_empty(&self) -> bool {
        self.number == 0
    }

    fn add(&mut self, waiting: Waiting) {
        self.came += 1;
        let turn = Turn { waiting, came: self.came, was_passed: false };
        self.people.entry(turn.person()).or_default().push_back(turn);
        self.number += 1;
    }

    /// The next requests: one of each person and then again, the small ones first, until there are so many orders.
    fn take(&mut self, orders: usize) -> Vec<Waiting> {
        let (mut taken, mut has) = (Vec::new(), 0);
        while has < orders && !self.is_empty() {
            let mut round: Vec<_> = self.people.values_mut().filter_map(VecDeque::pop_front).collect();
            round.sort_by_key(|turn| (!turn.was_passed, if turn.was_passed { 0 } else { turn.orders() }, turn.came));
            for turn in round {
                if has < orders {
                    has += turn.orders();
                    self.number -= 1;
                    taken.push(turn.waiting);
                } else {
                    let turn = Turn { was_passed: true, ..turn };
                    self.people.entry(turn.person()).or_default().push_front(turn);
                }
            }
        }
        self.people.retain(|_, waiting| !waiting.is_empty());
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Principal, journal::DesktopTypes};

    fn request(person: &str, orders: usize) -> Waiting {
        let orders = (0..orders).map(|n| crate::journal::tests::order(&format!("{person}-{n}"), person)).collect();
        let principal = Principal { id: Some(person.to_owned()), ..Principal::default() };
        let (prices, inherited, types) = (Vec::new(), Vec::new(), DesktopTypes::default());
        (Request { orders, prices, inherited, types, principal }, oneshot::channel().0)
    }

    fn taken(turns: &mut Turns, orders: usize) -> Vec<(String, usize)> {
        let one = |(request, _): Waiting| (request.principal.id.unwrap_or_default(), request.orders.len());
        turns.take(orders).into_iter().map(one).collect()
    }

    #[test]
    fn people_take_turns_and_one_who_asks_for_much_waits_longest() {
        let mut turns = Turns::default();
        for orders in [3, 2, 1] {
            turns.add(request("many", orders));
        }
        turns.add(request("one", 1));
        turns.add(request("one", 2));
        let of = |one: &str, orders| (one.to_owned(), orders);
        assert_eq!(taken(&mut turns, 2), [of("one", 1), of("many", 3)]);
        // The requests of one person stay in their order.
        assert_eq!(taken(&mut turns, 1), [of("many", 2)]);
        assert_eq!(turns.number, 2);
        assert_eq!(taken(&mut turns, 100), [of("one", 2), of("many", 1)], "one was passed over");
        assert!(turns.is_empty() && taken(&mut turns, 100).is_empty());
    }

    #[test]
    fn nobody_is_passed_over_twice() {
        let mut turns = Turns::default();
        let of = |one: &str, orders| (one.to_owned(), orders);
        turns.add(request("many", 100));
        turns.add(request("one", 1));
        assert_eq!(taken(&mut turns, 1), [of("one", 1)]);
        turns.add(request("one", 1));
        turns.add(request("another", 1));
        assert_eq!(taken(&mut turns, 1), [of("many", 100)]);
        assert_eq!(taken(&mut turns, 2), [of("one", 1), of("another", 1)], "both were passed over");

        // Those who were passed over go by when they came, and not by what they ask for.
        turns.add(request("most", 5));
        turns.add(request("many", 3));
        turns.add(request("one", 1));
        assert_eq!(taken(&mut turns, 1), [of("one", 1)]);
        turns.add(request("another", 1));
        assert_eq!(taken(&mut turns, 1), [of("most", 5)]);
        assert_eq!(taken(&mut turns, 1), [of("many", 3)]);
    }
}
