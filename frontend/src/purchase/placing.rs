//! The purchase under review: its attempt, whether it is being sent, and what became of it. How it is sent is in
//! [`super::place`].

use leptos::prelude::*;
use shared::{Problem, ids::ClientToken};

use crate::{
    checkout::{Attempt, LateAnswers, Recent, recent},
    reactive::spawn,
};

/// The purchase under review.
#[derive(Clone, Copy)]
pub struct Placing {
    /// The attempt that the review shows.
    pub attempt: RwSignal<Option<Attempt>>,
    /// Whether the review is open.
    pub open: RwSignal<bool>,
    /// Attempts that are sent and have no answer yet.
    pub(super) sending: RwSignal<Vec<ClientToken>>,
    /// Why the attempt under review was not placed.
    pub problem: RwSignal<Option<Problem>>,
    /// Orders of the same content that were placed minutes ago.
    pub recent: RwSignal<Vec<Recent>>,
    /// Whether the review takes activation.
    pub ready: RwSignal<bool>,
    /// Whether the person said yes to buying the same again.
    pub confirmed: RwSignal<bool>,
    /// Answers to attempts whose review is closed.
    pub(super) late: LateAnswers,
}

impl Placing {
    /// Nothing under review.
    pub fn nothing() -> Self {
        Self {
            attempt: RwSignal::new(None),
            open: RwSignal::new(false),
            sending: RwSignal::new(Vec::new()),
            problem: RwSignal::new(None),
            recent: RwSignal::new(Vec::new()),
            ready: RwSignal::new(false),
            confirmed: RwSignal::new(false),
            late: expect_context::<LateAnswers>(),
        }
    }

    /// Opens the review of an attempt, and asks whether the same was placed minutes ago.
    pub fn review(self, attempt: Attempt) {
        self.problem.set(None);
        self.recent.set(Vec::new());
        self.confirmed.set(false);
        self.attempt.set(Some(attempt.clone()));
        self.open.set(true);
        spawn(async move {
            if let Ok(found) = recent(&attempt).await
                && self.shows(&attempt.token)
            {
                self.recent.set(found);
            }
        });
    }

    /// Whether the attempt under review is being sent.
    pub fn is_sending(self) -> bool {
        self.attempt.with(|attempt| {
            attempt.as_ref().is_some_and(|attempt| self.sending.with(|sending| sending.contains(&attempt.token)))
        })
    }

    /// Whether a yes to buying the same again is missing.
    pub fn wants_yes(self) -> bool {
        self.recent.with(|recent| !recent.is_empty()) && !self.confirmed.get()
    }

    /// Whether the open review is that of an attempt. The purchase may be gone.
    pub(super) fn shows(self, token: &ClientToken) -> bool {
        let of_it = |attempt: &Option<Attempt>| attempt.as_ref().is_some_and(|attempt| attempt.token == *token);
        self.open.try_get_untracked() == Some(true) && self.attempt.try_with_untracked(of_it) == Some(true)
    }

    /// Takes an attempt that has its answer off those that are sent.
    pub(super) fn sent(self, token: &ClientToken) {
        let _ = self.sending.try_update(|sending| sending.retain(|other| other != token));
    }
}
