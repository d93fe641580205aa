//! STS, version 2015-04-01: a role's temporary credentials, by other credentials or by a token of an OIDC provider.

use std::{path::Path, time::Duration};

use http::header::CONTENT_TYPE;
use jiff::{SignedDuration, Timestamp};
use tokio::time::sleep;
use url::Url;
use uuid::Uuid;

use super::{
    ask::{CredentialEndpoints, Fetched, Reply, ask_anything, request},
    error::CredentialsError,
    plan::{Role, given},
};
use crate::{
    access_key::AccessKey,
    backoff::Backoff,
    endpoint::Template,
    signer::{Method, Stamp, sign},
};

const VERSION: &str = "2015-04-01";
/// An hour, which every role allows.
const SECONDS: u64 = 3600;
/// While it is too busy, within the deadline of the whole.
const ATTEMPTS: u32 = 4;
const BACKOFF: Backoff = Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(2) };
const FORM: &str = "application/x-www-form-urlencoded";

/// `AssumeRole`.
pub(super) async fn assume(
    role: &Role,
    with: &AccessKey,
    stations: &CredentialEndpoints,
) -> Result<Fetched, CredentialsError> {
    let url = address(role, stations)?;
    let parameters = parameters("AssumeRole", role);
    // Signed anew each time: a nonce counts once.
    let signed = |ahead: i64| {
        let now = Timestamp::now();
        let there = now.saturating_add(SignedDuration::from_secs(ahead)).unwrap_or(now);
        sign(Method::Post, &parameters, with, Stamp::new(Uuid::new_v4(), there))
    };
    let mut reply = post(&url, stations, || signed(0)).await?;
    // A clock that is wrong here is known there.
    let code = reply.0.open().text("Code");
    if let (Some(code), Some(ahead)) = (code, reply.0.clock_ahead())
        && (code.starts_with("InvalidTimeStamp") || code.starts_with("IllegalTimestamp"))
    {
        reply = post(&url, stations, || signed(ahead)).await?;
    }
    reply.success(&place(&url))?.credentials(&place(&url))
}

/// `AssumeRoleWithOIDC`, which the token itself vouches for: it is not signed. The file is read each time, since whoever
/// runs the workload puts a new token into it from time to time.
pub(super) async fn assume_with_token(
    role: &Role,
    provider_arn: &str,
    token_file: &Path,
    stations: &CredentialEndpoints,
) -> Result<Fetched, CredentialsError> {
    let url = address(role, stations)?;
    let token = tokio::task::spawn_blocking({
        let path = token_file.to_owned();
        move || std::fs::read_to_string(path)
    });
    let token = token.await.ok().and_then(Result::ok).and_then(|token| given(&token));
    let token = token.ok_or_else(|| {
        CredentialsError::unavailable(token_file.display().to_string(), "holds no token, or cannot be read")
    })?;
    let reply = post(&url, stations, || form(role, provider_arn, &token)).await?;
    reply.success(&place(&url))?.credentials(&place(&url))
}

/// Asks, and asks again while STS is too busy, so that a crowd of proxies that start at once gets through.
async fn post(
    url: &Url,
    stations: &CredentialEndpoints,
    body: impl Fn() -> String + Send,
) -> Result<Reply, CredentialsError> {
    let mut attempt = 1;
    loop {
        let request = request(http::Method::POST, url).header(CONTENT_TYPE, FORM);
        let reply = ask_anything(&place(url), request, body().into(), stations.authorities.as_ref()).await?;
        if attempt == ATTEMPTS || !reply.is_passing() {
            return Ok(reply);
        }
        sleep(BACKOFF.pause(attempt, reply.0.retry_after.map(|pause| pause.min(BACKOFF.longest)))).await;
        attempt += 1;
    }
}

fn form(role: &Role, provider_arn: &str, token: &str) -> String {
    let Stamp { nonce, timestamp } = Stamp::new(Uuid::new_v4(), Timestamp::now());
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(parameters("AssumeRoleWithOIDC", role));
    form.extend_pairs([("Format", "JSON"), ("SignatureNonce", &nonce), ("Timestamp", &timestamp)]);
    form.extend_pairs([("OIDCProviderArn", provider_arn), ("OIDCToken", token)]);
    form.finish()
}

fn parameters(action: &str, role: &Role) -> Vec<(String, String)> {
    let seconds = role.seconds.unwrap_or(SECONDS).to_string();
    let session = role.session.as_deref().unwrap_or("deskbuy");
    let mut all = vec![
        ("Action", action),
        ("Version", VERSION),
        ("RoleArn", &role.arn),
        ("RoleSessionName", session),
        ("DurationSeconds", &seconds),
    ];
    all.extend(role.policy.as_deref().map(|policy| ("Policy", policy)));
    all.extend(role.external_id.as_deref().map(|id| ("ExternalId", id)));
    all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn address(role: &Role, stations: &CredentialEndpoints) -> Result<Url, CredentialsError> {
    let url = match &stations.sts {
        Some(template) => template.as_url(),
        None => role.sts.address().parse::<Template>().ok().and_then(|template| template.as_url()),
    };
    url.ok_or_else(|| CredentialsError::broken("STS", "has an address that is none"))
}

fn place(url: &Url) -> String {
    format!("STS at {}", url.host_str().unwrap_or_default())
}
