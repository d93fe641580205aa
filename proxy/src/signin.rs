//! Who somebody is and what they may do: sign-in by OpenID Connect, the session afterwards, and the rules. Which
//! addresses there are for it is [`crate::http`]'s.

mod cookies;
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
use reqwest::Url;

pub use identity::Identity;
pub use provider::{ProviderError, ProviderSettings};
pub use rules::{NoRule, Rule, Rules};
pub use seal::NoRandomness;
pub use session::{Lifetimes, Session};

use pending::Pending;
use provider::{Departure, Provider};
use seal::Sealer;

/// Where the provider sends people back to.
pub const CALLBACK: &str = "/login/callback";

/// How people sign in.
#[derive(Clone, Debug)]
pub struct SignInSettings {
    /// The provider.
    pub provider: ProviderSettings,
    /// What seals cookies; a key of this process's own without any.
    pub keys: Vec<Secret>,
    /// How long sessions last.
    pub lifetimes: Lifetimes,
    /// Who may look. Whoever may buy may look too.
    pub viewers: Rules,
    /// Who may buy.
    pub buyers: Rules,
    /// The claim with the account to buy for.
    pub owner_claim: Option<String>,
    /// Whether addresses count that the provider does not say were verified.
    pub trust_email: bool,
}

/// Sign-in.
#[derive(Debug)]
pub struct SignIn {
    provider: Provider,
    sealer: Sealer,
    settings: SignInSettings,
    /// All rules, for what of the claims has to be kept.
    rules: Rules,
    redirect: RedirectUrl,
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Nothing.
    None,
    /// See what there is and what was ordered.
    Look,
    /// Everything.
    Buy,
}

/// Sign-in cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// No randomness.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// No client.
    #[error("the HTTP client cannot start: {0}")]
    Http(#[from] reqwest::Error),
    /// No address to come back to.
    #[error("the address to come back to is none: {0}")]
    Redirect(#[from] openidconnect::url::ParseError),
}

/// Why a person who came back is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum ArrivalError {
    /// This browser did not leave, or too long ago, or has come back before.
    #[error("no sign-in is under way in this browser with this state")]
    NotUnderWay,
    /// The provider.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// What it says does not suffice.
    #[error(transparent)]
    Claims(#[from] identity::ClaimMissing),
    /// The person is known, and no rule lets them in.
    #[error("no rule lets this person in")]
    NotAllowed {
        /// Who it is, as the journal would say.
        by: String,
    },
    /// The session cannot be given.
    #[error("the session cannot be kept")]
    NoSession,
}

/// A person who is signed in, and where to.
#[derive(Debug)]
pub struct Arrival {
    /// Who it is, as the journal says.
    pub by: String,
    /// Where the person was.
    pub back: String,
    /// The session's cookie.
    pub cookie: HeaderValue,
}

impl SignIn {
    /// Sign-in for the proxy at this address.
    pub fn new(settings: SignInSettings, public_url: &Url) -> Result<Self, SignInError> {
        let redirect = RedirectUrl::from_url(public_url.join(CALLBACK)?);
        let rules = settings.viewers.iter().chain(settings.buyers.iter()).cloned().collect();
        let (provider, sealer) = (Provider::new(settings.provider.clone())?, Sealer::new(&settings.keys)?);
        Ok(Self { provider, sealer, settings, rules, redirect })
    }

    /// Finds out about the provider ahead of the first person.
    pub async fn meet(&self) {
        self.provider.meet().await;
    }

    /// Begins a sign-in: where to send the browser, and the cookies to send along. `back` is where it goes in the end.
    pub async fn depart(
        &self,
        headers: &HeaderMap,
        back: String,
        now: i64,
    ) -> Result<(Url, Vec<HeaderValue>), ArrivalError> {
        let Departure { to, state, nonce, verifier } = self.provider.depart(self.redirect.clone()).await?;
        let pending = Pending { state, nonce, verifier, back, since: now };
        Ok((to, pending.cookies(headers, &self.sealer).ok_or(ArrivalError::NoSession)?))
    }

    /// Ends a sign-in that this browser began, with the provider's code or with why there is none.
    pub async fn arrive(
        &self,
        headers: &HeaderMap,
        state: &str,
        code: Result<String, &'static str>,
        now: i64,
    ) -> Result<Arrival, ArrivalError> {
        let pending = Pending::read(headers, &self.sealer, state, now).ok_or(ArrivalError::NotUnderWay)?;
        let Pending { nonce, verifier, back, .. } = pending;
        let code = code.map_err(|why| ProviderError::CodeRefused(why.to_owned()))?;
        let claims = self.provider.arrive(code, nonce, verifier, self.redirect.clone()).await?;
        let settings = &self.settings;
        let identity = Identity::of(&claims, &self.rules, settings.owner_claim.as_deref(), settings.trust_email)?;
        let by = identity.journal_name().to_owned();
        if self.right(&identity) == Right::None {
            return Err(ArrivalError::NotAllowed { by });
        }
        let session = Session::new(identity, now);
        let cookie = self.cookie(&session, now).ok_or(ArrivalError::NoSession)?;
        Ok(Arrival { by, back, cookie })
    }

    /// The header that makes the browser forget a sign-in: each is good for one return.
    #[must_use]
    pub fn used(state: &str) -> Option<HeaderValue> {
        Pending::used(state)
    }

    /// The session of a request. One from when accounts came in another way does not say for which to buy now, so it is
    /// none, and the person signs in again.
    #[must_use]
    pub fn session(&self, headers: &HeaderMap, now: i64) -> Option<Session> {
        let session = Session::read(headers, &self.sealer, self.settings.lifetimes, now);
        session.filter(|session| session.identity.owner_claim == self.settings.owner_claim)
    }

    /// The header that gives a session to the browser.
    #[must_use]
    pub fn cookie(&self, session: &Session, now: i64) -> Option<HeaderValue> {
        session.cookie(&self.sealer, self.settings.lifetimes, now)
    }

    /// How long sessions last.
    #[must_use]
    pub fn lifetimes(&self) -> Lifetimes {
        self.settings.lifetimes
    }

    /// The orders that there are for somebody: all, unless accounts come by claim.
    #[must_use]
    pub fn accounts(&self, identity: &Identity) -> Accounts {
        if self.settings.owner_claim.is_some() { Accounts::One(identity.owner_id.clone()) } else { Accounts::All }
    }

    /// What somebody may do. Where accounts come by claim, nobody buys without one: it would be for the wrong account.
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
