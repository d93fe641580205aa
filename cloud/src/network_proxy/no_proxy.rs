//! `NO_PROXY`: the hosts that are connected to directly. An entry is `*`, a name (for itself and everything below it, with
//! or without `.` or `*.` before it), an IP address or a range of them, each with or without a port.

use std::net::IpAddr;

use ipnet::IpNet;
use tracing::warn;

/// The entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct NoProxy(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    hosts: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    All,
    Below(String),
    Network(IpNet),
}

impl NoProxy {
    /// Entries stand between commas or spaces. What matches nothing is left out, and the log says so.
    pub(super) fn parse(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty());
        Self(entries.filter_map(|entry| Entry::parse(entry).or_else(|| not_understood(entry))).collect())
    }

    /// Whether a host, as it stands in an address, is connected to directly.
    pub(super) fn contains(&self, host: &str, port: u16) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        self.0.iter().any(|entry| entry.port.is_none_or(|only| only == port) && entry.hosts.contain(host))
    }
}

fn not_understood(entry: &str) -> Option<Entry> {
    warn!(entry, "an entry of NO_PROXY matches nothing: it is not *, a name, an address or a range of addresses");
    None
}

impl Entry {
    fn parse(text: &str) -> Option<Self> {
        if let Some(hosts) = Hosts::parse(text) {
            return Some(Self { hosts, port: None });
        }
        let (host, port) = text.rsplit_once(':')?;
        Some(Self { hosts: Hosts::parse(host)?, port: Some(port.parse().ok()?) })
    }
}

impl Hosts {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::All);
        }
        let address = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Ok(address) = address.parse::<IpAddr>() {
            return Some(Self::Network(address.into()));
        }
        if let Ok(network) = text.parse::<IpNet>() {
            return Some(Self::Network(network));
        }
        let name = text.strip_prefix('*').unwrap_or(text);
        let name = name.strip_prefix('.').unwrap_or(name).trim_end_matches('.');
        // Of names in other letters an address has the encoded form.
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
        let is_name = !name.is_empty() && name.chars().all(is_letter);
        is_name.then(|| Self::Below(name.to_ascii_lowercase()))
    }

    fn contain(&self, host: &str) -> bool {
        match self {
            Self::All => true,
            Self::Network(network) => host.parse::<IpAddr>().is_ok_and(|address| network.contains(&address)),
            Self::Below(name) => {
                let host = host.to_ascii_lowercase();
                host.strip_suffix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries() {
        let check = |list: &str, host: &str, port: u16, expect: bool| {
            assert_eq!(NoProxy::parse(list).contains(host, port), expect, "{list:?} of {host}:{port}");
        };
        for list in ["example.com", ".example.com", "*.example.com", "EXAMPLE.com", "example.com.", "a, example.com"] {
            check(list, "example.com", 443, true);
            check(list, "a.b.example.com", 443, true);
            check(list, "A.Example.Com.", 443, true);
            check(list, "notexample.com", 443, false);
            check(list, "example.com.evil", 443, false);
        }
        check("*", "anything", 443, true);
        check("*", "10.0.0.1", 443, true);
        check("*:8443", "anything", 8443, true);
        check("*:8443", "anything", 443, false);
        check("host:443", "host", 443, true);
        check("host:443", "a.host", 443, true);
        check("host:443", "host", 8443, false);
        check("*.example.com:8443", "a.example.com", 8443, true);
        check("*.example.com:8443", "a.example.com", 443, false);
        check("10.0.0.1", "10.0.0.1", 443, true);
        check("10.0.0.1", "10.0.0.10", 443, false);
        check("10.0.0.1:443", "10.0.0.1", 443, true);
        check("10.0.0.1:443", "10.0.0.1", 80, false);
        check("10.0.0.0/8", "10.200.3.4", 443, true);
        check("10.0.0.0/8", "11.0.0.1", 443, false);
        check("10.0.0.0/8", "10.0.0.1.example", 443, false);
        check("2001:db8::/32", "[2001:db8::7]", 443, true);
        check("2001:db8::7", "[2001:db8::7]", 443, true);
        check("[2001:db8::7]", "[2001:db8::7]", 443, true);
        check("[2001:db8::7]:443", "[2001:db8::7]", 443, true);
        check("[2001:db8::7]:443", "[2001:db8::7]", 80, false);
        check("one.example two.example", "two.example", 443, true);
        check("", "host", 443, false);
        check(",,", "host", 443, false);
    }

    #[test]
    fn what_is_not_understood_matches_nothing() {
        for entry in [
            "host:port",
            "10.*",
            "a.*.example",
            "http://host",
            "*example.com/",
            ":443",
            ".",
            "a;b",
            "a|b",
            "'a'",
            "a=b",
            "例子.cn",
        ] {
            assert_eq!(NoProxy::parse(entry), NoProxy::default(), "{entry}");
        }
    }
}
