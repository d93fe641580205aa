//! Settings of sign-in: the OpenID Connect provider, lifetimes of sessions, and who may look and buy.

use std::{fs, path::PathBuf, time::Duration};

use clap::Args;
use cloud::Secret;
use url::Url;

use super::{
    addresses::is_private,
    checked::{Checked, checked, duration, from_str, optional},
    config_errors::{ConfigErrors, ONLY_WITH_SIGN_IN},
};
use crate::signin::{Lifetimes, ProviderSettings, Rule, Rules, SignInSettings};

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Sign-in")]
pub struct SignInArgs {
    /// Issuer of the OpenID Connect provider, exactly as it names itself; turns sign-in on
    #[arg(long, env = "DESKBUY_OIDC_ISSUER", value_name = "URL", value_parser = optional(issuer))]
    oidc_issuer: Option<Checked<Option<String>>>,
    /// Client identifier of this proxy at the provider
    #[arg(long, env = "DESKBUY_OIDC_CLIENT_ID", value_name = "ID")]
    oidc_client_id: Option<String>,
    /// File with this proxy's client secret, if it has one; not a flag, since other users can read flags
    #[arg(long, env = "DESKBUY_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
    oidc_client_secret_file: Option<PathBuf>,
    /// Scopes to request besides `openid`
    #[arg(
        long,
        env = "DESKBUY_OIDC_SCOPES",
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "email,profile"
    )]
    oidc_scopes: Vec<String>,
    /// Who may buy: addresses, `@domain`, `claim=value` such as `groups=desktop-buyers`, or `*` for everyone who can
    /// sign in
    #[arg(long, env = "DESKBUY_BUYERS", value_name = "LIST", value_delimiter = ',', value_parser = optional(from_str::<Rule>))]
    buyers: Vec<Checked<Option<Rule>>>,
    /// Who may look but not buy, in the same form
    #[arg(long, env = "DESKBUY_VIEWERS", value_name = "LIST", value_delimiter = ',', value_parser = optional(from_str::<Rule>))]
    viewers: Vec<Checked<Option<Rule>>>,
    /// Trust e-mail addresses that the provider has not verified; only where people cannot choose theirs
    #[arg(long, env = "DESKBUY_OIDC_TRUST_EMAIL")]
    oidc_trust_email: bool,
    /// Reseller mode: claim with the number of the account to buy for, in place of --owner-id
    #[arg(long, env = "DESKBUY_OWNER_CLAIM", value_name = "CLAIM")]
    owner_claim: Option<String>,
    /// File with the key that seals sessions, at least 32 characters, such as `openssl rand -base64 32` makes. Of
    /// several lines the first seals and all open [default: a generated key, so that a restart ends all sessions]
    #[arg(long, env = "DESKBUY_SESSION_KEY_FILE", value_name = "FILE")]
    session_key_file: Option<PathBuf>,
    /// How long a session lasts without activity
    #[arg(long, env = "DESKBUY_SESSION_IDLE", value_name = "TIME", default_value = "1h", value_parser = checked(duration))]
    session_idle: Checked<Duration>,
    /// How long a session lasts in total
    #[arg(long, env = "DESKBUY_SESSION_LIFETIME", value_name = "TIME", default_value = "12h", value_parser = checked(duration))]
    session_lifetime: Checked<Duration>,
}

/// The shortest session key: 32 characters of Base64 are 192 bits.
const SHORTEST_KEY: usize = 32;

impl SignInArgs {
    /// `None` after an error; `Some(None)` without sign-in. `has_others` says whether other proxies may share the
    /// journal.
    #[expect(clippy::option_option, reason = "wrong, off and on are three things")]
    pub(super) fn validate(&self, has_others: bool, errors: &mut ConfigErrors) -> Option<Option<SignInSettings>> {
        let before = errors.count();
        let issuer = errors.optional("oidc-issuer", self.oidc_issuer.as_ref());
        let client_id = some(self.oidc_client_id.as_deref());
        let buyers = errors.values("buyers", &self.buyers).into_iter().collect::<Rules>();
        let viewers = errors.values("viewers", &self.viewers).into_iter().collect::<Rules>();
        let owner_claim = some(self.owner_claim.as_deref()).map(str::to_owned);
        let idle = errors.value("session-idle", &self.session_idle);
        let total = errors.value("session-lifetime", &self.session_lifetime);
        let secret = self.oidc_client_secret_file.as_ref().filter(|path| !path.as_os_str().is_empty());
        let secret = secret.map(|path| errors.take("oidc-client-secret-file", lines(path)));
        let keys = self.session_key_file.as_ref().filter(|path| !path.as_os_str().is_empty());
        let keys = keys.map(|path| errors.take("session-key-file", lines(path)));

        if let Some(None) = issuer {
            // Without sign-in these settings would have no effect, and give a false sense of safety.
            for (flag, is_set) in [
                ("oidc-client-id", client_id.is_some()),
                ("oidc-client-secret-file", secret.is_some()),
                ("buyers", !buyers.is_empty()),
                ("viewers", !viewers.is_empty()),
                ("owner-claim", owner_claim.is_some()),
                ("session-key-file", keys.is_some()),
            ] {
                errors.take(flag, if is_set { Err(ONLY_WITH_SIGN_IN) } else { Ok(()) });
            }
            return (errors.count() == before).then_some(None);
        }
        let client_id = errors.take("oidc-client-id", client_id.ok_or("is missing: what is this proxy called there?"));
        if buyers.is_empty() && viewers.is_empty() {
            let why = "names nobody, and neither does --viewers (DESKBUY_VIEWERS); * is whoever can sign in";
            let _: Option<()> = errors.take("buyers", Err(why));
        }
        if let Some(Some(keys)) = &keys {
            let long = keys.iter().all(|key| key.expose().len() >= SHORTEST_KEY);
            errors.take("session-key-file", long.then_some(()).ok_or("has a key of less than 32 characters"));
        }
        if keys.is_none() && has_others {
            let why = "is needed with a journal that several proxies share: each has to read the others' sessions";
            let _: Option<()> = errors.take("session-key-file", Err(why));
        }
        if errors.count() > before {
            return None;
        }
        let provider = ProviderSettings {
            issuer: issuer??,
            client_id: client_id?.to_owned(),
            client_secret: secret.flatten().and_then(|lines| lines.into_iter().next()),
            scopes: self.oidc_scopes.iter().filter_map(|scope| some(Some(scope))).map(str::to_owned).collect(),
        };
        Some(Some(SignInSettings {
            provider,
            keys: keys.flatten().unwrap_or_default(),
            lifetimes: Lifetimes { idle: idle?, total: total? },
            viewers,
            buyers,
            owner_claim,
            trust_email: self.oidc_trust_email,
        }))
    }
}

/// An empty variable counts as unset.
fn some(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn issuer(text: &str) -> Result<String, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not an address such as https://login.example.com")?;
    if !is_private(&url) {
        return Err("must be https, but for a provider on loopback");
    }
    // Unchanged: the provider's own name must match it exactly, to the last slash.
    Ok(text.to_owned())
}

/// The non-empty lines of a file. Their content is in no error message.
fn lines(path: &PathBuf) -> Result<Vec<Secret>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    let lines: Vec<_> = text.lines().filter_map(|line| some(Some(line))).map(Secret::from).collect();
    if lines.is_empty() { Err("is empty".to_owned()) } else { Ok(lines) }
}
