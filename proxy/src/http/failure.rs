//! Failures: every error of a handler, as a problem (RFC 9457). The body is written in
//! [`super::middleware::access_log`], which knows the request's identifier.

use std::any::Any;

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use cloud::CallError;
use orders::{AcceptError, FieldRefused, JournalError, UserWriteError};
use shared::{
    Code, Outcome, Problem,
    limits::{Limit, Span, Unit},
    order::fields::parameter_of,
    parameters::ParameterError,
    prices::Currency,
};

/// The error of a handler.
#[derive(Debug)]
pub(crate) struct Failure {
    problem: Box<Problem>,
    /// The allowed methods, after a wrong one.
    allow: Option<&'static str>,
}

impl Failure {
    /// 405, with the allowed methods.
    pub(super) fn method(allow: &'static str) -> Self {
        Self { allow: Some(allow), ..Problem::new(Code::MethodNotAllowed, Outcome::NotSent).into() }
    }

    /// The same failure, for one operation of several (from 0): its field becomes `operations[3].Period`.
    pub(super) fn of_operation(mut self, index: usize, of: usize) -> Self {
        if of > 1 && self.problem.outcome == Outcome::NotSent {
            self.problem.field = self.problem.field.map(|name| format!("operations[{index}].{name}"));
        }
        self
    }

    /// The same failure, with the currency of its limit of money.
    pub(super) fn in_currency(mut self, currency: Option<Currency>) -> Self {
        if let Some(limit) = &mut self.problem.beyond {
            limit.currency = currency.filter(|_| limit.unit == Unit::Amount);
        }
        self
    }

    /// Unknown action, or an action with another route.
    pub(super) fn unknown_action(detail: &'static str) -> Self {
        Problem::new(Code::UnknownAction, Outcome::NotSent).because(detail).into()
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self { problem: problem.into(), allow: None }
    }
}

impl From<ParameterError> for Failure {
    fn from(ParameterError { code, parameter }: ParameterError) -> Self {
        // An unknown name comes from the caller and may have any length.
        const MAX_NAME_LENGTH: usize = 64;
        let parameter: String = parameter.chars().take(MAX_NAME_LENGTH).collect();
        Problem::from(ParameterError { code, parameter }).into()
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        error.problem().into()
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        if let JournalError::TooManyReaders = error {
            let problem = Problem::new(Code::Throttled, Outcome::NotSent);
            return Problem { retry_after: Some(2), ..problem }.into();
        }
        let cause = error.cause();
        tracing::error!(%error, cause, "the journal is not available");
        Problem::new(Code::JournalUnavailable, Outcome::NotSent).because(format!("Cause: {cause}.")).into()
    }
}

impl From<UserWriteError> for Failure {
    fn from(error: UserWriteError) -> Self {
        match error {
            UserWriteError::NotAccepted(error) => error.into(),
            // Same answer as for a user that does not exist: it must not reveal that another account has it.
            UserWriteError::NoSuchUser => Problem::new(Code::NotFound, Outcome::NotSent).at("UserName").into(),
            // As the directory answers for any name that exists.
            UserWriteError::NameTaken => Problem::new(Code::UserRefused, Outcome::NotSent).at("UserName").into(),
            UserWriteError::Call(error) => error.into(),
        }
    }
}

impl From<AcceptError> for Failure {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Journal(error) => error.into(),
            // The handler adds the index of the operation.
            AcceptError::TokenReused { .. } => {
                Problem::new(Code::TokenReused, Outcome::NotSent).at("ClientToken").into()
            }
            // Same answer as for a desktop that does not exist: it must not reveal that another account has it.
            AcceptError::NoSuchDesktop { .. } => Problem::new(Code::NotFound, Outcome::NotSent).at("DesktopId").into(),
            AcceptError::Limit { code, index, limit } => beyond(code, index.map(|_| "Period"), limit),
            AcceptError::OverallLimit => Problem::new(Code::OverallLimit, Outcome::NotSent).at("operations").into(),
            AcceptError::TypeNotAllowed { .. } => {
                Problem::new(Code::TypeNotAllowed, Outcome::NotSent).at("TypeItemId").into()
            }
            AcceptError::PriceUnknown { .. } => {
                Problem::new(Code::PriceUnknown, Outcome::NotSent).at("TypeItemId").into()
            }
            AcceptError::Field { refused: FieldRefused { key, code }, .. } => {
                ParameterError::new(code, parameter_of(&key)).into()
            }
            AcceptError::Unknown(error) => {
                tracing::error!(%error, "the connection to the journal was lost during the commit");
                let problem = Problem::new(Code::JournalUnavailable, Outcome::Unknown);
                problem.because("The order may have been recorded. Asking again with the same token is safe.").into()
            }
        }
    }
}

/// What is ordered is beyond a limit. `field` is the parameter of one operation, or none if it is about all of them.
pub(super) fn beyond(code: Code, field: Option<&str>, limit: Limit) -> Failure {
    let (left, of, what) = (limit.left, limit.limit, limit.unit.as_text());
    let detail = match limit.per {
        Span::Order => format!("The limit of {what} in one order is {of}."),
        Span::Day => format!("The limit of {what} in a day is {of}; left: {left}."),
        Span::Month => format!("The limit of {what} in 30 days is {of}; left: {left}."),
    };
    let field = field.or((limit.unit != Unit::Users).then_some("operations"));
    let problem = Problem::new(code, Outcome::NotSent).at(field.unwrap_or("UserName"));
    problem.because(detail).beyond(limit).into()
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        if let Some(allow) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(allow));
        }
        if let Some(seconds) = self.problem.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(*self.problem);
        response
    }
}

/// 404 for an unknown path.
pub(super) async fn not_found() -> Failure {
    Problem::new(Code::NotFound, Outcome::NotSent).into()
}

/// 405 for a route whose methods axum knows. Axum adds the header `Allow`.
pub(super) async fn method_not_allowed() -> Failure {
    Problem::new(Code::MethodNotAllowed, Outcome::NotSent).into()
}

/// 500 after a panic. The outcome of a write is then unknown.
pub(super) fn of_panic(_: Box<dyn Any + Send>) -> Response {
    Failure::from(Problem::new(Code::Internal, Outcome::Unknown)).into_response()
}
