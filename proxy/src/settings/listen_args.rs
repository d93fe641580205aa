//! Settings of the listeners, of timeouts of connections, and of the drain at a stop.

use std::{net::SocketAddr, time::Duration};

use clap::Args;

use super::{
    checked::{Checked, address, checked, duration},
    config_errors::ConfigErrors,
};
use crate::{http::GuardSettings, signin::SignInSettings};

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Listening")]
pub struct ListenArgs {
    /// Address of the page and its API; port 0 takes any free one
    #[arg(long, env = "DESKBUY_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = checked(address))]
    listen: Checked<SocketAddr>,
    /// Address of /live, /ready and /metrics, for monitoring
    #[arg(long, env = "DESKBUY_ADMIN_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:9090", value_parser = checked(address))]
    admin_listen: Checked<SocketAddr>,
    /// How long a connection may take to send the headers of its next request, or to read more of an answer, before it
    /// is closed. A proxy in front should close idle connections sooner
    #[arg(long, env = "DESKBUY_HEADER_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = checked(duration))]
    header_timeout: Checked<Duration>,
    /// How long a stop may wait for requests and orders under way
    #[arg(long, env = "DESKBUY_DRAIN", value_name = "TIME", default_value = "30s", value_parser = checked(duration))]
    drain: Checked<Duration>,
}

/// The validated listeners.
#[derive(Clone, Copy, Debug)]
pub struct Listen {
    /// Address of the page and its API.
    pub page: SocketAddr,
    /// Address of `/live`, `/ready` and `/metrics`.
    pub admin: SocketAddr,
    /// Drain time at a stop.
    pub drain: Duration,
    /// Timeout for the headers of a connection's next request, and for a client to read more of an answer.
    pub header_timeout: Duration,
}

impl ListenArgs {
    pub(super) fn validate(&self, errors: &mut ConfigErrors) -> Option<Listen> {
        let page = errors.value("listen", &self.listen);
        let admin = errors.value("admin-listen", &self.admin_listen);
        let drain = errors.value("drain", &self.drain);
        let header_timeout = errors.value("header-timeout", &self.header_timeout);
        Some(Listen { page: page?, admin: admin?, drain: drain?, header_timeout: header_timeout? })
    }
}

impl Listen {
    /// Rejects unprotected listeners. Everyone who reaches the page can spend the account's money, so beyond this
    /// machine sign-in is required, and its secrets must travel over TLS.
    pub(super) fn must_be_guarded(
        &self,
        sign_in: Option<&SignInSettings>,
        guard: &GuardSettings,
        errors: &mut ConfigErrors,
    ) {
        if self.page.ip().is_loopback() {
            return;
        }
        if sign_in.is_none() {
            let why = "is not a loopback address such as 127.0.0.1:8080, so people have to sign in: set --oidc-issuer \
                       (DESKBUY_OIDC_ISSUER), --oidc-client-id (DESKBUY_OIDC_CLIENT_ID), --buyers (DESKBUY_BUYERS) and \
                       --public-url (DESKBUY_PUBLIC_URL)";
            let _: Option<()> = errors.take("listen", Err(why));
        } else if guard.public_url.is_none() {
            let why = "is missing: what is the address that browsers see, such as https://desk.example.com?";
            let _: Option<()> = errors.take("public-url", Err(why));
        }
    }
}
