//! Places the order under review. An answer belongs to the attempt that it answers: it closes, moves and marks that one's
//! review, and no other.

use leptos::prelude::*;
use shared::{Outcome, Problem, form::Form};

use super::{field::show_field, limits, order_fields, state::Purchase};
use crate::{
    address,
    checkout::{Answer, BeforeSending, drop_kept_users, is_unanswered, note_placed, recent},
    reactive::{next_frame, spawn},
};

/// Places the order under review.
pub fn place(purchase: Purchase) {
    let placing = purchase.placing;
    // Set before the first await, so that a double click places one order.
    if untrack(|| placing.is_sending() || placing.wants_yes()) {
        return;
    }
    let Some(attempt) = placing.attempt.get_untracked() else { return };
    placing.sending.update(|sending| sending.push(attempt.token.clone()));
    placing.problem.set(None);
    let confirmed = placing.confirmed.get_untracked();
    spawn(async move {
        let token = attempt.token.clone();
        // Asked again: another window may have placed it while this review was open.
        let found = if confirmed { Ok(Vec::new()) } else { recent(&attempt).await };
        let (found, failed) = found.map_or_else(|problem| (Vec::new(), Some(problem)), |found| (found, None));
        let is_shown = placing.shows(&token);
        let answer = match BeforeSending::of(failed, !found.is_empty(), is_unanswered(&token), is_shown) {
            BeforeSending::Send => attempt.clone().place().await,
            BeforeSending::Fail(problem) => Err(problem),
            BeforeSending::Ask(problem) => {
                placing.sent(&token);
                placing.problem.set(problem);
                return placing.recent.set(found);
            }
            BeforeSending::Again => {
                placing.sent(&token);
                if let Some(first) = found.into_iter().next() {
                    placing.late.tell(first.what, first.route, Answer::Again);
                }
                return;
            }
            BeforeSending::Closed => {
                placing.sent(&token);
                return placing.late.tell(attempt.users().join(", "), attempt.route(), Answer::Closed);
            }
        };
        let route = attempt.route();
        placing.sent(&token);
        match answer {
            Ok(route) => {
                note_placed(&route);
                drop_users(purchase, &attempt.users());
                if placing.shows(&token) {
                    placing.attempt.set(None);
                    placing.open.set(false);
                    address::go(&route);
                } else {
                    placing.late.tell(attempt.users().join(", "), route, Answer::Placed);
                }
            }
            Err(problem) if placing.shows(&token) => refused(purchase, problem),
            Err(problem) => placing.late.tell(attempt.users().join(", "), route, Answer::Problem(problem)),
        }
        limits::refresh(purchase).await;
    });
}

/// A field error is shown at its field; nothing was bought.
fn refused(purchase: Purchase, problem: Problem) {
    let known = problem.outcome != Outcome::Unknown;
    let name =
        || order_fields::refuse(&problem).or_else(|| purchase.refuse(&problem).map(|field| field.id().to_owned()));
    match known.then(name).flatten() {
        Some(name) => {
            purchase.placing.open.set(false);
            next_frame(move || {
                show_field(&name);
            });
        }
        None => purchase.placing.problem.set(Some(problem)),
    }
}

/// Users are picked for one purchase, and do not stay for the next one.
pub(super) fn drop_users(purchase: Purchase, bought: &[String]) {
    if purchase.form.try_with_untracked(|form: &Form| form.user_names == bought) == Some(true) {
        purchase.tried.set(false);
        purchase.choose(|form| form.user_names.clear());
    } else {
        drop_kept_users(bought);
    }
}
