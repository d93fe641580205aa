//! Requests to the services that give credentials: within a bounded time, and with a bounded answer.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::RequestBuilder;
use url::Url;

use super::error::CredentialsError;
use crate::{
    access_key::AccessKey,
    answer::RawAnswer,
    decode,
    endpoint::{Template, is_loopback},
    http_client::{StartError, http_client},
    json::Json,
};

/// Where the services that give credentials are, if not where the vendor has them.
#[derive(Clone, Debug, Default)]
pub struct CredentialEndpoints {
    /// STS.
    pub sts: Option<Template>,
    /// The metadata service of ECS instances.
    pub metadata: Option<Template>,
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
/// For a connection within the machine. On one that is no ECS instance nobody is there, and the start waits for that.
const NEAR: Duration = Duration::from_secs(1);
const LARGEST_ANSWER: usize = 64 << 10;

/// A client for an address: one on this machine or on this instance's own network is not called by way of any proxy.
pub(super) fn http(url: &Url) -> Result<reqwest::Client, CredentialsError> {
    let is_near = url.scheme() == "http" || is_loopback(url);
    let builder = http_client(is_near).timeout(REQUEST_DEADLINE);
    let builder = if is_near { builder.connect_timeout(NEAR) } else { builder };
    builder.build().map_err(|error| CredentialsError::broken("HTTP", StartError::of(error).to_string()))
}

/// The answer, if it is one of success.
pub(super) async fn ask(place: &str, request: RequestBuilder) -> Result<Reply, CredentialsError> {
    ask_anything(place, request).await?.success(place)
}

/// The answer, whatever it says.
pub(super) async fn ask_anything(place: &str, request: RequestBuilder) -> Result<Reply, CredentialsError> {
    // Neither the address nor anything that was sent is told: both may hold secrets.
    let failed = |error: reqwest::Error| {
        let fault = if error.is_timeout() { "does not answer in time" } else { "cannot be reached" };
        CredentialsError::unavailable(place, fault)
    };
    let mut response = request.send().await.map_err(failed)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(CredentialsError::unavailable(place, "gives an answer that is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply(RawAnswer::new(response.status().as_u16(), response.headers(), body.into(), Timestamp::now())))
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
            status @ 400..=499 if status != 429 => Err(CredentialsError::broken(place, self.refusal())),
            _ => Err(CredentialsError::unavailable(place, self.refusal())),
        }
    }

    /// The credentials in an answer, at the top level or under `Credentials`.
    pub(super) fn credentials(&self, place: &str) -> Result<Fetched, CredentialsError> {
        let answer = self.0.open();
        let whole = answer.json.as_ref().unwrap_or(&Json::Null);
        let members = decode::inside(whole, "Credentials").unwrap_or(whole);
        let get = |name| decode::text(members, name).filter(|text| !text.is_empty());
        let (Some(id), Some(secret)) = (get("AccessKeyId"), get("AccessKeySecret")) else {
            return Err(CredentialsError::unavailable(place, "gives an answer without credentials"));
        };
        let expires = get("Expiration").map(|text| text.parse::<Timestamp>()).transpose();
        let expires =
            expires.map_err(|_| CredentialsError::unavailable(place, "gives an expiration that is no time"))?;
        // By the clock of whoever gives them, if it tells the time: ours may be wrong.
        let ahead = SignedDuration::from_secs(self.0.clock_ahead().unwrap_or_default());
        let now = Timestamp::now().saturating_add(ahead).unwrap_or_else(|_| Timestamp::now());
        Ok(Fetched {
            credentials: AccessKey {
                access_key_id: id.into(),
                access_key_secret: secret.into(),
                security_token: get("SecurityToken").map(Into::into),
            },
            lasts: expires.map(|expires| lasting(expires, now)),
        })
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
