//! Settings of the guard: allowed hosts, origins of pages, and limits.

use clap::Args;
use orders::Limits;
use shared::order::LARGEST_BATCH;
use url::Url;

use super::{
    addresses::{host, origin, public_address},
    checked::{Checked, from_str, optional},
    config_errors::{ConfigErrors, ONLY_WITH_SIGN_IN},
};
use crate::http::{GuardSettings, LimitSettings, Network};

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Guard")]
pub struct GuardArgs {
    /// The proxy's address as browsers see it, such as `https://desk.example.com` or, below a path,
    /// `https://intra.example.com/deskbuy/` [default: the one it listens on]
    #[arg(long, env = "DESKBUY_PUBLIC_URL", value_name = "URL", value_parser = optional(public_address))]
    public_url: Option<Checked<Option<Url>>>,
    /// Further allowed host names, separated by commas; the public address's is allowed, and on loopback those of
    /// loopback
    #[arg(long, env = "DESKBUY_ALLOWED_HOSTS", value_name = "LIST", value_delimiter = ',', value_parser = optional(host))]
    allowed_hosts: Vec<Checked<Option<String>>>,
    /// Origins of pages that are hosted elsewhere and may call this proxy, such as `https://pages.example.com`; they
    /// must be same-site with the proxy, or browsers do not send the session's cookie
    #[arg(long, env = "DESKBUY_PAGE_ORIGINS", value_name = "LIST", value_delimiter = ',', value_parser = optional(origin))]
    page_origins: Vec<Checked<Option<Url>>>,
    /// Proxies in front, as addresses or networks separated by commas, whose X-Forwarded-For the log believes
    #[arg(long, env = "DESKBUY_TRUSTED_PROXIES", value_name = "LIST", value_delimiter = ',', value_parser = optional(from_str::<Network>))]
    trusted_proxies: Vec<Checked<Option<Network>>>,
    /// Requests to the API per second, of all people together; 0 is no limit. A burst may be ten times as many
    #[arg(long, env = "DESKBUY_RATE_LIMIT", value_name = "NUMBER", default_value = "2000")]
    rate_limit: u32,
    /// Requests to the API per second of each signed-in person; 0 is no limit. A burst may be ten times as many
    /// [default: 50]
    #[arg(long, env = "DESKBUY_USER_RATE_LIMIT", value_name = "NUMBER")]
    user_rate_limit: Option<u32>,
    /// Most desktops and months of renewals of one order together, at most 500 [default: 500 desktops]
    #[arg(long, env = "DESKBUY_BUYER_ORDER_LIMIT", value_name = "NUMBER", value_parser = optional(order_limit))]
    buyer_order_limit: Option<Checked<Option<u32>>>,
    /// Most desktops and months of renewals together that a signed-in person may buy in 24 hours, rejected orders not
    /// counted; 0 is no limit [default: 100 desktops, and 1200 with months of renewals]
    #[arg(long, env = "DESKBUY_BUYER_DAILY_LIMIT", value_name = "NUMBER")]
    buyer_daily_limit: Option<u32>,
    /// Most desktops that a signed-in person may release in 24 hours; 0 is no limit [default: 200]
    #[arg(long, env = "DESKBUY_RELEASE_DAILY_LIMIT", value_name = "NUMBER")]
    release_daily_limit: Option<u32>,
    /// Let signed-in people renew and release desktops too that were not bought here
    #[arg(long, env = "DESKBUY_FOREIGN_DESKTOPS")]
    foreign_desktops: bool,
    /// Most users that a signed-in person may create or change in 24 hours; 0 is no limit [default: 1000]
    #[arg(long, env = "DESKBUY_USER_DAILY_LIMIT", value_name = "NUMBER")]
    user_daily_limit: Option<u32>,
}

/// Default requests per second of one person.
const DEFAULT_USER_RATE: u32 = 50;
/// Default desktops of one person in a day.
const DEFAULT_DAILY_LIMIT: u32 = 100;
/// Default desktops and months of renewals of one person in a day: a year for each of as many desktops.
const DEFAULT_DAILY_UNITS: u32 = 1_200;
/// Default releases of one person in a day.
const DEFAULT_DAILY_RELEASES: u32 = 200;
/// Default changes of users of one person in a day: two lists of five hundred.
const DEFAULT_DAILY_USERS: u32 = 1_000;

impl GuardArgs {
    pub(super) fn validate(&self, errors: &mut ConfigErrors) -> Option<GuardSettings> {
        let before = errors.count();
        let public_url = errors.optional("public-url", self.public_url.as_ref()).flatten();
        let hosts = errors.values("allowed-hosts", &self.allowed_hosts).into_iter().collect();
        let page_origins = errors.values("page-origins", &self.page_origins);
        let page_origins = page_origins.iter().map(|origin| origin.origin().ascii_serialization()).collect();
        let trusted_proxies = errors.values("trusted-proxies", &self.trusted_proxies);
        let order_units = errors.optional("buyer-order-limit", self.buyer_order_limit.as_ref())?;
        let some = |limit: u32| Some(limit).filter(|limit| *limit > 0);
        let person = Limits {
            desktops: some(self.buyer_daily_limit.unwrap_or(DEFAULT_DAILY_LIMIT)),
            units: some(self.buyer_daily_limit.unwrap_or(DEFAULT_DAILY_UNITS)),
            releases: some(self.release_daily_limit.unwrap_or(DEFAULT_DAILY_RELEASES)),
            user_writes: some(self.user_daily_limit.unwrap_or(DEFAULT_DAILY_USERS)),
            ..Limits::default()
        };
        let limits = LimitSettings { order_units, person, ..LimitSettings::default() };
        (errors.count() == before).then_some(GuardSettings {
            public_url,
            hosts,
            page_origins,
            rate: (self.rate_limit > 0).then_some(self.rate_limit),
            user_rate: Some(self.user_rate_limit.unwrap_or(DEFAULT_USER_RATE)).filter(|limit| *limit > 0),
            limits,
            trusted_proxies,
            foreign_desktops: self.foreign_desktops,
            refuses_forwarded: false,
        })
    }

    /// Rejects limits per person without sign-in: they would have no effect, and give a false sense of safety.
    pub(super) fn reject_limits_per_person(&self, errors: &mut ConfigErrors) {
        // 0 means no limit, which is what holds without sign-in.
        for (flag, limit) in [
            ("user-rate-limit", self.user_rate_limit),
            ("buyer-daily-limit", self.buyer_daily_limit),
            ("release-daily-limit", self.release_daily_limit),
            ("user-daily-limit", self.user_daily_limit),
        ] {
            let holds = limit.is_none_or(|limit| limit == 0);
            errors.take(flag, holds.then_some(()).ok_or(ONLY_WITH_SIGN_IN));
        }
    }
}

fn order_limit(text: &str) -> Result<u32, String> {
    let limit = text.parse().ok().filter(|limit| (1..=LARGEST_BATCH).contains(&(*limit as usize)));
    limit.ok_or_else(|| format!("must be between 1 and {LARGEST_BATCH}"))
}
