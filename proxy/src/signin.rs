//! Sign-in by OpenID Connect (authorization code flow with PKCE), sessions, and rules about who may look and buy. The
//! routes are in [`crate::http`].

pub(crate) mod cookies;
#[cfg(test)]
mod fuzz_targets;
mod identity;
mod pending;
mod provider;
mod provider_client;
mod rules;
mod seal;
mod session;

use axum::http::{HeaderMap, HeaderValue};
use cloud::Secret;
use openidconnect::RedirectUrl;
use orders::Accounts;
use url::Url;

pub use identity::Identity;
pub use provider::{ProviderError, ProviderSettings};
pub use rules::{NoRule, Rule, Rules};
pub use seal::NoRandomness;
pub use session::{Lifetimes, Session};

use pending::Pending;
use provider::{AuthorizationRequest, Provider};
use seal::Sealer;

/// The path of the redirect URI.
pub const CALLBACK: &str = "/login/callback";

/// Settings of sign-in.
#[derive(Clone, Debug)]
pub struct SignInSettings {
    /// The provider.
    pub provider: ProviderSettings,
    /// Keys that seal cookies. Without any, the process generates its own.
    pub keys: Vec<Secret>,
    /// How long sessions last.
    pub lifetimes: Lifetimes,
    /// Who may look. Buyers may look too.
    pub viewers: Rules,
    /// Who may buy.
    pub buyers: Rules,
    /// The claim with the account to buy for, with one account per principal.
    pub owner_claim: Option<String>,
    /// Whether to trust addresses that the provider has not verified.
    pub trust_email: bool,
}

/// Sign-in.
#[derive(Debug)]
pub struct SignIn {
    provider: Provider,
    sealer: Sealer,
    settings: SignInSettings,
    /// The rules of viewers and buyers, to decide which claims a session keeps.
    rules: Rules,
    redirect: RedirectUrl,
}

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Nothing.
    None,
    /// See types, prices and orders.
    Look,
    /// Everything.
    Buy,
}

/// Why sign-in cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The system gives no random numbers.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The HTTP client cannot be made.
    #[error(transparent)]
    Http(#[from] cloud::StartError),
    /// The redirect URI is invalid.
    #[error("the redirect URI is invalid: {0}")]
    Redirect(#[from] openidconnect::url::ParseError),
}

/// Why a callback does not lead to a session.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    /// This browser has no pending sign-in with this state: it began none, or it expired, or it was used.
    #[error("no sign-in is under way in this browser with this state")]
    NotUnderWay,
    /// The provider failed or refused.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// A required claim is missing.
    #[error(transparent)]
    Claims(#[from] identity::ClaimMissing),
    /// The person is authenticated, and no rule lets them in.
    #[error("no rule lets this person in")]
    NotAllowed {
        /// The person's name in the journal.
        by: String,
    },
    /// The session does not fit into a cookie.
    #[error("the session does not fit into a cookie")]
    NoSession,
}

/// A completed sign-in.
#[derive(Debug)]
pub struct SignedIn {
    /// The person's name in the journal.
    pub by: String,
    /// The address to return to.
    pub back: String,
    /// The session's cookie.
    pub cookie: HeaderValue,
}

impl SignIn {
    /// Sign-in for a proxy at this public address.
    pub fn new(settings: SignInSettings, public_url: &Url) -> Result<Self, SignInError> {
        let redirect = RedirectUrl::from_url(public_url.join(CALLBACK)?);
        let rules = settings.viewers.iter().chain(settings.buyers.iter()).cloned().collect();
        let (provider, sealer) = (Provider::new(settings.provider.clone())?, Sealer::new(&settings.keys)?);
        Ok(Self { provider, sealer, settings, rules, redirect })
    }

    /// Prefetches the provider's metadata before the first sign-in.
    pub async fn prefetch(&self) {
        self.provider.prefetch().await;
    }

    /// Begins a sign-in. Returns the provider's authorization URL and the cookies of the pending sign-in. `back` is the
    /// address to return to after it.
    pub async fn begin(
        &self,
        headers: &HeaderMap,
        back: String,
        now: i64,
    ) -> Result<(Url, Vec<HeaderValue>), CallbackError> {
        let AuthorizationRequest { to, state, nonce, verifier } = self.provider.begin(self.redirect.clone()).await?;
        let pending = Pending { state, nonce, verifier, back, since: now };
        Ok((to, pending.cookies(headers, &self.sealer).ok_or(CallbackError::NoSession)?))
    }

    /// Completes a sign-in that this browser began, with the provider's code or its error.
    pub async fn complete(
        &self,
        headers: &HeaderMap,
        state: &str,
        code: Result<String, &'static str>,
        now: i64,
    ) -> Result<SignedIn, CallbackError> {
        let pending = Pending::read(headers, &self.sealer, state, now).ok_or(CallbackError::NotUnderWay)?;
        let Pending { nonce, verifier, back, .. } = pending;
        let code = code.map_err(|why| ProviderError::CodeRefused(why.to_owned()))?;
        let claims = self.provider.complete(code, nonce, verifier, self.redirect.clone()).await?;
        let settings = &self.settings;
        let identity = Identity::of(&claims, &self.rules, settings.owner_claim.as_deref(), settings.trust_email)?;
        let by = identity.journal_name().to_owned();
        if self.right(&identity) == Right::None {
            return Err(CallbackError::NotAllowed { by });
        }
        let session = Session::new(identity, now);
        let cookie = self.cookie(&session, now).ok_or(CallbackError::NoSession)?;
        Ok(SignedIn { by, back, cookie })
    }

    /// The header that deletes the cookie of a pending sign-in: each is single-use.
    #[must_use]
    pub fn clear_pending(state: &str) -> Option<HeaderValue> {
        Pending::clear_cookie(state)
    }

    /// The session of a request. A session from before a change of `--owner-claim` has no valid account, so it is
    /// ignored, and the person signs in again.
    #[must_use]
    pub fn session(&self, headers: &HeaderMap, now: i64) -> Option<Session> {
        let session = Session::read(headers, &self.sealer, self.settings.lifetimes, now);
        session.filter(|session| session.identity.owner_claim == self.settings.owner_claim)
    }

    /// The header that sets the session's cookie.
    #[must_use]
    pub fn cookie(&self, session: &Session, now: i64) -> Option<HeaderValue> {
        session.cookie(&self.sealer, self.settings.lifetimes, now)
    }

    /// How long sessions last.
    #[must_use]
    pub fn lifetimes(&self) -> Lifetimes {
        self.settings.lifetimes
    }

    /// The accounts whose orders a person may see: all, unless accounts come by claim.
    #[must_use]
    pub fn accounts(&self, identity: &Identity) -> Accounts {
        if self.settings.owner_claim.is_some() { Accounts::One(identity.owner_id.clone()) } else { Accounts::All }
    }

    /// The right of a person. Where accounts come by claim, buying needs one: without it the purchase would be for the
    /// wrong account.
    #[must_use]
    pub fn right(&self, identity: &Identity) -> Right {
        let buys = identity.fits(&self.settings.buyers);
        let has_account = self.settings.owner_claim.is_none() || identity.owner_id.is_some();
        match (buys && has_account, buys || identity.fits(&self.settings.viewers)) {
            (true, _) => Right::Buy,
            (false, true) => Right::Look,
            (false, false) => Right::None,
        }
    }
}
