//! Settings of the gate: by which names the proxy is known, which pages may call it, and how much anybody may ask.

use std::{collections::HashSet, net::IpAddr};

use clap::Args;
use reqwest::Url;

use super::Mistakes;

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Gate")]
pub struct GateArgs {
    /// The proxy's address as browsers see it, such as `https://desk.example.com` [default: the one it listens on]
    #[arg(long, env = "DESKBUY_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Further names that requests may be for, separated by commas; the public address's is one, and on loopback those
    /// of loopback are
    #[arg(long, env = "DESKBUY_ALLOWED_HOSTS", value_name = "LIST", value_delimiter = ',')]
    allowed_hosts: Vec<String>,
    /// Origins of pages that are hosted elsewhere and may call this proxy, such as `https://pages.example.com`; of the
    /// same site as the proxy, or browsers keep the session's cookie back
    #[arg(long, env = "DESKBUY_PAGE_ORIGINS", value_name = "LIST", value_delimiter = ',')]
    page_origins: Vec<String>,
    /// Requests to the API a second, of all people together; 0 is no limit. Ten times as many may come at once
    #[arg(long, env = "DESKBUY_RATE_LIMIT", value_name = "NUMBER", default_value = "2000")]
    rate_limit: u32,
    /// Requests to the API a second of each person who has signed in; 0 is no limit. Ten times as many may come at once
    /// [default: 50]
    #[arg(long, env = "DESKBUY_USER_RATE_LIMIT", value_name = "NUMBER")]
    user_rate_limit: Option<u32>,
    /// Desktops that one order may be for, at most a hundred
    #[arg(long, env = "DESKBUY_BUYER_ORDER_LIMIT", value_name = "NUMBER", default_value = "100")]
    buyer_order_limit: usize,
    /// Desktops that one person who has signed in may buy in 24 hours, those not counted that were refused; 0 is no limit
    /// [default: 100]
    #[arg(long, env = "DESKBUY_BUYER_DAILY_LIMIT", value_name = "NUMBER")]
    buyer_daily_limit: Option<u32>,
}

/// Requests a second of one person.
const USER_RATE: u32 = 50;
/// Desktops of one person in a day.
const DAILY: u32 = 100;

/// Who is let through to the handlers, and how often.
#[derive(Clone, Debug)]
pub struct GateSettings {
    /// The proxy's origin as browsers see it, if it is not simply where it listens.
    pub public_url: Option<Url>,
    /// Further hosts that requests may be for, in lower case and without ports.
    pub hosts: HashSet<String>,
    /// Origins of pages hosted elsewhere, as browsers send them.
    pub page_origins: Vec<String>,
    /// Requests a second of all, if there is a limit.
    pub rate: Option<u32>,
    /// Requests a second of one person, if there is a limit.
    pub user_rate: Option<u32>,
    /// Desktops of one order.
    pub order_limit: usize,
    /// Desktops of one person in a day, if there is a limit.
    pub daily_limit: Option<u32>,
}

impl GateSettings {
    /// Whether requests are answered that come by other names than this machine's own, and so from elsewhere.
    pub(crate) fn has_names(&self) -> bool {
        self.public_url.is_some() || !self.hosts.is_empty()
    }
}

impl GateArgs {
    pub(super) fn settle(&self, mistakes: &mut Mistakes) -> Option<GateSettings> {
        let before = mistakes.count();
        let given = self.public_url.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let public_url = given.and_then(|text| mistakes.take("public-url", origin(text)));
        let mut hosts = HashSet::new();
        for name in list(&self.allowed_hosts) {
            hosts.extend(mistakes.take("allowed-hosts", host(name)));
        }
        let mut page_origins = Vec::new();
        for text in list(&self.page_origins) {
            let origin = mistakes.take("page-origins", origin(text));
            page_origins.extend(origin.map(|origin| origin.origin().ascii_serialization()));
        }
        let some = (1..=shared::order::LARGEST_BATCH).contains(&self.buyer_order_limit);
        mistakes.take("buyer-order-limit", some.then_some(()).ok_or("must be between 1 and 100"));
        (mistakes.count() == before).then_some(GateSettings {
            public_url,
            hosts,
            page_origins,
            rate: (self.rate_limit > 0).then_some(self.rate_limit),
            user_rate: Some(self.user_rate_limit.unwrap_or(USER_RATE)).filter(|limit| *limit > 0),
            order_limit: self.buyer_order_limit,
            daily_limit: Some(self.buyer_daily_limit.unwrap_or(DAILY)).filter(|limit| *limit > 0),
        })
    }

    /// Says which limits hold for nobody, where nobody signs in: they would give a false sense of safety.
    pub(super) fn must_hold_for_somebody(&self, mistakes: &mut Mistakes) {
        // No limit is what holds anyway.
        for (flag, limit) in [("user-rate-limit", self.user_rate_limit), ("buyer-daily-limit", self.buyer_daily_limit)]
        {
            let holds = limit.is_none_or(|limit| limit == 0);
            mistakes.take(flag, holds.then_some(()).ok_or(super::signin::ONLY));
        }
    }
}

fn list(texts: &[String]) -> impl Iterator<Item = &str> {
    texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// Whether what is said there stays between the two: TLS, or nothing but this machine. Browsers see it the same way,
/// and send cookies that have to stay secret to no other addresses.
pub(super) fn is_private(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback)
}

/// An origin: scheme, host and port.
fn origin(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(Url::has_host);
    let url = url.ok_or_else(|| format!("has {text:?}, which is not an address such as https://desk.example.com"))?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let nobody = url.username().is_empty() && url.password().is_none();
    if !bare || !nobody {
        return Err(format!("has {text:?}, which is more than scheme, host and port"));
    }
    if is_private(&url) { Ok(url) } else { Err("must be https, but for loopback".to_owned()) }
}

fn host(text: &str) -> Result<String, String> {
    let url = Url::parse(&format!("http://{text}")).ok();
    let host = url.as_ref().and_then(Url::host_str).filter(|host| host.eq_ignore_ascii_case(text));
    host.map(str::to_owned).ok_or_else(|| format!("has {text:?}, which is not the name of a host without a port"))
}
