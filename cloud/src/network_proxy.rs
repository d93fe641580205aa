//! Proxies that the environment names for outgoing connections: `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, upper or lower
//! case. A variable that cannot be understood is a config error, never a direct connection.
//!
//! This is our own code, since hyper-util's `Matcher` ignores what it cannot parse and knows no ports in `NO_PROXY`.

mod no_proxy;

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use http::Uri;
use percent_encoding::percent_decode_str;
use url::Url;

use crate::{
    endpoint::{has_host, is_loopback_host},
    secret::Secret,
};
use no_proxy::NoProxy;

/// Which connections go through which proxy. Plain http has none: it stays within this machine or its network.
#[derive(Clone, Debug, Default)]
pub(super) struct NetworkProxies {
    https: Option<Arc<NetworkProxy>>,
    except: Arc<NoProxy>,
}

/// A proxy, and how to ask it for a connection. It is shown as `HTTP proxy host:port`, without user and password.
pub(super) struct NetworkProxy {
    pub(super) protocol: Protocol,
    /// Where the proxy itself is: `https` if it is spoken to through TLS.
    pub(super) address: Uri,
    name: String,
    login: Option<(String, Secret)>,
}

/// What a proxy speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// HTTP's `CONNECT`.
    Http,
    /// SOCKS version 5. The proxy resolves names if `remote_names`, otherwise this machine does.
    Socks5 { remote_names: bool },
}

/// A variable of the environment that names no usable proxy. Its value is not shown, since it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkProxyError {
    /// It is not an address.
    #[error("{0} is not the address of a proxy, such as http://proxy.example:3128 or socks5h://proxy.example:1080")]
    NotAnAddress(&'static str),
    /// The scheme is not one of a proxy.
    #[error("{0} names a proxy of a kind that is not supported: use http, https, socks5 or socks5h")]
    UnknownScheme(&'static str),
}

const HTTPS: &str = "HTTPS_PROXY";
const HTTP: &str = "HTTP_PROXY";
const ALL: &str = "ALL_PROXY";
const NO: &str = "NO_PROXY";

impl NetworkProxies {
    /// Reads the environment of this process. `HTTP_PROXY` is checked too, although nothing is sent through it.
    pub(super) fn from_environment() -> Result<Self, NetworkProxyError> {
        Self::read(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Reads variables by name.
    pub(super) fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, NetworkProxyError> {
        // An empty one does not hide the other spelling.
        let values = |name: &'static str| {
            let spelt = [get(name), get(&name.to_ascii_lowercase())].into_iter().flatten();
            spelt.filter(|value| !value.trim().is_empty())
        };
        let proxy = |name| {
            let proxies = values(name).map(|address| NetworkProxy::parse(name, address.trim()));
            Ok(proxies.collect::<Result<Vec<_>, _>>()?.into_iter().next().map(Arc::new))
        };
        let (https, _, all) = (proxy(HTTPS)?, proxy(HTTP)?, proxy(ALL)?);
        let except = values(NO).next().unwrap_or_default();
        Ok(Self { https: https.or(all), except: Arc::new(NoProxy::parse(&except)) })
    }

    /// The proxy for connections to an address; none for a direct connection.
    pub(super) fn find(&self, to: &Uri) -> Option<&Arc<NetworkProxy>> {
        let (host, port) = (to.host()?, to.port_u16().unwrap_or(443));
        let is_direct = to.scheme_str() != Some("https") || is_loopback_host(host) || self.except.contains(host, port);
        self.https.as_ref().filter(|_| !is_direct)
    }
}

impl NetworkProxy {
    fn parse(variable: &'static str, address: &str) -> Result<Self, NetworkProxyError> {
        let not_an_address = || NetworkProxyError::NotAnAddress(variable);
        // As curl has it, `proxy.example:3128` is an HTTP proxy.
        let address = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let url = Url::parse(&address).map_err(|_| not_an_address())?;
        let (protocol, scheme, usual_port) = match url.scheme() {
            "http" => (Protocol::Http, "http", 80),
            "https" => (Protocol::Http, "https", 443),
            "socks5" => (Protocol::Socks5 { remote_names: false }, "http", 1080),
            "socks5h" => (Protocol::Socks5 { remote_names: true }, "http", 1080),
            _ => return Err(NetworkProxyError::UnknownScheme(variable)),
        };
        // A path is that of a mistyped `http:/proxy.example:3128`, whose host would be `http`.
        let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        let host = host(&url).filter(|_| is_bare).ok_or_else(not_an_address)?;
        let name = format!("{host}:{}", url.port().unwrap_or(usual_port));
        let address = format!("{scheme}://{name}/").parse().map_err(|_| not_an_address())?;
        let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let password = decoded(url.password().unwrap_or_default());
        // Some want a password alone.
        let has_login = !url.username().is_empty() || url.password().is_some();
        let login = has_login.then(|| (decoded(url.username()), password.into()));
        Ok(Self { protocol, address, name, login })
    }

    /// User and password, if the proxy wants some.
    pub(super) fn login(&self) -> Option<(&str, &str)> {
        self.login.as_ref().map(|(user, password)| (user.as_str(), password.expose()))
    }

    /// The value of `Proxy-Authorization`.
    pub(super) fn basic_authorization(&self) -> Option<String> {
        self.login().map(|(user, password)| format!("Basic {}", BASE64.encode(format!("{user}:{password}"))))
    }
}

/// The host of an address, read by the rules of web addresses also where its scheme is none of the web.
fn host(url: &Url) -> Option<String> {
    let at = Url::parse(&format!("http://{}:{}/", url.host_str()?, url.port().unwrap_or(80))).ok()?;
    has_host(&at).then(|| at.host_str().map(str::to_owned))?
}

impl fmt::Display for NetworkProxy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.protocol == Protocol::Http { "HTTP" } else { "SOCKS" };
        write!(out, "{kind} proxy {}", self.name)
    }
}

impl fmt::Debug for NetworkProxy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(environment: &[(&str, &str)]) -> Result<NetworkProxies, NetworkProxyError> {
        NetworkProxies::read(|name| {
            environment.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_variable_is_understood_or_rejected() {
        let check = |variable, value: &str, expect: Result<&str, NetworkProxyError>| {
            let proxies = read(&[(variable, value)]);
            let found = proxies.map(|proxies| {
                let proxy = proxies.find(&Uri::from_static("https://cloud.example"));
                proxy.map_or_else(|| "direct".to_owned(), |proxy| format!("{proxy} at {}", proxy.address))
            });
            assert_eq!(found.as_deref(), expect.as_ref().copied(), "{variable}={value}");
        };
        let proxy = "HTTP proxy proxy.example:3128 at http://proxy.example:3128/";
        check(HTTPS, "http://proxy.example:3128", Ok(proxy));
        check(HTTPS, "http://proxy.example:3128/", Ok(proxy));
        check(HTTPS, "proxy.example:3128", Ok(proxy));
        check(HTTPS, " proxy.example:3128 ", Ok(proxy));
        check(HTTPS, "http://clerk:open%20sesame@proxy.example:3128", Ok(proxy));
        check("https_proxy", "proxy.example:3128", Ok(proxy));
        check(ALL, "proxy.example:3128", Ok(proxy));
        check("all_proxy", "proxy.example:3128", Ok(proxy));
        check(HTTPS, "proxy.example", Ok("HTTP proxy proxy.example:80 at http://proxy.example:80/"));
        check(HTTPS, "https://proxy.example", Ok("HTTP proxy proxy.example:443 at https://proxy.example:443/"));
        check(HTTPS, "http://[2001:db8::1]:3128", Ok("HTTP proxy [2001:db8::1]:3128 at http://[2001:db8::1]:3128/"));
        check(ALL, "socks5://proxy.example", Ok("SOCKS proxy proxy.example:1080 at http://proxy.example:1080/"));
        check(ALL, "socks5h://10.0.0.1:9", Ok("SOCKS proxy 10.0.0.1:9 at http://10.0.0.1:9/"));
        check(
            ALL,
            "socks5://代理.example",
            Ok("SOCKS proxy xn--mnq481g.example:1080 at http://xn--mnq481g.example:1080/"),
        );
        check(HTTPS, "", Ok("direct"));
        check(HTTP, "http://proxy.example:3128", Ok("direct"));
        for variable in [HTTPS, HTTP, ALL] {
            check(variable, "::bad::", Err(NetworkProxyError::NotAnAddress(variable)));
            check(variable, "http://", Err(NetworkProxyError::NotAnAddress(variable)));
            check(variable, "http://proxy.example:port", Err(NetworkProxyError::NotAnAddress(variable)));
            check(variable, "http://two words:3128", Err(NetworkProxyError::NotAnAddress(variable)));
            check(variable, "socks5://:1080", Err(NetworkProxyError::NotAnAddress(variable)));
            for mistyped in [
                "http:/proxy.example:3128",
                "http//proxy.example:3128",
                "proxy.example:3128/path",
                "http://proxy.example:3128?a",
                "http://clerk:1#sesame@proxy.example:3128",
                "http://proxy.example:0",
                "http://proxy.example:65536",
                "http://$PROXY:3128",
                "http://a,b:3128",
                "socks5://a..b:1080",
                "socks5://%s:1080",
                "socks5://$PROXY",
            ] {
                check(variable, mistyped, Err(NetworkProxyError::NotAnAddress(variable)));
            }
            check(variable, "ftp://proxy.example", Err(NetworkProxyError::UnknownScheme(variable)));
            check(variable, "socks4://proxy.example", Err(NetworkProxyError::UnknownScheme(variable)));
        }
    }

    #[test]
    fn both_spellings_are_read_and_upper_case_counts_first() {
        let check = |upper: &str, lower: &str, expect: Result<Option<&str>, NetworkProxyError>| {
            let proxies = read(&[(HTTPS, upper), ("https_proxy", lower)]);
            let found = proxies
                .map(|proxies| proxies.find(&Uri::from_static("https://cloud.example")).map(ToString::to_string));
            let found = found.as_ref().map(|found| found.as_deref());
            assert_eq!(found, expect.as_ref().map(|expect| *expect), "{upper:?} {lower:?}");
        };
        check("upper:1", "lower:2", Ok(Some("HTTP proxy upper:1")));
        check("", "lower:2", Ok(Some("HTTP proxy lower:2")));
        check(" ", "lower:2", Ok(Some("HTTP proxy lower:2")));
        check("upper:1", "", Ok(Some("HTTP proxy upper:1")));
        check("", "", Ok(None));
        check("upper:1", "::bad::", Err(NetworkProxyError::NotAnAddress(HTTPS)));
        let proxies = read(&[(HTTPS, "p:1"), (NO, ""), ("no_proxy", "cloud.example")]).unwrap();
        assert!(proxies.find(&Uri::from_static("https://cloud.example")).is_none());
    }

    #[test]
    fn the_scheme_chooses_the_protocol() {
        let check = |value, expect| {
            assert_eq!(NetworkProxy::parse(HTTPS, value).unwrap().protocol, expect, "{value}");
        };
        check("http://p:1", Protocol::Http);
        check("https://p:1", Protocol::Http);
        check("socks5://p:1", Protocol::Socks5 { remote_names: false });
        check("socks5h://p:1", Protocol::Socks5 { remote_names: true });
    }

    #[test]
    fn only_https_to_elsewhere_goes_through_the_proxy() {
        let proxies =
            read(&[(HTTPS, "proxy.example:1"), (ALL, "other.example:2"), (NO, ".inner.example,*:8443")]).unwrap();
        let check = |to, expect: Option<&str>| {
            let found = proxies.find(&Uri::from_static(to)).map(ToString::to_string);
            assert_eq!(found.as_deref(), expect, "{to}");
        };
        check("https://cloud.example", Some("HTTP proxy proxy.example:1"));
        check("https://cloud.example:8443", None);
        check("http://cloud.example", None);
        check("https://localhost", None);
        check("https://127.0.0.1:9", None);
        check("https://[::1]:9", None);
        check("https://a.inner.example", None);
    }

    #[test]
    fn user_and_password_are_decoded_and_not_shown() {
        let proxy = NetworkProxy::parse(HTTPS, "http://clerk:open%20sesame@proxy.example:3128").unwrap();
        assert_eq!(proxy.login(), Some(("clerk", "open sesame")));
        assert_eq!(proxy.basic_authorization().as_deref(), Some("Basic Y2xlcms6b3BlbiBzZXNhbWU="));
        assert_eq!(format!("{proxy} {proxy:?}").matches("HTTP proxy proxy.example:3128").count(), 2);
        let login = |value| NetworkProxy::parse(HTTPS, value).unwrap().basic_authorization();
        assert_eq!(login("http://:sesame@proxy.example").as_deref(), Some("Basic OnNlc2FtZQ=="));
        assert_eq!(login("http://clerk@proxy.example").as_deref(), Some("Basic Y2xlcms6"));
        assert_eq!(login("http://@proxy.example"), None);
        let bad = NetworkProxy::parse(HTTPS, "http://clerk:sesame@proxy.example:port").unwrap_err();
        assert!(!bad.to_string().contains("sesame"));
    }
}
