//! The OpenID Connect provider: discovers its metadata and keys, builds authorization requests, and verifies tokens.
//! The crate `openidconnect` implements the protocol.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use openidconnect::{
    AccessToken, AdditionalClaims, AuthType, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId,
    ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    SubjectIdentifier, TokenResponse, UserInfoClaims, UserInfoError,
    core::{CoreClient, CoreGenderClaim, CoreProviderMetadata, CoreResponseType, CoreTokenResponse},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::provider_client::ProviderClient;
use cloud::{Joined, Secret, SingleFlight};

/// Settings of the provider.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// The issuer: its identifier, and where discovery begins.
    pub issuer: String,
    /// Our client identifier.
    pub client_id: String,
    /// Our client secret, if it gave us one.
    pub client_secret: Option<Secret>,
    /// Scopes to request besides `openid`.
    pub scopes: Vec<String>,
}

/// The provider.
#[derive(Debug)]
pub struct Provider {
    settings: ProviderSettings,
    client: ProviderClient,
    discovery: Arc<Mutex<Discovery>>,
    fetches: SingleFlight<(), Result<Arc<CoreProviderMetadata>, ProviderError>>,
}

/// The cached discovery document.
#[derive(Debug, Default)]
struct Discovery {
    /// The provider's metadata with its keys, and when they were fetched.
    metadata: Option<(Arc<CoreProviderMetadata>, Instant)>,
    /// When the keys were last fetched early, because of an unknown key.
    early_refresh: Option<Instant>,
}

impl Discovery {
    /// Whether an early refresh may be made now. If so, it counts as made, whatever its result.
    fn claim_refresh(&mut self, now: Instant) -> bool {
        let is_due = self.early_refresh.is_none_or(|last| now.duration_since(last) >= MIN_REFRESH_INTERVAL);
        if is_due {
            self.early_refresh = Some(now);
        }
        is_due
    }
}

/// An authorization request, and the secrets to compare with its callback.
#[derive(Debug)]
pub struct AuthorizationRequest {
    /// The authorization URL.
    pub to: url::Url,
    /// `state`, which the callback must repeat.
    pub state: String,
    /// `nonce`, which the token must contain.
    pub nonce: String,
    /// The PKCE verifier, which the token request must contain.
    pub verifier: String,
}

/// Why a sign-in fails. The texts are for the log. They contain error codes, and nothing else that the provider or a
/// browser sent.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ProviderError {
    /// The provider cannot be reached, or its answers are unusable.
    #[error("the provider of sign-in cannot be used: {0}")]
    Unavailable(String),
    /// The provider refused the code.
    #[error("the provider refused the code: {0}")]
    CodeRefused(String),
    /// The token is invalid, or was made for another sign-in.
    #[error("the token cannot be trusted: {0}")]
    Untrusted(String),
}

/// How long metadata and keys are used before they are fetched again.
const METADATA_LIFETIME: Duration = Duration::from_hours(1);
/// The shortest time between two early refreshes. Bounds the load on the provider when tokens name made-up keys.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(30);

type OidcClient =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// All other claims.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct OtherClaims(Map<String, Value>);

impl AdditionalClaims for OtherClaims {}

impl Provider {
    /// A provider without cached metadata.
    pub fn new(settings: ProviderSettings) -> Result<Self, cloud::StartError> {
        let client = ProviderClient::new(settings.issuer.starts_with("http://"))?;
        Ok(Self { settings, client, discovery: Arc::default(), fetches: SingleFlight::default() })
    }

    /// Prefetches the metadata, so that the log reports an unavailable provider at the start.
    pub async fn prefetch(&self) {
        if let Err(error) = self.metadata().await {
            tracing::warn!(%error, "sign-in is not available at the moment; the next sign-in tries the provider again");
        }
    }

    /// Builds an authorization request. `redirect` is the redirect URI.
    pub async fn begin(&self, redirect: RedirectUrl) -> Result<AuthorizationRequest, ProviderError> {
        let metadata = self.metadata().await?;
        let client = self.client(&metadata, redirect);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let scopes = self.settings.scopes.iter().cloned().map(Scope::new);
        let (to, state, nonce) = request.add_scopes(scopes).set_pkce_challenge(challenge).url();
        let (state, nonce) = (state.into_secret(), nonce.secret().clone());
        Ok(AuthorizationRequest { to, state, nonce, verifier: verifier.into_secret() })
    }

    /// Exchanges a code for tokens, verifies them, and returns the person's claims.
    pub async fn complete(
        &self,
        code: String,
        nonce: String,
        verifier: String,
        redirect: RedirectUrl,
    ) -> Result<Map<String, Value>, ProviderError> {
        let metadata = self.metadata().await?;
        let client = self.client(&metadata, redirect.clone());
        let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(unusable)?;
        let tokens = exchange.set_pkce_verifier(PkceCodeVerifier::new(verifier)).request_async(&self.client).await;
        let tokens: CoreTokenResponse = tokens.map_err(|error| match error {
            RequestTokenError::ServerResponse(answer) => ProviderError::CodeRefused(answer.error().to_string()),
            RequestTokenError::Request(error) => unusable(error),
            RequestTokenError::Parse(..) => ProviderError::Unavailable("its answer cannot be read".to_owned()),
            RequestTokenError::Other(_) => ProviderError::Unavailable("its answer is empty".to_owned()),
        })?;
        let token = tokens.id_token().ok_or_else(|| ProviderError::Untrusted("there is none".to_owned()))?;
        let nonce = Nonce::new(nonce);
        let subject = match token.claims(&client.id_token_verifier(), &nonce) {
            // The provider may have rotated its keys: an unknown key name, or another key under the same name where
            // keys have no names.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
            )) => {
                let metadata = self.refreshed_metadata(metadata).await?;
                let client = self.client(&metadata, redirect);
                token.claims(&client.id_token_verifier(), &nonce).map(|claims| claims.subject().clone())
            }
            claims => claims.map(|claims| claims.subject().clone()),
        };
        let subject = subject.map_err(|error| ProviderError::Untrusted(describe(&error).to_owned()))?;
        let mut claims = self.userinfo(&client, tokens.access_token().clone(), subject).await?;
        // Signed claims take precedence over those of the userinfo endpoint.
        claims
            .extend(payload(&token.to_string()).ok_or_else(|| ProviderError::Untrusted("it is not JSON".to_owned()))?);
        Ok(claims)
    }

    /// The claims of the userinfo endpoint: many providers keep addresses and groups out of the token.
    async fn userinfo(
        &self,
        client: &OidcClient,
        token: AccessToken,
        subject: SubjectIdentifier,
    ) -> Result<Map<String, Value>, ProviderError> {
        let Ok(request) = client.user_info(token, Some(subject)) else { return Ok(Map::new()) };
        let said: Result<UserInfoClaims<OtherClaims, CoreGenderClaim>, _> = request.request_async(&self.client).await;
        let said = said.map_err(|error| match error {
            UserInfoError::ClaimsVerification(_) => ProviderError::Untrusted("what it says is of another".to_owned()),
            _ => ProviderError::Unavailable("it does not say who this is".to_owned()),
        })?;
        match serde_json::to_value(&said) {
            Ok(Value::Object(claims)) => Ok(claims),
            _ => Ok(Map::new()),
        }
    }

    /// The metadata, from the cache or fetched. An outdated one is used while the provider is unavailable.
    async fn metadata(&self) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        let cached = self.discovery().metadata.clone();
        if let Some((metadata, since)) = &cached
            && since.elapsed() < METADATA_LIFETIME
        {
            return Ok(Arc::clone(metadata));
        }
        match (fetched(self.fetch()).await, cached) {
            (Err(ProviderError::Unavailable(why)), Some((metadata, _))) => {
                tracing::warn!(why, "the provider is unavailable: using its outdated metadata");
                Ok(metadata)
            }
            (result, _) => result,
        }
    }

    /// Newer metadata than `old`, if it is cached already or an early refresh may be made. Otherwise `old`.
    async fn refreshed_metadata(
        &self,
        old: Arc<CoreProviderMetadata>,
    ) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        let may_refresh = {
            let mut discovery = self.discovery();
            match &discovery.metadata {
                Some((metadata, _)) if !Arc::ptr_eq(metadata, &old) => return Ok(Arc::clone(metadata)),
                _ => discovery.claim_refresh(Instant::now()),
            }
        };
        match self.fetches.join_existing(&()) {
            Some(joined) => fetched(joined).await,
            None if may_refresh => fetched(self.fetch()).await,
            None => Ok(old),
        }
    }

    fn discovery(&self) -> MutexGuard<'_, Discovery> {
        self.discovery.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches the metadata and the keys, single-flight, and caches them.
    fn fetch(&self) -> Joined<Result<Arc<CoreProviderMetadata>, ProviderError>> {
        self.fetches.join((), || {
            let (issuer, client) = (self.settings.issuer.clone(), self.client.clone());
            let discovery = Arc::clone(&self.discovery);
            async move {
                let found = Arc::new(discover(issuer, &client).await?);
                let metadata = Some((Arc::clone(&found), Instant::now()));
                discovery.lock().unwrap_or_else(PoisonError::into_inner).metadata = metadata;
                Ok(found)
            }
        })
    }

    fn client(&self, metadata: &CoreProviderMetadata, redirect: RedirectUrl) -> OidcClient {
        let settings = &self.settings;
        let secret = settings.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose().to_owned()));
        let client_id = ClientId::new(settings.client_id.clone());
        let client = CoreClient::from_provider_metadata(metadata.clone(), client_id, secret);
        client.set_redirect_uri(redirect).set_auth_type(auth_type(metadata))
    }
}

async fn fetched(
    joined: Joined<Result<Arc<CoreProviderMetadata>, ProviderError>>,
) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
    joined.result().await.map_err(unusable)?
}

async fn discover(issuer: String, client: &ProviderClient) -> Result<CoreProviderMetadata, ProviderError> {
    use openidconnect::DiscoveryError::{Other, Parse, Request, Response, UrlParse, Validation};
    let issuer = IssuerUrl::new(issuer).map_err(unusable)?;
    CoreProviderMetadata::discover_async(issuer, client).await.map_err(|error| {
        ProviderError::Unavailable(match error {
            Request(error) => error.to_string(),
            Response(status, ..) => format!("its description is answered with {status}"),
            Parse(_) => "its description cannot be read".to_owned(),
            UrlParse(_) => "its name is no address".to_owned(),
            Validation(_) => "its description is of another issuer".to_owned(),
            Other(_) => "its keys cannot be had".to_owned(),
            _ => "its description cannot be had".to_owned(),
        })
    })
}

/// HTTP basic authentication, unless the provider accepts the secret only in the body.
fn auth_type(metadata: &CoreProviderMetadata) -> AuthType {
    use openidconnect::core::CoreClientAuthMethod::{ClientSecretBasic, ClientSecretPost};
    match metadata.token_endpoint_auth_methods_supported() {
        Some(methods) if !methods.contains(&ClientSecretBasic) && methods.contains(&ClientSecretPost) => {
            AuthType::RequestBody
        }
        _ => AuthType::BasicAuth,
    }
}

fn unusable(error: impl std::fmt::Display) -> ProviderError {
    ProviderError::Unavailable(error.to_string())
}

/// What is wrong with a token, without its content.
fn describe(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "it has expired",
        ClaimsVerificationError::InvalidAudience(_) => "it is for another client",
        ClaimsVerificationError::InvalidIssuer(_) => "it is of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "it was made for another sign-in",
        ClaimsVerificationError::SignatureVerification(_) => "its signature is not the provider's",
        _ => "it is not in order",
    }
}

/// The claims of a token whose signature was verified.
fn payload(token: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&BASE64.decode(token.split('.').nth(1)?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn early_refreshes_are_bounded() {
        let (mut discovery, start) = (Discovery::default(), Instant::now());
        let mut check = |seconds: u64, expect: bool| {
            assert_eq!(discovery.claim_refresh(start + Duration::from_secs(seconds)), expect, "after {seconds} s");
        };
        check(0, true);
        check(1, false);
        check(29, false);
        // A refused refresh does not restart the interval.
        check(30, true);
        check(31, false);
        check(90, true);
    }
}
