//! Which sessions are over before their time: by a sign-out, or by an operator. The journal's database holds them, so
//! that every proxy on it learns of them within seconds, and each proxy keeps a copy to look into at each request.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use orders::{EndedSession, Journal, JournalError};
use tokio::sync::watch;

use super::session::Session;

/// Poll interval for sessions that were ended elsewhere.
pub const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// The ended sessions.
#[derive(Debug)]
pub struct EndedSessions {
    journal: Journal,
    known: RwLock<Known>,
    /// Changes when a session was ended, so that streams can look whether it is theirs.
    changes: watch::Sender<()>,
    /// Ends that could not be written down yet: identifiers, and when the sessions would have ended anyway.
    unwritten: Mutex<Vec<(String, i64)>>,
}

#[derive(Debug, Default)]
struct Known {
    sessions: HashSet<String>,
    /// By person, the time in seconds since 1970 UTC up to which sessions are over.
    people: HashMap<String, i64>,
    /// The journal's position.
    position: i64,
}

impl EndedSessions {
    /// The ended sessions in a journal. None is known before the first [`EndedSessions::poll`].
    #[must_use]
    pub fn new(journal: Journal) -> Self {
        Self { journal, known: RwLock::default(), changes: watch::Sender::new(()), unwritten: Mutex::default() }
    }

    /// Whether a session is over.
    #[must_use]
    pub fn has(&self, session: &Session) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if known.sessions.contains(&session.id) {
            return true;
        }
        if known.people.is_empty() {
            return false;
        }
        let identity = &session.identity;
        let names = [
            Some(identity.journal_name()),
            Some((&identity.subject).into()),
            identity.email.as_deref().map(Into::into),
        ];
        // A second of difference ends rather one session too many.
        let is_over = |name: &str| known.people.get(&name.to_lowercase()).is_some_and(|until| session.since <= *until);
        names.iter().flatten().any(|name| is_over(name))
    }

    /// Ends a session, here at once. `until` is when it would have ended anyway, in seconds since 1970 UTC. What cannot be
    /// written down is tried again by [`EndedSessions::poll`].
    pub async fn end(&self, session: &Session, until: i64) -> Result<(), JournalError> {
        self.add([EndedSession::One(session.id.clone())]);
        let until = until.saturating_mul(1_000);
        let written = self.journal.end_session(&session.id, until).await;
        if written.is_err() {
            self.unwritten().push((session.id.clone(), until));
        }
        written
    }

    /// Writes down what could not be, and learns what was ended elsewhere.
    pub async fn poll(&self) -> Result<(), JournalError> {
        loop {
            let Some((id, until)) = self.unwritten().last().cloned() else { break };
            self.journal.end_session(&id, until).await?;
            self.unwritten().retain(|(other, _)| *other != id);
        }
        let position = self.known.read().unwrap_or_else(PoisonError::into_inner).position;
        let (ended, position) = self.journal.ended_sessions(position).await?;
        self.add(ended);
        self.known.write().unwrap_or_else(PoisonError::into_inner).position = position;
        Ok(())
    }

    /// Waits until this session is over.
    pub async fn ended(&self, session: &Session) {
        let mut changes = self.changes.subscribe();
        while !self.has(session) {
            if changes.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }

    fn unwritten(&self) -> MutexGuard<'_, Vec<(String, i64)>> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, ended: impl IntoIterator<Item = EndedSession>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let mut is_new = false;
        for one in ended {
            is_new |= match one {
                EndedSession::One(id) => known.sessions.insert(id),
                EndedSession::AllOf(person, at) => {
                    let until = known.people.entry(person.to_lowercase()).or_insert(i64::MIN);
                    let is_later = at / 1_000 > *until;
                    *until = (*until).max(at / 1_000);
                    is_later
                }
            };
        }
        drop(known);
        if is_new {
            self.changes.send_replace(());
        }
    }
}
