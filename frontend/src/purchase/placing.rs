//! The purchase under review: its attempt, whether it is being sent, and what became of it. An answer belongs to the attempt
//! that it answers: it closes, moves and marks that one's review, and no other.

use leptos::prelude::*;
use shared::{Outcome, Problem, form::Form, ids::ClientToken};

use super::{field::show_field, state::Purchase};
use crate::{
    address,
    checkout::{Answer, Attempt, LateAnswers, Recent, keep_users, kept_users, note_placed, recent},
    reactive::{next_frame, spawn},
};

/// The purchase under review.
#[derive(Clone, Copy)]
pub struct Placing {
    /// The attempt that the review shows.
    pub attempt: RwSignal<Option<Attempt>>,
    /// Whether the review is open.
    pub open: RwSignal<bool>,
    /// Attempts that are sent and have no answer yet.
    sending: RwSignal<Vec<ClientToken>>,
    /// Why the attempt under review was not placed.
    pub problem: RwSignal<Option<Problem>>,
    /// Orders of the same content that were placed minutes ago.
    pub recent: RwSignal<Vec<Recent>>,
    /// Whether the review takes activation.
    pub ready: RwSignal<bool>,
    /// Whether the person said yes to buying the same again.
    pub confirmed: RwSignal<bool>,
    late: LateAnswers,
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
    fn shows(self, token: &ClientToken) -> bool {
        let of_it = |attempt: &Option<Attempt>| attempt.as_ref().is_some_and(|attempt| attempt.token == *token);
        self.open.try_get_untracked() == Some(true) && self.attempt.try_with_untracked(of_it) == Some(true)
    }

    /// Places the order under review.
    pub fn place(self, purchase: Purchase) {
        // Set before the first await, so that a double click places one order.
        if untrack(|| self.is_sending() || self.wants_yes()) {
            return;
        }
        let Some(attempt) = self.attempt.get_untracked() else { return };
        self.sending.update(|sending| sending.push(attempt.token.clone()));
        self.problem.set(None);
        let confirmed = self.confirmed.get_untracked();
        spawn(async move {
            let token = attempt.token.clone();
            // Asked again: another window may have placed it while this review was open.
            let found = if confirmed { Ok(Vec::new()) } else { recent(&attempt).await };
            let (answer, route) = match found {
                Ok(found) if !found.is_empty() => {
                    self.sent(&token);
                    if self.shows(&token) {
                        self.recent.set(found);
                    } else if let Some(first) = found.into_iter().next() {
                        self.late.tell(first.user, first.route, Answer::Again);
                    }
                    return;
                }
                Ok(_) => (attempt.clone().place().await, attempt.route()),
                Err(problem) => (Err(Problem { outcome: Outcome::NotSent, ..problem }), attempt.route()),
            };
            self.sent(&token);
            match answer {
                Ok(route) => {
                    note_placed(&route);
                    drop_users(purchase, &attempt.users());
                    if self.shows(&token) {
                        self.attempt.set(None);
                        self.open.set(false);
                        address::go(&route);
                    } else {
                        self.late.tell(attempt.users().join(", "), route, Answer::Placed);
                    }
                }
                Err(problem) if self.shows(&token) => self.refused(purchase, problem),
                Err(problem) => self.late.tell(attempt.users().join(", "), route, Answer::Problem(problem)),
            }
        });
    }

    fn sent(self, token: &ClientToken) {
        let _ = self.sending.try_update(|sending| sending.retain(|other| other != token));
    }

    /// A field error is shown at its field; nothing was bought.
    fn refused(self, purchase: Purchase, problem: Problem) {
        let known = problem.outcome != Outcome::Unknown;
        match known.then(|| purchase.refuse(&problem)).flatten() {
            Some(field) => {
                self.open.set(false);
                next_frame(move || {
                    show_field(field.id());
                });
            }
            None => self.problem.set(Some(problem)),
        }
    }
}

/// Users are picked for one purchase, and do not stay for the next one.
fn drop_users(purchase: Purchase, bought: &[String]) {
    if purchase.form.try_with_untracked(|form: &Form| form.user_names == bought) == Some(true) {
        purchase.tried.set(false);
        purchase.choose(|form| form.user_names.clear());
    } else if kept_users() == bought {
        keep_users(&[]);
    }
}
