//! `/api/approvals`: what waits for an approver, and decisions. Which orders wait is decided when they are accepted; they
//! are listed as all orders are.

use std::sync::Arc;

use axum::{Extension, Json, extract::State};
use orders::DecideError;
use shared::{
    Code, Outcome, Problem,
    order::{
        LARGEST_BATCH, Orders,
        approval::{Approval, LONGEST_NOTE, Waiting},
    },
    parameters::ParameterError,
};
use tracing::Instrument;

use super::{body::JsonList, query::Query};
use crate::http::{app::App, failure::Failure, middleware::authorize::Caller};

/// `GET /api/approvals`: how many orders wait for this approver.
pub(in crate::http) async fn waiting(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    query: Query,
) -> Result<Json<Waiting>, Failure> {
    if let Some((name, _)) = query.0?.into_iter().next() {
        return Err(ParameterError::new(Code::UnknownParameter, name).into());
    }
    let approver = caller.approver().ok_or_else(not_allowed)?;
    Ok(Json(Waiting { waiting: app.orders.waiting(&caller.accounts, approver).await? }))
}

/// `POST /api/approvals`: approves or declines orders, all of them or none.
pub(in crate::http) async fn decide(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    JsonList(Approval { decision, tokens, note }): JsonList<Approval>,
) -> Result<Json<Orders>, Failure> {
    caller.approver().ok_or_else(not_allowed)?;
    if !(1..=LARGEST_BATCH).contains(&tokens.len()) {
        let problem = Problem::new(Code::InvalidParameter, Outcome::NotSent).at("tokens");
        return Err(problem.because(format!("One to {LARGEST_BATCH} orders can be decided at a time.")).into());
    }
    let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    // NUL is refused, because PostgreSQL stores none.
    if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_NOTE || note.contains('\0')) {
        let problem = Problem::new(Code::InvalidParameter, Outcome::NotSent).at("note");
        return Err(problem.because(format!("A note has {LONGEST_NOTE} characters at most.")).into());
    }
    // In a task of its own: a client that disconnects must not stop a decision between disk and driver.
    let (tasks, principal) = (app.tasks.clone(), caller.principal(&app.guard));
    let decide = async move { app.orders.decide(&tokens, decision, &principal, note.as_deref()).await };
    match tasks.spawn(decide.in_current_span()).await {
        Ok(decided) => Ok(Json(Orders { orders: decided?, next: None, now: None })),
        Err(_) => Err(Problem::new(Code::Internal, Outcome::Unknown).into()),
    }
}

/// Without sign-in there is nobody to tell from who ordered.
fn not_allowed() -> Failure {
    Problem::new(Code::NotAllowed, Outcome::NotSent).into()
}

impl From<DecideError> for Failure {
    fn from(error: DecideError) -> Self {
        let at = |code, index| Problem::new(code, Outcome::NotSent).at(format!("tokens[{index}]")).into();
        match error {
            DecideError::NotFound { index } => at(Code::NotFound, index),
            DecideError::OwnOrder { index } => at(Code::OwnOrder, index),
            DecideError::NotAwaiting { index } => at(Code::NotAwaitingApproval, index),
            DecideError::Journal(error) => error.into(),
            DecideError::Unknown(error) => {
                tracing::error!(%error, "the connection to the journal was lost during the commit");
                let problem = Problem::new(Code::JournalUnavailable, Outcome::Unknown);
                problem.because("It may have been decided. Asking again is safe.").into()
            }
        }
    }
}
