//! Errors of the gateway and the products. They are made where they occur; [`crate::answer`] makes the HTTP answers.

use std::borrow::Cow;

use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::{Code, parameters::ParameterError};

/// An error answer. Clients decide by the code; statuses differ between products.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Error {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: Cow<'static, str>,
    /// Seconds for a `Retry-After` header.
    pub(crate) retry_after: Option<u32>,
}

impl Error {
    fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code: code.into(), message: message.into(), retry_after: None }
    }

    /// 400.
    pub(crate) fn bad_request(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 403.
    pub(crate) fn forbidden(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    /// 404, with the code's usual ending.
    pub(crate) fn not_found(parameter: &str) -> Self {
        let message = format!("The specified {parameter} does not exist.");
        Self::new(StatusCode::NOT_FOUND, format!("Invalid{parameter}.NotFound"), message)
    }

    /// An error with any other status.
    pub(crate) fn with_status(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self::new(status, code, message)
    }

    /// An error with HTTP status 200, which only its body shows.
    pub(crate) fn at_200(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::OK, code, message)
    }

    /// The directory's errors (document 2.6.4): the text is the code, and the status is 200.
    pub(crate) fn directory(text: impl Into<Cow<'static, str>>) -> Self {
        let text = text.into();
        Self::at_200(text.clone(), text)
    }

    /// A required parameter is missing.
    pub(crate) fn missing_parameter(parameter: &str) -> Self {
        let message = format!(
            "The input parameter \"{parameter}\" that is mandatory for processing this request is not supplied."
        );
        Self::bad_request("MissingParameter", message)
    }

    /// A parameter is not allowed, or not with this value.
    pub(crate) fn invalid_parameter(parameter: &str) -> Self {
        let message = format!("The specified parameter \"{parameter}\" is not valid.");
        Self::bad_request(format!("InvalidParameter.{parameter}"), message)
    }

    /// Too many calls.
    pub(crate) fn throttled(retry_after: Option<u32>) -> Self {
        let error = Self::bad_request("Throttling.User", "Request was denied due to user flow control.");
        Self { retry_after, ..error }
    }

    /// The members of the body that do not depend on the call.
    pub(crate) fn body(&self, request_id: &str, host: &str) -> Value {
        json!({
            "RequestId": request_id,
            "HostId": host,
            "Code": self.code,
            "Message": self.message,
            "Recommend": format!("https://error-center.aliyun.com/status/search?Keyword={}", self.code),
        })
    }
}

impl From<ParameterError> for Error {
    fn from(error: ParameterError) -> Self {
        match error.code {
            Code::MissingParameter | Code::PeriodRequired => Self::missing_parameter(&error.parameter),
            _ => Self::invalid_parameter(&error.parameter),
        }
    }
}
