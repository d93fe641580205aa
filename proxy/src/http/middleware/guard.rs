//! The guard: checks every request before its content is read. A request must be for this host, of limited size, and
//! not cross-site. [`super::authorize`] checks the session. Each of these has a file of its own.

mod admission;
mod hosts;
mod origins;
mod upkeep;

use std::{collections::HashSet, net::SocketAddr, sync::Arc};

use axum::http::{HeaderMap, HeaderName};
use orders::{ApprovalBounds, Limits, OrderBounds, OrderFieldRules};
use tokio::sync::Semaphore;
use url::Url;

pub(in crate::http) use admission::pass;

use super::{body_memory::BodyMemory, client_address::Network, person_limits::PersonLimit, rate_limits::RateLimits};
use crate::signin::{ApiToken, ApiTokens, EndedSessions, Session, SignIn, SignInError, SignInSettings, UnknownToken};
use hosts::{Hosts, host_of};

/// Settings of the guard: hosts, origins and limits.
#[derive(Clone, Debug)]
pub struct GuardSettings {
    /// The proxy's address as browsers see it, unless it is the one it listens on. Its path ends with a slash.
    pub public_url: Option<Url>,
    /// Further allowed hosts, in lower case and without ports.
    pub hosts: HashSet<String>,
    /// Origins of pages hosted elsewhere, as browsers send them.
    pub page_origins: Vec<String>,
    /// Requests per second of all callers together, if limited.
    pub rate: Option<u32>,
    /// Requests per second of one person, if limited.
    pub user_rate: Option<u32>,
    /// What may be bought and changed.
    pub limits: LimitSettings,
    /// Whether signed-in people may renew and release desktops that were not bought here.
    pub foreign_desktops: bool,
    /// Proxies in front that are believed about their clients' addresses.
    pub trusted_proxies: Vec<Network>,
    /// Whether requests that another server passed on are refused. Without sign-in only this machine may ask, and a
    /// server in front would let in everybody who reaches it.
    pub refuses_forwarded: bool,
}

/// What may be bought and changed.
#[derive(Clone, Debug, Default)]
pub struct LimitSettings {
    /// The most operations of one order, and desktops and months of renewals together, if it is not the largest batch.
    pub order_units: Option<u32>,
    /// What each order may be.
    pub bounds: OrderBounds,
    /// What one person may do.
    pub person: Limits,
    /// What all together may do.
    pub overall: Limits,
    /// What may be ordered without an approver.
    pub approval: ApprovalBounds,
    /// What the operator asks for with an order.
    pub fields: OrderFieldRules,
}

impl GuardSettings {
    /// Whether the proxy answers to names other than the local machine's, and so is reachable from elsewhere.
    #[must_use]
    pub fn has_names(&self) -> bool {
        self.public_url.is_some() || !self.hosts.is_empty()
    }
}

/// The guard.
#[derive(Debug)]
pub(crate) struct Guard {
    /// How people sign in, if they have to.
    pub(in crate::http) sign_in: Option<SignIn>,
    /// The rate limits.
    pub(in crate::http) rate_limits: RateLimits,
    /// What may be bought and changed.
    pub(in crate::http) limits: LimitSettings,
    /// Proxies in front that are believed about their clients' addresses.
    pub(in crate::http) trusted_proxies: Vec<Network>,
    /// Whether signed-in people may renew and release desktops that were not bought here.
    pub(in crate::http) foreign_desktops: bool,
    /// Streams and long polls of each person.
    pub(in crate::http) waiting: PersonLimit,
    /// Large batches that are being accepted, of each person.
    pub(in crate::http) large_batches: PersonLimit,
    /// What bodies of requests take in memory, of everybody together.
    pub(in crate::http) bodies: BodyMemory,
    /// Tokens of programs, where there are some.
    api_tokens: Option<ApiTokens>,
    /// Sessions that are over before their time, where sign-in is on.
    ended: Option<EndedSessions>,
    /// Whether requests that another server passed on are refused.
    refuses_forwarded: bool,
    /// Bounds how many sign-ins ask the provider at the same time.
    pub(in crate::http) code_exchanges: Semaphore,
    public_url: Url,
    hosts: Hosts,
    /// Origins of pages hosted elsewhere, as browsers send them.
    pages: Vec<String>,
}

/// Sign-ins that ask the provider at the same time: enough for a Monday morning, and too few to flood it.
const MAX_CODE_EXCHANGES: usize = 64;
/// Streams and long polls of one person at the same time: a few for each of many tabs.
const MAX_WAITING: u32 = 32;
/// Large batches of one person at the same time.
const MAX_LARGE_BATCHES: u32 = 4;
/// Set by the page on requests that it makes while nobody does anything.
pub(super) const UNATTENDED: HeaderName = HeaderName::from_static("deskbuy-unattended");

impl Guard {
    /// The guard of a proxy that listens on this address.
    pub(crate) fn new(
        settings: GuardSettings,
        sign_in: Option<SignInSettings>,
        listen: SocketAddr,
        ended: Option<EndedSessions>,
    ) -> Result<Self, SignInError> {
        let is_loopback = listen.ip().is_loopback();
        let any = !is_loopback && settings.public_url.is_none() && settings.hosts.is_empty();
        let mut names = settings.hosts;
        names.extend(settings.public_url.iter().filter_map(host_of));
        names.extend(is_loopback.then(|| listen.to_string()));
        let hosts = Hosts { names, loopback: is_loopback, any };
        let public_url = settings.public_url.map_or_else(|| Url::parse(&format!("http://{listen}")), Ok)?;
        let tokens = sign_in.as_ref().and_then(|settings| settings.api_tokens.clone());
        let sign_in = sign_in.map(|settings| SignIn::new(settings, &public_url)).transpose()?;
        Ok(Self {
            sign_in,
            rate_limits: RateLimits::new(settings.rate, settings.user_rate),
            limits: settings.limits,
            foreign_desktops: settings.foreign_desktops,
            trusted_proxies: settings.trusted_proxies,
            waiting: PersonLimit::new(MAX_WAITING),
            large_batches: PersonLimit::new(MAX_LARGE_BATCHES),
            bodies: BodyMemory::default(),
            api_tokens: tokens.map(|(path, tokens)| ApiTokens::new(path, tokens)),
            ended,
            refuses_forwarded: settings.refuses_forwarded,
            code_exchanges: Semaphore::new(MAX_CODE_EXCHANGES),
            public_url,
            hosts,
            pages: settings.page_origins,
        })
    }

    /// The session of a request, unless it has ended.
    pub(in crate::http) fn session(&self, headers: &HeaderMap, now: i64) -> Option<Session> {
        self.sign_in.as_ref()?.session(headers, now, |session| self.is_over(session))
    }

    /// Whether a session was ended before its time.
    pub(in crate::http) fn is_over(&self, session: &Session) -> bool {
        self.ended.as_ref().is_some_and(|ended| ended.has(session))
    }

    /// The token of a program, if the request has one. An error if it is unknown or has ended.
    pub(in crate::http) fn api_token(
        &self,
        headers: &HeaderMap,
        now: i64,
    ) -> Result<Option<Arc<ApiToken>>, UnknownToken> {
        self.api_tokens.as_ref().map_or(Ok(None), |tokens| tokens.of(headers, now))
    }

    /// Ends a session on all proxies.
    pub(in crate::http) async fn end_session(&self, session: &Session) {
        let (Some(sign_in), Some(ended)) = (&self.sign_in, &self.ended) else { return };
        let until = session.since.saturating_add_unsigned(sign_in.lifetimes().total.as_secs());
        if let Err(error) = ended.end(session, until).await {
            tracing::error!(%error, "a sign-out cannot be written down: other proxies do not learn of it");
        }
    }

    /// Waits until a session is ended before its time.
    pub(in crate::http) async fn session_ended(&self, session: &Session) {
        match &self.ended {
            Some(ended) => ended.ended(session).await,
            None => std::future::pending().await,
        }
    }

    /// The path below which browsers see the proxy: `/`, or one such as `/deskbuy/`.
    pub(in crate::http) fn base(&self) -> &str {
        self.public_url.path()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A guard of a proxy that listens there.
    pub(super) fn guard(listen: &str, public_url: Option<&str>, pages: &[&str]) -> Guard {
        let settings = GuardSettings {
            public_url: public_url.map(|url| url.parse().unwrap()),
            hosts: HashSet::from(["desk".to_owned()]),
            page_origins: pages.iter().map(|&page| page.to_owned()).collect(),
            rate: None,
            user_rate: None,
            limits: LimitSettings::default(),
            foreign_desktops: false,
            trusted_proxies: Vec::new(),
            refuses_forwarded: false,
        };
        Guard::new(settings, None, listen.parse().unwrap(), None).unwrap()
    }
}
