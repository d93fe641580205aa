//! Which hosts a request may be for.

use std::{collections::HashSet, net::IpAddr};

use axum::http::{HeaderMap, HeaderValue, Uri, header, uri::Authority};
use url::Url;

/// The allowed hosts. Protects from DNS rebinding: a foreign name that resolves to this machine would let a foreign
/// page read what only this machine can reach.
#[derive(Debug)]
pub(super) struct Hosts {
    pub(super) names: HashSet<String>,
    /// Whether loopback names with any port are allowed. True when the proxy listens on loopback.
    pub(super) loopback: bool,
    /// Whether any host is allowed. True for a demo on a public address, which has nothing to protect.
    pub(super) any: bool,
}

impl Hosts {
    /// Whether a request is for one of them, and names no other.
    pub(super) fn know(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        if self.any {
            return true;
        }
        let mut given = headers.get_all(header::HOST).iter().map(HeaderValue::to_str);
        let Some(Ok(host)) = given.next() else { return false };
        // Two hosts, or one in the request line and another in the header: a proxy in front might use either.
        given.next().is_none() && self.knows(host) && uri.authority().is_none_or(|named| named.as_str() == host)
    }

    /// Whether an address is at one of them.
    pub(super) fn has(&self, url: &Url) -> bool {
        self.any || url.host_str().is_some_and(|host| self.knows(host))
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

/// The host of an address, as hosts are compared.
pub(super) fn host_of(url: &Url) -> Option<String> {
    url.host_str().map(|host| host.trim_matches(['[', ']']).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{super::tests::guard, *};

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
}
