//! Scripted answers: answers that the simulator never gives by itself, set by tests to see how a client handles them.
//! Only admitted calls get them, so their signature was checked.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An answer to calls of one action, in place of the simulator's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedAnswer {
    /// The action.
    pub action: String,
    /// The HTTP status.
    #[serde(default = "ok")]
    pub status: u16,
    /// Headers beside those of every answer.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body, in which `{OrderId}` and `{DesktopId}` stand for the results of the action. Without one the connection
    /// is closed.
    #[serde(default)]
    pub body: Option<String>,
    /// Whether the action is carried out.
    #[serde(default)]
    pub carried_out: bool,
    /// How many calls get this answer; all of them if absent.
    #[serde(default)]
    pub times: Option<u32>,
}

const fn ok() -> u16 {
    200
}

impl ScriptedAnswer {
    /// An answer of HTTP 200 to each call, without carrying the action out.
    #[must_use]
    pub fn to(action: &str, body: &str) -> Self {
        Self {
            action: action.to_owned(),
            status: ok(),
            headers: BTreeMap::new(),
            body: Some(body.to_owned()),
            carried_out: false,
            times: None,
        }
    }

    /// The body for a call with these results.
    pub(crate) fn filled(&self, came_to: &Map<String, Value>) -> Option<String> {
        let fill = |text: String, name: &str| {
            let value = came_to.get(name).and_then(Value::as_str).unwrap_or_default();
            text.replace(&format!("{{{name}}}"), value)
        };
        self.body.clone().map(|body| ["OrderId", "DesktopId"].into_iter().fold(body, fill))
    }

    /// The answer over HTTP.
    pub(crate) fn response(&self, body: String) -> Response {
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
