//! Errors of the proxy's interface: RFC 9457 problem details with a stable code.

use serde::{Deserialize, Serialize};

use crate::{code::Code, limits::Limit};

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// The known effect of a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing went to the upstream.
    NotSent,
    /// The upstream refused it: nothing happened.
    Rejected,
    /// It may or may not have happened.
    Unknown,
}

/// An error (RFC 9457), with our extension members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// `urn:deskbuy:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code's title.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is special about this case, in English and fit for any reader; never an upstream's own text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The stable code.
    pub code: Code,
    /// The parameter that the error is about, by its name on the wire. In a batch it also has the index of the order, from
    /// 0: `operations[3].Period`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The proxy's identifier of the request: the one to find in its log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The upstream's `RequestId`: the one to give to the vendor's support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream_request_id: Option<String>,
    /// What is known of the call's effect.
    pub outcome: Outcome,
    /// Seconds after which a retry makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// The limit that is exceeded, and what is left of it, as members of the problem. The page does not read them: it asks
    /// for all limits.
    #[serde(flatten, skip_deserializing)]
    pub beyond: Option<Box<Limit>>,
}

impl Problem {
    /// A problem with this code and outcome, and nothing special to say.
    #[must_use]
    pub fn new(code: Code, outcome: Outcome) -> Self {
        Self {
            kind: format!("urn:deskbuy:problem:{code}"),
            title: code.title().to_owned(),
            status: code.status(),
            detail: String::new(),
            code,
            field: None,
            request_id: None,
            upstream_request_id: None,
            outcome,
            retry_after: None,
            beyond: None,
        }
    }

    /// The same, with the limit that is exceeded.
    #[must_use]
    pub fn beyond(self, limit: Limit) -> Self {
        Self { beyond: Some(limit.into()), ..self }
    }

    /// The same, said of one parameter.
    #[must_use]
    pub fn at(mut self, parameter: impl Into<String>) -> Self {
        self.field = Some(parameter.into()).filter(|name| !name.is_empty());
        self
    }

    /// The same, with what is special about this case.
    #[must_use]
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_leaves_out_what_it_does_not_know() {
        let problem = Problem::new(Code::UnknownParameter, Outcome::NotSent).at("Foo");
        assert_eq!(
            serde_json::to_string(&problem).unwrap(),
            r#"{"type":"urn:deskbuy:problem:unknown_parameter","title":"The action has no such parameter","status":400,"code":"unknown_parameter","field":"Foo","outcome":"not_sent"}"#
        );
        assert_eq!(serde_json::from_str::<Problem>(&serde_json::to_string(&problem).unwrap()).unwrap(), problem);
    }
}
