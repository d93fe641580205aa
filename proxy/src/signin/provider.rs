//! The OpenID Connect provider: builds authorization requests (code flow with PKCE), exchanges codes, and gives the
//! claims of a person. What the provider says of itself is in [`super::discovery`], what a token has to be in
//! [`super::token`].

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64},
};
use form_urlencoded::byte_serialize;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};
use tokio::time::timeout;
use url::Url;

use super::{
    claims::{with_said, without_foreign_word},
    discovery::{Discovery, Metadata, REFRESH_INTERVAL},
    provider_client::{ProviderClient, members},
    provider_error::ProviderError,
    seal::{NoRandomness, random_text},
    token::{self, Expected, TokenError},
};
use cloud::{Authorities, Secret};

/// Settings of the provider.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// The issuer: its identifier, and where discovery begins.
    pub issuer: String,
    /// The address of the discovery document, if it is not below the issuer.
    pub discovery: Option<Url>,
    /// Our client identifier.
    pub client_id: String,
    /// Our client secret, if it gave us one.
    pub client_secret: Option<Secret>,
    /// Scopes to request besides `openid`.
    pub scopes: Vec<String>,
    /// Certificate authorities that vouch for it, in place of the system's.
    pub authorities: Option<Authorities>,
}

/// The provider.
#[derive(Debug)]
pub struct Provider {
    settings: ProviderSettings,
    client: ProviderClient,
    discovery: Discovery,
}

/// An authorization request, and the secrets to compare with its callback.
#[derive(Debug)]
pub struct AuthorizationRequest {
    /// The authorization URL.
    pub to: Url,
    /// `nonce`, which the token must contain.
    pub nonce: String,
    /// The PKCE verifier, which the token request must contain.
    pub verifier: String,
}

/// What the provider says of a person.
#[derive(Debug)]
pub struct Claims {
    /// The claims of the ID token, and those of the userinfo endpoint that it does not have.
    pub all: Map<String, Value>,
    /// Why the userinfo endpoint said nothing, if it was asked in vain.
    pub userinfo_error: Option<ProviderError>,
}

/// Deadline of the userinfo endpoint. A sign-in may go on without it.
const USERINFO_DEADLINE: Duration = Duration::from_secs(5);
/// The pauses between fetches of the metadata while the provider is unavailable.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Provider {
    /// A provider without cached metadata.
    pub fn new(settings: ProviderSettings) -> Result<Self, super::SignInError> {
        let client = ProviderClient::new(settings.issuer.starts_with("http://"), settings.authorities.as_ref())?;
        let discovery = Discovery::new(settings.issuer.clone(), settings.discovery.clone(), client.clone())?;
        Ok(Self { settings, client, discovery })
    }

    /// Fetches the metadata once, and says how long to wait before the next fetch. `failures` counts those in a row.
    pub async fn refresh(&self, failures: &mut u32) -> Duration {
        match self.discovery.refresh().await {
            Ok(()) => {
                if *failures > 0 {
                    tracing::info!(issuer = self.settings.issuer, "the provider of sign-in is available");
                }
                *failures = 0;
                REFRESH_INTERVAL
            }
            Err(error) => {
                if *failures == 0 {
                    tracing::warn!(%error, issuer = self.settings.issuer,
                        "waiting for the provider of sign-in; people who are signed in can go on");
                }
                let pause = FIRST_PAUSE.saturating_mul(1 << (*failures).min(5)).min(LONGEST_PAUSE);
                *failures = failures.saturating_add(1);
                pause
            }
        }
    }

    /// Fetches the metadata.
    pub async fn check(&self) -> Result<(), ProviderError> {
        self.discovery.refresh().await
    }

    /// Builds an authorization request. `redirect` is the redirect URI.
    pub async fn begin(&self, redirect: &Url, state: &str) -> Result<AuthorizationRequest, ProviderError> {
        let metadata = self.discovery.metadata().await?;
        let random = || random_text().map_err(|NoRandomness| unavailable("there are no random numbers"));
        let (nonce, verifier) = (random()?, random()?);
        let challenge = BASE64.encode(digest(&SHA256, verifier.as_bytes()));
        let scopes = self.settings.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid");
        let scope = ["openid"].into_iter().chain(scopes).collect::<Vec<_>>().join(" ");
        let mut to = metadata.authorization.clone();
        to.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.settings.client_id),
            ("redirect_uri", redirect.as_str()),
            ("scope", &scope),
            ("state", state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        Ok(AuthorizationRequest { to, nonce, verifier })
    }

    /// Exchanges a code for tokens, verifies them, and returns the person's claims.
    pub async fn complete(
        &self,
        code: &str,
        nonce: &str,
        verifier: &str,
        redirect: &Url,
        now: i64,
    ) -> Result<Claims, ProviderError> {
        let metadata = self.discovery.metadata().await?;
        let tokens = self.exchange(&metadata, code, verifier, redirect).await?;
        let text = |name: &str| tokens.get(name).and_then(Value::as_str);
        let id_token = text("id_token").ok_or_else(|| ProviderError::Untrusted("there is none".to_owned()))?;
        let secret = self.settings.client_secret.as_ref();
        let (claims, metadata) = match token::verify(id_token, &metadata.keys, secret) {
            // The provider may have rotated its keys, under new names or, where keys have no names, under none.
            Err(TokenError::Signature) => {
                let metadata = self.discovery.refreshed(metadata).await?;
                let claims = token::verify(id_token, &metadata.keys, secret).map_err(untrusted)?;
                self.discovery.early_refresh_helped();
                (claims, metadata)
            }
            claims => (claims.map_err(untrusted)?, metadata),
        };
        let (issuer, client_id) = (self.settings.issuer.as_str(), self.settings.client_id.as_str());
        token::check(&claims, Expected { issuer, client_id, nonce, now }).map_err(untrusted)?;
        self.with_userinfo(&metadata, claims, text("access_token")).await
    }

    /// The address where the person signs out at the provider too, if it offers that (RP-Initiated Logout).
    pub async fn end_session(&self, back: &Url) -> Option<Url> {
        let mut to = self.discovery.metadata().await.ok()?.end_session.clone()?;
        to.query_pairs_mut()
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("post_logout_redirect_uri", back.as_str());
        Some(to)
    }

    /// The members of the token endpoint's answer.
    async fn exchange(
        &self,
        metadata: &Metadata,
        code: &str,
        verifier: &str,
        redirect: &Url,
    ) -> Result<Map<String, Value>, ProviderError> {
        let (credentials, form) = self.token_request(metadata, code, verifier, redirect);
        let sent = self.client.post(&metadata.token, credentials.as_deref(), form);
        let answer = sent.await.map_err(unavailable)?;
        let status = answer.status();
        match members(&answer) {
            Some(tokens) if status.is_success() => Ok(tokens),
            Some(error) if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                let code = error.get("error").and_then(Value::as_str).unwrap_or_default();
                let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                let code = if is_code && code.len() <= 40 { code } else { "without a code" };
                Err(ProviderError::CodeRefused(code.to_owned()))
            }
            _ => Err(unavailable(format!("its token endpoint answers with {} and no tokens", status.as_u16()))),
        }
    }

    /// The credentials and the form of a token request.
    fn token_request(
        &self,
        metadata: &Metadata,
        code: &str,
        verifier: &str,
        redirect: &Url,
    ) -> (Option<String>, String) {
        let client_id = &self.settings.client_id;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code").append_pair("code", code);
        form.append_pair("redirect_uri", redirect.as_str()).append_pair("code_verifier", verifier);
        let credentials = match &self.settings.client_secret {
            Some(secret) if !metadata.secret_in_body => {
                // RFC 6749, section 2.3.1: both are encoded as in a form first.
                let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encode(client_id), encode(secret.expose()));
                Some(format!("Basic {}", STANDARD.encode(pair)))
            }
            secret => {
                form.append_pair("client_id", client_id);
                if let Some(secret) = secret {
                    form.append_pair("client_secret", secret.expose());
                }
                None
            }
        };
        (credentials, form.finish())
    }

    /// The claims, and those of the userinfo endpoint: many providers keep addresses and groups out of the token. What
    /// is signed takes precedence.
    async fn with_userinfo(
        &self,
        metadata: &Arc<Metadata>,
        claims: Map<String, Value>,
        access_token: Option<&str>,
    ) -> Result<Claims, ProviderError> {
        let (Some(url), Some(access_token)) = (&metadata.userinfo, access_token) else {
            return Ok(Claims { all: claims, userinfo_error: None });
        };
        let said = match timeout(USERINFO_DEADLINE, self.userinfo(metadata, url, access_token)).await {
            Ok(said) => said,
            Err(_) => Err(unavailable("its userinfo endpoint does not answer in time")),
        };
        match said {
            Ok(said) if said.get("sub") == claims.get("sub") => {
                let said = without_foreign_word(&claims, said);
                Ok(Claims { all: with_said(claims, said), userinfo_error: None })
            }
            Ok(_) => Err(ProviderError::Untrusted("its userinfo endpoint tells of another person".to_owned())),
            Err(error) => {
                tracing::warn!(%error, "signing in without the claims of the userinfo endpoint");
                Ok(Claims { all: claims, userinfo_error: Some(error) })
            }
        }
    }

    async fn userinfo(
        &self,
        metadata: &Metadata,
        url: &Url,
        access_token: &str,
    ) -> Result<Map<String, Value>, ProviderError> {
        let answer = self.client.get(url, Some(access_token)).await.map_err(unavailable)?;
        if !answer.status().is_success() {
            return Err(unavailable(format!("its userinfo endpoint answers with {}", answer.status().as_u16())));
        }
        // Some providers sign this answer as well.
        let signed = || token::verify(std::str::from_utf8(answer.body()).ok()?.trim(), &metadata.keys, None).ok();
        let said = members(&answer).or_else(signed).filter(|said| said.get("sub").is_some_and(Value::is_string));
        said.ok_or_else(|| unavailable("its userinfo endpoint does not say who this is"))
    }
}

fn unavailable(error: impl std::fmt::Display) -> ProviderError {
    ProviderError::Unavailable(error.to_string())
}

fn untrusted(error: TokenError) -> ProviderError {
    ProviderError::Untrusted(error.to_string())
}
