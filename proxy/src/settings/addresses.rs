//! Parses addresses in settings: origins, host names, and whether an address may be used without TLS.

use std::net::IpAddr;

use url::Url;

/// Whether traffic to the address is private: TLS, or loopback. Browsers apply the same rule to `Secure` cookies.
pub(crate) fn is_private(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback)
}

/// An origin: scheme, host and port.
pub(super) fn origin(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(Url::has_host);
    let url = url.ok_or_else(|| format!("has {text:?}, which is not an address such as https://desk.example.com"))?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let no_user = url.username().is_empty() && url.password().is_none();
    if !bare || !no_user {
        return Err(format!("has {text:?}, which is more than scheme, host and port"));
    }
    if is_private(&url) { Ok(url) } else { Err("must be https, but for loopback".to_owned()) }
}

pub(super) fn host(text: &str) -> Result<String, String> {
    let url = Url::parse(&format!("http://{text}")).ok();
    let host = url.as_ref().and_then(Url::host_str).filter(|host| host.eq_ignore_ascii_case(text));
    host.map(str::to_owned).ok_or_else(|| format!("has {text:?}, which is not the name of a host without a port"))
}
