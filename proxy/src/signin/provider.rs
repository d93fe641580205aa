//! The provider of OpenID Connect: finds out where it is and which keys it signs with, sends people there, and checks
//! what they come back with. The protocol itself is the crate's, `openidconnect`.

use std::{sync::Arc, time::Duration};

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
use tokio::{sync::Mutex, time::Instant};

use super::provider_client::ProviderClient;
use cloud::Secret;

/// How the provider is used.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Its name, which is where its description is found too.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// Our password there, if it gave us one.
    pub client_secret: Option<Secret>,
    /// What to ask for besides `openid`.
    pub scopes: Vec<String>,
}

/// The provider.
#[derive(Debug)]
pub struct Provider {
    settings: ProviderSettings,
    client: ProviderClient,
    known: Mutex<Known>,
}

/// What is known of the provider.
#[derive(Debug, Default)]
struct Known {
    /// Its description with its keys, and since when.
    metadata: Option<(Arc<CoreProviderMetadata>, Instant)>,
    /// When it was last asked out of turn, for a key that was not among those.
    out_of_turn: Option<Instant>,
}

impl Known {
    /// Whether the provider may be asked out of turn now, which then counts as done, whatever comes of it.
    fn take_turn(&mut self, now: Instant) -> bool {
        let is_due = self.out_of_turn.is_none_or(|last| now.duration_since(last) >= SOONEST);
        if is_due {
            self.out_of_turn = Some(now);
        }
        is_due
    }
}

/// A person who goes to the provider.
#[derive(Debug)]
pub struct Departure {
    /// Where to.
    pub to: reqwest::Url,
    /// To compare with at the return.
    pub state: String,
    /// To compare with at the return.
    pub nonce: String,
    /// To prove at the return.
    pub verifier: String,
}

/// A sign-in that comes to nothing. The texts are for the log and hold nothing that the provider or a browser said but
/// for codes.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It cannot be reached, or does not say what it must.
    #[error("the provider of sign-in cannot be used: {0}")]
    Unavailable(String),
    /// It did not take the code.
    #[error("the provider refused the code: {0}")]
    CodeRefused(String),
    /// The token is not one for this sign-in.
    #[error("the token cannot be trusted: {0}")]
    Untrusted(String),
}

/// How long the provider's description and keys are used before they are asked for again.
const FRESH: Duration = Duration::from_hours(1);
/// Between two times that it is asked out of turn, whoever makes up keys.
const SOONEST: Duration = Duration::from_secs(30);

type OidcClient =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Whatever else the provider says of a person.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct OtherClaims(Map<String, Value>);

impl AdditionalClaims for OtherClaims {}

impl Provider {
    /// One that has not been asked anything yet.
    pub fn new(settings: ProviderSettings) -> Result<Self, reqwest::Error> {
        let client = ProviderClient::new(settings.issuer.starts_with("http://"))?;
        Ok(Self { settings, client, known: Mutex::default() })
    }

    /// Asks for the provider's description ahead of the first person, so that the log tells at once if there is none.
    pub async fn meet(&self) {
        if let Err(error) = self.metadata().await {
            tracing::warn!(%error, "nobody can sign in for the moment; it is tried again when somebody does");
        }
    }

    /// Sends a person there. `redirect` is where the person is to come back to.
    pub async fn depart(&self, redirect: RedirectUrl) -> Result<Departure, ProviderError> {
        let metadata = self.metadata().await?;
        let client = self.client(&metadata, redirect);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let scopes = self.settings.scopes.iter().cloned().map(Scope::new);
        let (to, state, nonce) = request.add_scopes(scopes).set_pkce_challenge(challenge).url();
        let (state, nonce) = (state.into_secret(), nonce.secret().clone());
        Ok(Departure { to, state, nonce, verifier: verifier.into_secret() })
    }

    /// What the provider says of the person who came back with this code.
    pub async fn arrive(
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
            // It may sign with a newer key than the ones we know; with one of the same name, where it gives them none.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
            )) => {
                let metadata = self.metadata_after(metadata).await?;
                let client = self.client(&metadata, redirect);
                token.claims(&client.id_token_verifier(), &nonce).map(|claims| claims.subject().clone())
            }
            claims => claims.map(|claims| claims.subject().clone()),
        };
        let subject = subject.map_err(|error| ProviderError::Untrusted(what(&error).to_owned()))?;
        let mut claims = self.more(&client, tokens.access_token().clone(), subject).await?;
        // What is signed counts more than what is said besides.
        claims
            .extend(payload(&token.to_string()).ok_or_else(|| ProviderError::Untrusted("it is not JSON".to_owned()))?);
        Ok(claims)
    }

    /// What the provider tells of the person only if asked: many keep addresses and groups out of the token.
    async fn more(
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

    /// The provider's description. One that is old is better than none while it cannot be had anew.
    async fn metadata(&self) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        // Whoever comes meanwhile waits for the same answer.
        let mut known = self.known.lock().await;
        if let Some((metadata, since)) = &known.metadata
            && since.elapsed() < FRESH
        {
            return Ok(Arc::clone(metadata));
        }
        match (self.discover(&mut known).await, &known.metadata) {
            (Err(ProviderError::Unavailable(why)), Some((metadata, _))) => {
                tracing::warn!(why, "the provider's description is used although it is old");
                Ok(Arc::clone(metadata))
            }
            (result, _) => result,
        }
    }

    /// A newer description than this one, if there is one already or the provider may be asked now; otherwise the same.
    async fn metadata_after(&self, old: Arc<CoreProviderMetadata>) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        let mut known = self.known.lock().await;
        match &known.metadata {
            Some((metadata, _)) if !Arc::ptr_eq(metadata, &old) => return Ok(Arc::clone(metadata)),
            _ => {}
        }
        if known.take_turn(Instant::now()) { self.discover(&mut known).await } else { Ok(old) }
    }

    /// Asks for the description and the keys, and keeps them.
    async fn discover(&self, known: &mut Known) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(unusable)?;
        match CoreProviderMetadata::discover_async(issuer, &self.client).await {
            Ok(found) => {
                let found = Arc::new(found);
                known.metadata = Some((Arc::clone(&found), Instant::now()));
                Ok(found)
            }
            Err(error) => {
                use openidconnect::DiscoveryError::{Other, Parse, Request, Response, UrlParse, Validation};
                let why = match error {
                    Request(error) => error.to_string(),
                    Response(status, ..) => format!("its description is answered with {status}"),
                    Parse(_) => "its description cannot be read".to_owned(),
                    UrlParse(_) => "its name is no address".to_owned(),
                    Validation(_) => "its description is of another issuer".to_owned(),
                    Other(_) => "its keys cannot be had".to_owned(),
                    _ => "its description cannot be had".to_owned(),
                };
                Err(ProviderError::Unavailable(why))
            }
        }
    }

    fn client(&self, metadata: &CoreProviderMetadata, redirect: RedirectUrl) -> OidcClient {
        let settings = &self.settings;
        let secret = settings.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose().to_owned()));
        let client_id = ClientId::new(settings.client_id.clone());
        let client = CoreClient::from_provider_metadata(metadata.clone(), client_id, secret);
        client.set_redirect_uri(redirect).set_auth_type(auth_type(metadata))
    }
}

/// By HTTP's own password field, unless the provider takes it in the body only.
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

/// What is wrong with a token, without what is in it.
fn what(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "it has expired",
        ClaimsVerificationError::InvalidAudience(_) => "it is for another client",
        ClaimsVerificationError::InvalidIssuer(_) => "it is of another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "it was made for another sign-in",
        ClaimsVerificationError::SignatureVerification(_) => "its signature is not the provider's",
        _ => "it is not in order",
    }
}

/// The claims of a token whose signature was checked.
fn payload(token: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&BASE64.decode(token.split('.').nth(1)?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_makes_us_ask_again_and_again() {
        let (mut known, start) = (Known::default(), Instant::now());
        let mut check = |seconds: u64, expect: bool| {
            assert_eq!(known.take_turn(start + Duration::from_secs(seconds)), expect, "after {seconds} s");
        };
        check(0, true);
        check(1, false);
        check(29, false);
        // What was refused puts nothing off.
        check(30, true);
        check(31, false);
        check(90, true);
    }
}
