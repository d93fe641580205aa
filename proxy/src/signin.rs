//! Sign-in by OpenID Connect (authorization code flow with PKCE), sessions, and rules about who may look and buy. The
//! routes are in [`crate::http`].

mod api_tokens;
mod claims;
pub(crate) mod cookies;
mod discovery;
mod ended;
#[cfg(test)]
mod fuzz_targets;
mod identity;
mod pending;
mod provider;
mod provider_client;
mod provider_error;
mod rule_list;
mod rules;
mod seal;
mod session;
mod token;

use std::{path::PathBuf, time::Duration};

use axum::http::{HeaderMap, HeaderValue};
use cloud::Secret;
use orders::Accounts;
use shared::ids::OwnerId;
use url::Url;

pub use api_tokens::{ApiToken, ApiTokens, FILE_POLL_INTERVAL, Tokens, UnknownToken, read as read_api_tokens};
pub(crate) use cookies::values as cookie_values;
pub use ended::{EndedSessions, POLL_INTERVAL};
pub use identity::{Identity, Reading};
pub use provider::ProviderSettings;
pub use provider_error::ProviderError;
pub use rule_list::{of_lines, of_setting};
pub use rules::{NoRule, Rule, Rules};
pub use seal::NoRandomness;
pub use session::{Lifetimes, Session};
#[cfg(feature = "demo")]
pub(crate) use {pending::is_kept, seal::random_text};

use pending::Pending;
use provider::{AuthorizationRequest, Claims, Provider};
use seal::Sealer;

/// The path of the redirect URI, below the public address.
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
    /// Who may approve orders of others. They may look too.
    pub approvers: Rules,
    /// The claim with the account to buy for, with one account per principal.
    pub owner_claim: Option<String>,
    /// The claim with the name to show, if it is not one of the usual ones.
    pub name_claim: Option<String>,
    /// Claims whose values a session keeps: what orders of the person begin with.
    pub kept_claims: Vec<String>,
    /// Whether to trust addresses that the provider has not verified.
    pub trust_email: bool,
    /// The file with tokens of programs, and what is in it.
    pub api_tokens: Option<(PathBuf, Tokens)>,
}

/// Sign-in.
#[derive(Debug)]
pub struct SignIn {
    provider: Provider,
    sealer: Sealer,
    settings: SignInSettings,
    /// The rules of viewers, buyers and approvers, to decide which claims a session keeps.
    rules: Rules,
    redirect: Url,
    /// Where a sign-out at the provider leads back to.
    home: Url,
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
    /// The redirect URI, or the address of discovery, is invalid.
    #[error("an address is invalid: {0}")]
    Address(#[from] url::ParseError),
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
    /// Too many sign-ins ask the provider at the same time.
    #[error("too many sign-ins at the same time")]
    Busy,
    /// A required claim is missing.
    #[error(transparent)]
    Claims(#[from] identity::ClaimMissing),
    /// The person is authenticated, and no rule lets them in.
    #[error("no rule lets this person in: {why}")]
    NotAllowed {
        /// The person's name in the journal.
        by: String,
        /// What each rule lacked, without values.
        why: String,
    },
    /// The session does not fit into a cookie.
    #[error("the session does not fit into a cookie")]
    NoSession,
    /// The system gives no random numbers.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
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
    /// Sign-in for a proxy at this public address, whose path ends with a slash. Sessions are bound to it, to the provider, and to the rules and
    /// claims that say what a person may do: after a change people sign in again.
    pub fn new(settings: SignInSettings, public_url: &Url) -> Result<Self, SignInError> {
        let redirect = public_url.join(&CALLBACK[1..])?;
        let rules = settings.viewers.iter().chain(settings.buyers.iter()).chain(settings.approvers.iter());
        let rules: Rules = rules.cloned().collect();
        let written = |rules: &Rules| rules.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let (viewers, buyers) = (written(&settings.viewers), written(&settings.buyers));
        let mut context = vec![
            settings.provider.issuer.as_str(),
            &settings.provider.client_id,
            public_url.as_str(),
            settings.owner_claim.as_deref().unwrap_or_default(),
            if settings.trust_email { "any address" } else { "verified addresses" },
            &viewers,
            &buyers,
        ];
        let approvers = written(&settings.approvers);
        // Not without approvers: sessions of earlier versions go on.
        if !approvers.is_empty() {
            context.push(&approvers);
        }
        let sealer = Sealer::new(&settings.keys, &context)?.below(public_url.path());
        let (provider, home) = (Provider::new(settings.provider.clone())?, public_url.clone());
        Ok(Self { provider, sealer, settings, rules, redirect, home })
    }

    /// Fetches the provider's metadata, and says when they are due again. `failures` counts those in a row.
    pub async fn refresh_provider(&self, failures: &mut u32) -> Duration {
        self.provider.refresh(failures).await
    }

    /// Asks the provider for its metadata.
    pub async fn check_provider(&self) -> Result<(), ProviderError> {
        self.provider.check().await
    }

    /// Begins a sign-in. Returns the provider's authorization URL and the cookies of the pending sign-in. `back` is the
    /// address to return to after it.
    pub async fn begin(
        &self,
        headers: &HeaderMap,
        back: String,
        now: i64,
    ) -> Result<(Url, Vec<HeaderValue>), CallbackError> {
        let state = Pending::new_state(headers, &self.sealer, now)?;
        let AuthorizationRequest { to, nonce, verifier } = self.provider.begin(&self.redirect, &state).await?;
        let pending = Pending { state, nonce, verifier, back, since: now };
        Ok((to, pending.cookies(headers, &self.sealer).ok_or(CallbackError::NoSession)?))
    }

    /// Whether this browser has a pending sign-in with this state.
    #[must_use]
    pub fn is_under_way(&self, headers: &HeaderMap, state: &str, now: i64) -> bool {
        Pending::read(headers, &self.sealer, state, now).is_some()
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
        let claims = self.provider.complete(&code, &nonce, &verifier, &self.redirect, now).await?;
        let Claims { all: claims, userinfo_error } = claims;
        let settings = &self.settings;
        let reading = Reading {
            rules: &self.rules,
            owner_claim: settings.owner_claim.as_deref(),
            name_claim: settings.name_claim.as_deref(),
            kept_claims: &settings.kept_claims,
            trust_email: settings.trust_email,
        };
        let identity = Identity::of(&claims, &reading)?;
        let right = self.right(&identity);
        // What the userinfo endpoint would have said is not known, so it is not for us to say that there is nothing.
        let lacks = right == Right::None || (settings.owner_claim.is_some() && identity.owner_id.is_none());
        if let Some(error) = userinfo_error.filter(|_| lacks) {
            return Err(error.into());
        }
        let by = identity.journal_name().into_owned();
        if right == Right::None {
            let why = self.rules.explain(&claims, identity.email.as_deref());
            return Err(CallbackError::NotAllowed { by, why });
        }
        let session = Session::new(identity, now);
        let cookie = self.cookie(&session, now).ok_or(CallbackError::NoSession)?;
        Ok(SignedIn { by, back, cookie })
    }

    /// The address where a person signs out at the provider too, if it offers that.
    pub async fn end_session_at_provider(&self) -> Option<Url> {
        self.provider.end_session(&self.home).await
    }

    /// The header that deletes the cookie of a pending sign-in: each is single-use.
    #[must_use]
    pub fn clear_pending(&self, state: &str) -> Option<HeaderValue> {
        Pending::clear_cookie(&self.sealer, state)
    }

    /// The header that deletes the session's cookie.
    #[must_use]
    pub fn clear_session(&self) -> Option<HeaderValue> {
        Session::end(&self.sealer)
    }

    /// The session of a request, without those that are `over` before their time. A session from before a change of
    /// `--owner-claim` has no valid account, so it is ignored, and the person signs in again.
    #[must_use]
    pub fn session(&self, headers: &HeaderMap, now: i64, over: impl Fn(&Session) -> bool) -> Option<Session> {
        let good = |session: &Session| session.identity.owner_claim == self.settings.owner_claim && !over(session);
        Session::read(headers, &self.sealer, self.settings.lifetimes, now, good)
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

    /// The person's identifier, which stays the same when names and addresses change.
    #[must_use]
    pub fn person_id(&self, identity: &Identity) -> String {
        format!("{} {}", self.settings.provider.issuer, identity.subject)
    }

    /// The accounts whose orders a person may see: all, unless accounts come by claim.
    #[must_use]
    pub fn accounts(&self, identity: &Identity) -> Accounts {
        self.accounts_of(identity.owner_id.as_ref())
    }

    /// The accounts of who buys for this one: all, unless accounts come by claim.
    #[must_use]
    pub fn accounts_of(&self, owner_id: Option<&OwnerId>) -> Accounts {
        if self.settings.owner_claim.is_some() { Accounts::One(owner_id.cloned()) } else { Accounts::All }
    }

    /// Whether a person may approve orders of others.
    #[must_use]
    pub fn approves(&self, identity: &Identity) -> bool {
        identity.fits(&self.settings.approvers)
    }

    /// The right of a person. Where accounts come by claim, buying needs one: without it the purchase would be for the
    /// wrong account.
    #[must_use]
    pub fn right(&self, identity: &Identity) -> Right {
        let buys = identity.fits(&self.settings.buyers);
        let has_account = self.settings.owner_claim.is_none() || identity.owner_id.is_some();
        let looks = buys || identity.fits(&self.settings.viewers) || self.approves(identity);
        match (buys && has_account, looks) {
            (true, _) => Right::Buy,
            (false, true) => Right::Look,
            (false, false) => Right::None,
        }
    }
}
