//! Requests to the services that give credentials: within a bounded time, and with a bounded answer.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use http::{Method, Request, header::AUTHORIZATION, request::Builder};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use tokio::time::timeout;
use url::Url;

use super::{
    error::CredentialsError,
    plan::{Plan, given},
};
use crate::{
    access_key::AccessKey,
    answer::RawAnswer,
    authorities::Authorities,
    decode,
    endpoint::Template,
    errors,
    http_client::{HttpClient, RequestError},
    json::Json,
};

/// Where the services that give credentials are, if not where the vendor has them.
#[derive(Clone, Debug, Default)]
pub struct CredentialEndpoints {
    /// STS.
    pub sts: Option<Template>,
    /// The metadata service of ECS instances.
    pub metadata: Option<Template>,
    /// Certificate authorities that vouch for STS and for an address, in place of the system's.
    pub authorities: Option<Authorities>,
}

/// Credentials that were fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fetched {
    pub(super) credentials: AccessKey,
    /// For how long from now, if not for ever.
    pub(super) lasts: Option<Duration>,
}

/// A service's answer.
pub(super) struct Reply(pub(super) RawAnswer);

/// For one request.
const REQUEST_DEADLINE: Duration = Duration::from_secs(5);
const LARGEST_ANSWER: usize = 64 << 10;
/// Of the parts of a key in an answer.
const NAMES: [&str; 3] = ["AccessKeyId", "AccessKeySecret", "SecurityToken"];

/// The beginning of a request to a service, with the user and password that its address may hold.
pub(super) fn request(method: Method, url: &Url) -> Builder {
    let request = Request::builder().method(method).uri(url.as_str());
    if url.username().is_empty() {
        return request;
    }
    let decoded = |text| percent_decode_str(text).decode_utf8_lossy();
    let login = format!("{}:{}", decoded(url.username()), decoded(url.password().unwrap_or_default()));
    request.header(AUTHORIZATION, format!("Basic {}", BASE64.encode(login)))
}

/// The answer, if it is one of success.
pub(super) async fn ask(
    place: &str,
    request: Builder,
    body: Bytes,
    authorities: Option<&Authorities>,
) -> Result<Reply, CredentialsError> {
    ask_anything(place, request, body, authorities).await?.success(place)
}

/// The answer, whatever it says. An address on this machine or on this instance's own network is not asked through any
/// proxy.
pub(super) async fn ask_anything(
    place: &str,
    request: Builder,
    body: Bytes,
    authorities: Option<&Authorities>,
) -> Result<Reply, CredentialsError> {
    let request = request.body(body).map_err(|_| CredentialsError::broken(place, "has an address that is none"))?;
    let is_near = request.uri().scheme_str() == Some("http");
    let client = HttpClient::trusting(is_near, authorities)
        .map_err(|error| CredentialsError::broken("HTTP", error.to_string()))?;
    let late = |_| CredentialsError::unavailable(place, "does not answer in time");
    let response = timeout(REQUEST_DEADLINE, client.send(request, LARGEST_ANSWER)).await.map_err(late)?;
    let failed = |error: RequestError| CredentialsError::unavailable(place, error.to_string());
    let (parts, body) = response.map_err(failed)?.into_parts();
    Ok(Reply(RawAnswer::new(parts.status.as_u16(), &parts.headers, body, Timestamp::now())))
}

impl Reply {
    /// The body as a text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.body).into_owned()
    }

    /// Itself, if it is one of success.
    pub(super) fn success(self, place: &str) -> Result<Self, CredentialsError> {
        match self.0.status {
            200..=299 => Ok(self),
            400..=499 if !self.is_passing() => Err(CredentialsError::broken(place, self.refusal())),
            _ => Err(CredentialsError::unavailable(place, self.refusal())),
        }
    }

    /// Whether the service is only too busy, or in trouble that passes.
    pub(super) fn is_passing(&self) -> bool {
        let code = || self.0.open().text("Code").is_some_and(|code| errors::is_passing(&code));
        matches!(self.0.status, 408 | 429 | 500..) || code()
    }

    /// The credentials in an answer, at the top level or under `Credentials`.
    pub(super) fn credentials(&self, place: &str) -> Result<Fetched, CredentialsError> {
        let answer = self.0.open();
        let whole = answer.json.as_ref().unwrap_or(&Json::Null);
        let members = decode::inside(whole, "Credentials").unwrap_or(whole);
        let get = |name| decode::text(members, name).and_then(|text| given(&text));
        // An answer that says that there are none may still have an old key in it.
        let is_given = answer.text("Code").is_none_or(|code| decode::is_success(&code));
        let key = if is_given { Plan::key(NAMES, NAMES.map(get)) } else { Ok(None) };
        let Ok(Some(Plan::Key { credentials, .. })) = key else {
            let fault = format!("gives no credentials, it {}", self.refusal());
            return Err(CredentialsError::unavailable(place, fault));
        };
        let expires = get("Expiration").map(|text| text.parse::<Timestamp>()).transpose();
        let expires =
            expires.map_err(|_| CredentialsError::unavailable(place, "gives an expiration that is no time"))?;
        // By the clock of whoever gives them, if it tells the time: ours may be wrong.
        let ahead = SignedDuration::from_secs(self.0.clock_ahead().unwrap_or_default());
        let now = Timestamp::now().saturating_add(ahead).unwrap_or_else(|_| Timestamp::now());
        Ok(Fetched { credentials, lasts: expires.map(|expires| lasting(expires, now)) })
    }

    /// What a refusal says of itself, as far as it is fit for a log: the status, and a code that looks like one.
    fn refusal(&self) -> String {
        let is_code = |code: &String| {
            code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        };
        let code = self.0.open().text("Code").filter(is_code).unwrap_or_default();
        format!("answers HTTP {} {code}", self.0.status).trim_end().to_owned()
    }
}

pub(super) fn lasting(until: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(now)).unwrap_or_default()
}
