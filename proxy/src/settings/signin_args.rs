//! Settings of sign-in: the OpenID Connect provider, lifetimes of sessions, and who may look and buy.

use std::{
    convert::Infallible,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use cloud::Secret;
use url::Url;

use super::{
    addresses::is_private,
    checked::{Checked, checked, duration, optional},
    config_errors::{ConfigErrors, ONLY_WITH_SIGN_IN},
    endpoints_args::authorities,
};
use crate::signin::{Lifetimes, ProviderSettings, Rule, Rules, SignInSettings, of_lines, of_setting, read_api_tokens};

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Sign-in")]
pub struct SignInArgs {
    /// Issuer of the OpenID Connect provider, exactly as it names itself; turns sign-in on
    #[arg(long, env = "DESKBUY_OIDC_ISSUER", value_name = "URL", value_parser = optional(issuer))]
    oidc_issuer: Option<Checked<Option<String>>>,
    /// Address of the provider's discovery document, where it is not below the issuer
    #[arg(long, env = "DESKBUY_OIDC_DISCOVERY_URL", value_name = "URL", value_parser = optional(discovery))]
    oidc_discovery_url: Option<Checked<Option<Url>>>,
    /// File with the certificate authorities (PEM) that vouch for the provider, in place of the system's
    #[arg(long, env = "DESKBUY_OIDC_CA_FILE", value_name = "FILE", value_parser = optional(file))]
    oidc_ca_file: Option<Checked<Option<PathBuf>>>,
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
    /// Who may buy: addresses, `@domain`, `claim=value` such as `groups=desktop-buyers` or
    /// `realm_access.roles=desktop-buyers`, or `*` for everyone who can sign in. Separated by commas, or one a line
    #[arg(long, env = "DESKBUY_BUYERS", value_name = "LIST", value_parser = optional(of_setting))]
    buyers: Vec<Checked<Option<Vec<Rule>>>>,
    /// File with more of who may buy, one rule a line: for values with commas
    #[arg(long, env = "DESKBUY_BUYERS_FILE", value_name = "FILE", value_parser = optional(file))]
    buyers_file: Option<Checked<Option<PathBuf>>>,
    /// Who may look but not buy, in the same form
    #[arg(long, env = "DESKBUY_VIEWERS", value_name = "LIST", value_parser = optional(of_setting))]
    viewers: Vec<Checked<Option<Vec<Rule>>>>,
    /// File with more of who may look, one rule a line
    #[arg(long, env = "DESKBUY_VIEWERS_FILE", value_name = "FILE", value_parser = optional(file))]
    viewers_file: Option<Checked<Option<PathBuf>>>,
    /// Who may approve orders of others that are beyond a bound of approval (--approval-…), and change their order fields, in
    /// the same form. They may look too; nobody approves an order of their own
    #[arg(long, env = "DESKBUY_APPROVERS", value_name = "LIST", value_parser = optional(of_setting))]
    approvers: Vec<Checked<Option<Vec<Rule>>>>,
    /// File with more of who may approve, one rule a line
    #[arg(long, env = "DESKBUY_APPROVERS_FILE", value_name = "FILE", value_parser = optional(file))]
    approvers_file: Option<Checked<Option<PathBuf>>>,
    /// Claim with the name that the page shows, or the path to it [default: name, else `preferred_username`]
    #[arg(long, env = "DESKBUY_OIDC_NAME_CLAIM", value_name = "CLAIM")]
    oidc_name_claim: Option<String>,
    /// Trust e-mail addresses that the provider has not verified; only where people cannot choose theirs
    #[arg(long, env = "DESKBUY_OIDC_TRUST_EMAIL")]
    oidc_trust_email: bool,
    /// File with the API tokens of programs (docs/api.md); read again when it changes
    #[arg(long, env = "DESKBUY_API_TOKENS_FILE", value_name = "FILE", value_parser = optional(file))]
    api_tokens_file: Option<Checked<Option<PathBuf>>>,
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
        let buyers = rules("buyers", &self.buyers, self.buyers_file.as_ref(), errors);
        let viewers = rules("viewers", &self.viewers, self.viewers_file.as_ref(), errors);
        let approvers = rules("approvers", &self.approvers, self.approvers_file.as_ref(), errors);
        let discovery = errors.optional("oidc-discovery-url", self.oidc_discovery_url.as_ref()).flatten();
        let authorities = authorities("oidc-ca-file", self.oidc_ca_file.as_ref(), errors);
        let api_tokens = errors.optional("api-tokens-file", self.api_tokens_file.as_ref()).flatten().and_then(|path| {
            warn_if_open(&path);
            let tokens = errors.take("api-tokens-file", read_api_tokens(&path))?;
            Some((path, tokens))
        });
        let name_claim = some(self.oidc_name_claim.as_deref()).map(str::to_owned);
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
                ("oidc-discovery-url", discovery.is_some()),
                ("oidc-ca-file", authorities.is_some()),
                ("oidc-name-claim", name_claim.is_some()),
                ("api-tokens-file", api_tokens.is_some()),
                ("buyers", !buyers.is_empty()),
                ("viewers", !viewers.is_empty()),
                ("approvers", !approvers.is_empty()),
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
        // The purchases of such a token would be for another account than its file says.
        let owner = api_tokens.iter().flat_map(|(_, tokens)| tokens.values()).find(|token| token.owner_id.is_some());
        if let (Some(token), None) = (owner, &owner_claim) {
            let why = format!("has an owner_id for {}, which has a meaning only with --owner-claim", token.name);
            let _: Option<()> = errors.take("api-tokens-file", Err(why));
        }
        if errors.count() > before {
            return None;
        }
        let provider = ProviderSettings {
            issuer: issuer??,
            discovery,
            client_id: client_id?.to_owned(),
            client_secret: secret.flatten().and_then(|lines| lines.into_iter().next()),
            scopes: self.oidc_scopes.iter().filter_map(|scope| some(Some(scope))).map(str::to_owned).collect(),
            authorities,
        };
        Some(Some(SignInSettings {
            provider,
            keys: keys.flatten().unwrap_or_default(),
            lifetimes: Lifetimes { idle: idle?, total: total? },
            viewers,
            buyers,
            approvers,
            owner_claim,
            name_claim,
            kept_claims: Vec::new(),
            trust_email: self.oidc_trust_email,
            api_tokens,
        }))
    }
}

/// The rules of a flag and of the file beside it.
fn rules(
    flag: &str,
    given: &[Checked<Option<Vec<Rule>>>],
    file: Option<&Checked<Option<PathBuf>>>,
    errors: &mut ConfigErrors,
) -> Rules {
    let mut rules: Vec<_> = errors.values(flag, given).into_iter().flatten().collect();
    let flag = format!("{flag}-file");
    if let Some(path) = errors.optional(&flag, file).flatten() {
        let text = fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"));
        let found = text.and_then(|text| of_lines(&text).map_err(|error| error.to_string()));
        rules.extend(errors.take(&flag, found).unwrap_or_default());
    }
    rules.into_iter().collect()
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

fn discovery(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).ok().filter(is_private);
    url.ok_or("is not an https address such as https://login.example.com/.well-known/openid-configuration")
}

#[expect(clippy::unnecessary_wraps, reason = "a parser of clap's")]
fn file(text: &str) -> Result<PathBuf, Infallible> {
    Ok(text.into())
}

/// Warns of a secret file that every user of the machine can read.
fn warn_if_open(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if fs::metadata(path).is_ok_and(|file| file.mode() & 0o004 != 0) {
            tracing::warn!(file = %path.display(), "every user of this machine can read a secret file: chmod o-r");
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// The non-empty lines of a file. Their content is in no error message.
pub(super) fn lines(path: &Path) -> Result<Vec<Secret>, String> {
    warn_if_open(path);
    let text = fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    let lines: Vec<_> = text.lines().filter_map(|line| some(Some(line))).map(Secret::from).collect();
    if lines.is_empty() { Err("is empty".to_owned()) } else { Ok(lines) }
}
