//! Settings of the guard: allowed hosts, origins of pages, and limits.

use clap::Args;
use url::Url;

use super::{
    addresses::{host, origin},
    checked::{Checked, checked, optional},
    config_errors::{ConfigErrors, ONLY_WITH_SIGN_IN},
};
use crate::http::GuardSettings;

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Guard")]
pub struct GuardArgs {
    /// The proxy's address as browsers see it, such as `https://desk.example.com` [default: the one it listens on]
    #[arg(long, env = "DESKBUY_PUBLIC_URL", value_name = "URL", value_parser = optional(origin))]
    public_url: Option<Checked<Option<Url>>>,
    /// Further allowed host names, separated by commas; the public address's is allowed, and on loopback those of
    /// loopback
    #[arg(long, env = "DESKBUY_ALLOWED_HOSTS", value_name = "LIST", value_delimiter = ',', value_parser = optional(host))]
    allowed_hosts: Vec<Checked<Option<String>>>,
    /// Origins of pages that are hosted elsewhere and may call this proxy, such as `https://pages.example.com`; they
    /// must be same-site with the proxy, or browsers do not send the session's cookie
    #[arg(long, env = "DESKBUY_PAGE_ORIGINS", value_name = "LIST", value_delimiter = ',', value_parser = optional(origin))]
    page_origins: Vec<Checked<Option<Url>>>,
    /// Requests to the API per second, of all people together; 0 is no limit. A burst may be ten times as many
    #[arg(long, env = "DESKBUY_RATE_LIMIT", value_name = "NUMBER", default_value = "2000")]
    rate_limit: u32,
    /// Requests to the API per second of each signed-in person; 0 is no limit. A burst may be ten times as many
    /// [default: 50]
    #[arg(long, env = "DESKBUY_USER_RATE_LIMIT", value_name = "NUMBER")]
    user_rate_limit: Option<u32>,
    /// Most desktops of one order, at most a hundred
    #[arg(long, env = "DESKBUY_BUYER_ORDER_LIMIT", value_name = "NUMBER", default_value = "100", value_parser = checked(order_limit))]
    buyer_order_limit: Checked<usize>,
    /// Most desktops that a signed-in person may buy in 24 hours, rejected orders not counted; 0 is no limit [default:
    /// 100]
    #[arg(long, env = "DESKBUY_BUYER_DAILY_LIMIT", value_name = "NUMBER")]
    buyer_daily_limit: Option<u32>,
}

/// Default requests per second of one person.
const DEFAULT_USER_RATE: u32 = 50;
/// Default desktops of one person in a day.
const DEFAULT_DAILY_LIMIT: u32 = 100;

impl GuardArgs {
    pub(super) fn validate(&self, errors: &mut ConfigErrors) -> Option<GuardSettings> {
        let before = errors.count();
        let public_url = errors.optional("public-url", self.public_url.as_ref()).flatten();
        let hosts = errors.values("allowed-hosts", &self.allowed_hosts).into_iter().collect();
        let page_origins = errors.values("page-origins", &self.page_origins);
        let page_origins = page_origins.iter().map(|origin| origin.origin().ascii_serialization()).collect();
        let order_limit = errors.value("buyer-order-limit", &self.buyer_order_limit)?;
        (errors.count() == before).then_some(GuardSettings {
            public_url,
            hosts,
            page_origins,
            rate: (self.rate_limit > 0).then_some(self.rate_limit),
            user_rate: Some(self.user_rate_limit.unwrap_or(DEFAULT_USER_RATE)).filter(|limit| *limit > 0),
            order_limit,
            daily_limit: Some(self.buyer_daily_limit.unwrap_or(DEFAULT_DAILY_LIMIT)).filter(|limit| *limit > 0),
        })
    }

    /// Rejects limits per person without sign-in: they would have no effect, and give a false sense of safety.
    pub(super) fn reject_limits_per_person(&self, errors: &mut ConfigErrors) {
        // 0 means no limit, which is what holds without sign-in.
        for (flag, limit) in [("user-rate-limit", self.user_rate_limit), ("buyer-daily-limit", self.buyer_daily_limit)]
        {
            let holds = limit.is_none_or(|limit| limit == 0);
            errors.take(flag, holds.then_some(()).ok_or(ONLY_WITH_SIGN_IN));
        }
    }
}

fn order_limit(text: &str) -> Result<usize, &'static str> {
    let limit = text.parse().ok().filter(|limit| (1..=shared::order::LARGEST_BATCH).contains(limit));
    limit.ok_or("must be between 1 and 100")
}
