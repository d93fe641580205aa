//! The guard: checks every request before its content is read. A request must be for this host, of limited size, and
//! not cross-site. [`super::authorize`] checks the session.

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Weak},
    time::Duration,
};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header, uri::Authority},
    response::{IntoResponse, Response},
};
use orders::Limits;
use shared::{Code, Outcome, Problem};
use tokio::{sync::Semaphore, time::sleep};
use tower_http::{
    cors::{AllowOrigin, CorsLayer},
    csrf::{ConfigError, CsrfLayer, ProtectionError},
};
use url::Url;

use super::{client_address::Network, person_limits::PersonLimit, rate_limits::RateLimits};
use crate::http::failure::Failure;
use crate::signin::{
    ApiToken, ApiTokens, EndedSessions, FILE_POLL_INTERVAL, POLL_INTERVAL, Session, SignIn, SignInError,
    SignInSettings, UnknownToken,
};

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
    /// The most desktops of one order.
    pub order_limit: usize,
    /// The most desktops and months of renewals of one order together, if limited.
    pub order_units: Option<u32>,
    /// What one person may do in a day.
    pub daily_limits: Limits,
    /// Whether signed-in people may renew and release desktops that were not bought here.
    pub foreign_desktops: bool,
    /// Proxies in front that are believed about their clients' addresses.
    pub trusted_proxies: Vec<Network>,
    /// Whether requests that another server passed on are refused. Without sign-in only this machine may ask, and a
    /// server in front would let in everybody who reaches it.
    pub refuses_forwarded: bool,
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
    /// The most desktops of one order.
    pub(in crate::http) order_limit: usize,
    /// The most desktops and months of renewals of one order together, if limited.
    pub(in crate::http) order_units: Option<u32>,
    /// What one person may do in a day.
    pub(in crate::http) daily_limits: Limits,
    /// Proxies in front that are believed about their clients' addresses.
    pub(in crate::http) trusted_proxies: Vec<Network>,
    /// Whether signed-in people may renew and release desktops that were not bought here.
    pub(in crate::http) foreign_desktops: bool,
    /// Streams and long polls of each person.
    pub(in crate::http) waiting: PersonLimit,
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

/// The allowed hosts. Protects from DNS rebinding: a foreign name that resolves to this machine would let a foreign
/// page read what only this machine can reach.
#[derive(Debug)]
struct Hosts {
    names: HashSet<String>,
    /// Whether loopback names with any port are allowed. True when the proxy listens on loopback.
    loopback: bool,
    /// Whether any host is allowed. True for a demo on a public address, which has nothing to protect.
    any: bool,
}

/// The longest path and query, in bytes: eight times what the page needs.
const MAX_ADDRESS_LENGTH: usize = 8 << 10;
/// The largest headers, in bytes: room for cookies of the company's other sites.
const MAX_HEADERS_LENGTH: usize = 32 << 10;
/// Sign-ins that ask the provider at the same time: enough for a Monday morning, and too few to flood it.
const MAX_CODE_EXCHANGES: usize = 64;
/// Streams and long polls of one person at the same time: a few for each of many tabs.
const MAX_WAITING: u32 = 32;
/// How long a browser may cache a preflight answer.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_mins(10);
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
            order_limit: settings.order_limit,
            order_units: settings.order_units,
            daily_limits: settings.daily_limits,
            foreign_desktops: settings.foreign_desktops,
            trusted_proxies: settings.trusted_proxies,
            waiting: PersonLimit::new(MAX_WAITING),
            api_tokens: tokens.map(|(path, tokens)| ApiTokens::new(path, tokens)),
            ended,
            refuses_forwarded: settings.refuses_forwarded,
            code_exchanges: Semaphore::new(MAX_CODE_EXCHANGES),
            public_url,
            hosts,
            pages: settings.page_origins,
        })
    }

    /// Fetches the provider's metadata now and from time to time, if sign-in is on, until the guard is gone.
    pub(crate) async fn keep_provider_fresh(guard: Weak<Self>) {
        let mut failures = 0;
        while let Some(guard) = guard.upgrade() {
            let Some(sign_in) = &guard.sign_in else { return };
            let pause = sign_in.refresh_provider(&mut failures).await;
            drop(guard);
            sleep(pause).await;
        }
    }

    /// The session of a request, unless it has ended.
    pub(in crate::http) fn session(&self, headers: &HeaderMap, now: i64) -> Option<Session> {
        let session = self.sign_in.as_ref()?.session(headers, now)?;
        let is_over = self.ended.as_ref().is_some_and(|ended| ended.has(&session));
        (!is_over).then_some(session)
    }

    /// The token of a program, if the request has one. An error if it is unknown or has ended.
    pub(in crate::http) fn api_token(
        &self,
        headers: &HeaderMap,
        now: i64,
    ) -> Result<Option<Arc<ApiToken>>, UnknownToken> {
        self.api_tokens.as_ref().map_or(Ok(None), |tokens| tokens.of(headers, now))
    }

    /// Reads the file of API tokens again when it changes, until the guard is gone.
    pub(crate) async fn keep_api_tokens(guard: Weak<Self>) {
        while let Some(guard) = guard.upgrade() {
            let Some(tokens) = &guard.api_tokens else { return };
            tokens.reload();
            drop(guard);
            sleep(FILE_POLL_INTERVAL).await;
        }
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

    /// Learns from the journal which sessions have ended, until the guard is gone.
    pub(crate) async fn keep_ended_sessions(guard: Weak<Self>) {
        let mut is_failing = false;
        while let Some(guard) = guard.upgrade() {
            let Some(ended) = &guard.ended else { return };
            let result = ended.poll().await;
            if let (Err(error), false) = (&result, is_failing) {
                tracing::warn!(%error, "sessions that were ended elsewhere cannot be read");
            }
            is_failing = result.is_err();
            drop(guard);
            sleep(POLL_INTERVAL).await;
        }
    }

    /// The path below which browsers see the proxy: `/`, or one such as `/deskbuy/`.
    pub(in crate::http) fn base(&self) -> &str {
        self.public_url.path()
    }

    /// The address to return to after sign-in. It is `asked` if that is one of our pages, and the page itself
    /// otherwise, so that `/login` is no open redirect.
    pub(in crate::http) fn return_address(&self, asked: Option<&str>) -> String {
        // Has to fit into a cookie.
        const MAX_RETURN_ADDRESS_LENGTH: usize = 2_000;
        let home = || self.public_url.as_str().to_owned();
        let Some(asked) = asked.filter(|asked| asked.len() <= MAX_RETURN_ADDRESS_LENGTH) else { return home() };
        // Resolved as browsers do, which take `//host` and `\host` for other hosts.
        let Ok(url) = self.public_url.join(asked) else { return home() };
        let origin = url.origin();
        let here = origin == self.public_url.origin() && url.path().starts_with(self.base());
        let ours = here || self.pages.contains(&origin.ascii_serialization());
        let bare = url.username().is_empty() && url.password().is_none();
        // A `blob:` address has the origin of the page that made it. Encoding makes an address longer.
        let fits = matches!(url.scheme(), "https" | "http") && url.as_str().len() <= MAX_RETURN_ADDRESS_LENGTH;
        if ours && bare && fits { url.into() } else { home() }
    }

    /// CORS: lets pages of the listed origins read answers. `None` if no origin is listed.
    pub(in crate::http) fn cors(&self) -> Option<CorsLayer> {
        if self.pages.is_empty() {
            return None;
        }
        let exposed = ["x-request-id", "x-upstream-request-id", "retry-after"].map(HeaderName::from_static);
        let origins = self.pages.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
        let layer = CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_credentials(true)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([header::CONTENT_TYPE, header::ACCEPT, HeaderName::from_static("last-event-id"), UNATTENDED])
            .expose_headers(exposed)
            .max_age(PREFLIGHT_MAX_AGE);
        Some(layer)
    }

    /// CSRF: refuses cross-site requests other than from the listed origins.
    pub(in crate::http) fn csrf(
        &self,
    ) -> Result<CsrfLayer<impl Fn(ProtectionError) -> Response<Body> + Clone + use<>>, ConfigError> {
        fn refuse(_: ProtectionError) -> Response<Body> {
            Failure::from(Problem::new(Code::CrossSite, Outcome::NotSent)).into_response()
        }
        let layer = self.pages.iter().try_fold(CsrfLayer::new(), CsrfLayer::add_trusted_origin)?;
        Ok(layer.with_rejection_response(refuse))
    }
}

/// Refuses requests for other hosts, of excessive size, or with an unexpected method.
#[expect(clippy::result_large_err, reason = "the layer wants it so, and refusals are rare")]
pub(in crate::http) fn pass(guard: Arc<Guard>) -> impl FnMut(&mut Request) -> Result<(), Response> + Clone {
    move |request| {
        let checked = check(&guard, request.method(), request.uri(), request.headers());
        let checked = checked.map_err(|code| Problem::new(code, Outcome::NotSent)).and_then(|()| {
            let refused = guard.refuses_forwarded && is_forwarded(request.headers());
            let problem = || Problem::new(Code::UnknownHost, Outcome::NotSent);
            let why = "Nobody has to sign in here, so requests that another server passed on are refused.";
            if refused { Err(problem().because(why)) } else { Ok(()) }
        });
        checked.map_err(|problem| Failure::from(problem).into_response())
    }
}

fn check(guard: &Guard, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Code> {
    if uri.path_and_query().map_or(0, |whole| whole.as_str().len()) > MAX_ADDRESS_LENGTH {
        return Err(Code::AddressTooLong);
    }
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > MAX_HEADERS_LENGTH {
        return Err(Code::HeadersTooLarge);
    }
    if !guard.hosts.know(uri, headers) {
        return Err(Code::UnknownHost);
    }
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::OPTIONS => Ok(()),
        _ => Err(Code::MethodNotAllowed),
    }
}

/// Whether another server passed the request on.
fn is_forwarded(headers: &HeaderMap) -> bool {
    let marks =
        |name: &str| name == "forwarded" || name == "via" || name == "x-real-ip" || name.starts_with("x-forwarded-");
    headers.keys().any(|name| marks(name.as_str()))
}

impl Hosts {
    fn know(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        if self.any {
            return true;
        }
        let mut given = headers.get_all(header::HOST).iter().map(HeaderValue::to_str);
        let Some(Ok(host)) = given.next() else { return false };
        // Two hosts, or one in the request line and another in the header: a proxy in front might use either.
        given.next().is_none() && self.knows(host) && uri.authority().is_none_or(|named| named.as_str() == host)
    }

    fn knows(&self, host: &str) -> bool {
        // The usual spelling, which needs no parsing.
        if self.names.contains(host) {
            return true;
        }
        let Ok(authority) = host.parse::<Authority>() else { return false };
        let name = authority.host().trim_matches(['[', ']']).to_ascii_lowercase();
        if authority.as_str().contains('@') {
            return false;
        }
        let is_loopback = || name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        self.names.contains(&name) || (self.loopback && is_loopback())
    }
}

fn host_of(url: &Url) -> Option<String> {
    url.host_str().map(|host| host.trim_matches(['[', ']']).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(listen: &str, public_url: Option<&str>, pages: &[&str]) -> Guard {
        let settings = GuardSettings {
            public_url: public_url.map(|url| url.parse().unwrap()),
            hosts: HashSet::from(["desk".to_owned()]),
            page_origins: pages.iter().map(|&page| page.to_owned()).collect(),
            rate: None,
            user_rate: None,
            order_limit: 100,
            order_units: None,
            daily_limits: Limits::default(),
            foreign_desktops: false,
            trusted_proxies: Vec::new(),
            refuses_forwarded: false,
        };
        Guard::new(settings, None, listen.parse().unwrap(), None).unwrap()
    }

    #[test]
    fn names_that_requests_may_be_for() {
        let check = |listen: &str, host: &str, expect: bool| {
            let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            let known = guard(listen, Some("https://desk.example"), &[]).hosts.know(&Uri::from_static("/"), &headers);
            assert_eq!(known, expect, "{host} at {listen}");
        };
        for listen in ["127.0.0.1:8080", "0.0.0.0:8080"] {
            check(listen, "desk.example", true);
            check(listen, "Desk.Example:443", true);
            check(listen, "desk:1234", true);
            check(listen, "evil.example", false);
            check(listen, "desk.example.evil.example", false);
            check(listen, "desk.example@evil.example", false);
            check(listen, "evil.example@desk.example", false);
            check(listen, "", false);
        }
        for host in ["localhost", "localhost:9000", "127.0.0.1:8080", "127.1.2.3", "[::1]:8080"] {
            check("127.0.0.1:8080", host, true);
            check("0.0.0.0:8080", host, false);
        }
        check("127.0.0.1:8080", "127.0.0.1.evil.example", false);
    }

    #[test]
    fn a_request_has_one_name() {
        let guard = guard("127.0.0.1:8080", None, &[]);
        let know = |uri: &str, hosts: &[&str]| {
            let headers = hosts.iter().map(|host| (header::HOST, host.parse().unwrap())).collect();
            guard.hosts.know(&uri.parse().unwrap(), &headers)
        };
        assert!(know("/", &["localhost"]));
        assert!(know("http://localhost/", &["localhost"]));
        assert!(!know("/", &[]));
        assert!(!know("/", &["localhost", "evil.example"]));
        assert!(!know("http://evil.example/", &["localhost"]));
        assert!(!know("http://localhost/", &["evil.example"]));
    }

    #[test]
    fn sign_in_is_no_open_redirect() {
        let guard = guard("127.0.0.1:8080", Some("https://desk.example"), &["https://pages.example:8443"]);
        let home = "https://desk.example/";
        let check = |asked: &str, expect: &str| assert_eq!(guard.return_address(Some(asked)), expect, "{asked}");
        assert_eq!(guard.return_address(None), home);
        check("/", home);
        check("/?request=%7B%7D&a=b#/buy", "https://desk.example/?request=%7B%7D&a=b#/buy");
        check(
            "/?request={%22region%22:%22cn-hangzhou%22}#/orders/t-1",
            "https://desk.example/?request={%22region%22:%22cn-hangzhou%22}#/orders/t-1",
        );
        check("https://desk.example/#/orders", "https://desk.example/#/orders");
        check("https://pages.example:8443/desk/?a=1#/buy", "https://pages.example:8443/desk/?a=1#/buy");
        check("https:evil.example", "https://desk.example/evil.example");
        for elsewhere in [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example/",
            "\\\\evil.example",
            "/\t/evil.example/",
            " //evil.example",
            "https:\\\\evil.example",
            "http://desk.example/",
            "https://desk.example@evil.example/",
            "https://evil.example@desk.example/",
            "https://desk.example.evil.example/",
            "https://pages.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "blob:https://desk.example/0b1c",
            "filesystem:https://desk.example/temporary/x",
            "view-source:https://desk.example/",
            "ftp://desk.example/",
        ] {
            assert_eq!(guard.return_address(Some(elsewhere)).split('#').next(), Some(home), "{elsewhere}");
        }
        check(&format!("/?a={}", "x".repeat(2_000)), home);
        check(&format!("/?a={}", "张".repeat(400)), home);
    }
}
