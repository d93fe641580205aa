//! Parses addresses in settings: origins, host names, and whether an address may be used without TLS.

use std::net::IpAddr;

use url::Url;

/// Whether traffic to the address is private: TLS, or loopback. Browsers apply the same rule to `Secure` cookies.
pub(crate) fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

/// Whether an address names this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A public address: an origin, and below it a path if there is one, which then ends with a slash.
pub(super) fn public_address(text: &str) -> Result<Url, String> {
    /// What the proxy has at its root, with which a path could be confused where a server in front strips it.
    const TAKEN: [&str; 3] = ["api", "login", "logout"];
    let Some(mut url) = Url::parse(text).ok().filter(|url| url.has_host() && url.path() != "/") else {
        return origin(text);
    };
    let path = url.path().trim_matches('/').to_owned();
    let is_plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    if !path.split('/').all(is_plain) {
        return Err(format!("has {text:?}, whose path has more than letters, digits and -._~ between single slashes"));
    }
    if path.split('/').next().is_some_and(|first| TAKEN.contains(&first)) {
        return Err(format!("has {text:?}, whose path begins as a route of the proxy does"));
    }
    url.set_path("/");
    let mut url = origin(url.as_str())?;
    url.set_path(&format!("/{path}/"));
    Ok(url)
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
    // A star would stand for nothing.
    let is_host = |host: &&str| host.eq_ignore_ascii_case(text) && !text.contains('*');
    let host = url.as_ref().and_then(Url::host_str).filter(is_host);
    host.map(str::to_owned).ok_or_else(|| format!("has {text:?}, which is not the name of a host without a port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let check = |text: &str, expect: bool| assert_eq!(host(text).is_ok(), expect, "{text}");
        for name in ["desk.example", "Desk", "10.0.0.5", "[::1]"] {
            check(name, true);
        }
        for wrong in ["*", "*.example", "a b", "https://desk.example", "desk.example:80", "desk.example/x", "a@b"] {
            check(wrong, false);
        }
    }

    #[test]
    fn public_addresses() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(public_address(text).ok().as_ref().map(Url::as_str), expect, "{text}");
        };
        check("https://desk.example", Some("https://desk.example/"));
        check("https://Desk.example:8443/", Some("https://desk.example:8443/"));
        check("https://intra.example/deskbuy/", Some("https://intra.example/deskbuy/"));
        check("https://intra.example/deskbuy", Some("https://intra.example/deskbuy/"));
        check("https://intra.example/it/desk-buy_2.0~", Some("https://intra.example/it/desk-buy_2.0~/"));
        check("http://127.0.0.1:8080/deskbuy/", Some("http://127.0.0.1:8080/deskbuy/"));
        for wrong in [
            "http://intra.example/deskbuy/",
            "https://intra.example/deskbuy/?a=1",
            "https://intra.example/deskbuy/#/buy",
            "https://ann@intra.example/deskbuy/",
            "https://intra.example/a//b/",
            "https://intra.example/a%20b/",
            "https://intra.example/a;b/",
            "https://intra.example/桌面/",
            "https://intra.example/api/",
            "https://intra.example/login/desk/",
            "intra.example/deskbuy/",
            "/deskbuy/",
            "",
        ] {
            check(wrong, None);
        }
    }
}
