//! The address of the client, for the log: that of the connection, or the one that a trusted proxy in front tells of.

use std::net::{IpAddr, SocketAddr};

use axum::{extract::Request, http::HeaderMap};

/// The address at the other end of the connection, which the listener puts into each request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeerAddress(pub(crate) SocketAddr);

/// Networks of trusted proxies, as an address and the length of its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl std::str::FromStr for Network {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WHY: &str = "has something that is not an address such as 10.0.0.1, or a network such as 10.0.0.0/8";
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| WHY)?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(bits), str::parse).map_err(|_| WHY)?;
        if prefix <= bits { Ok(Self { address, prefix }) } else { Err(WHY) }
    }
}

impl Network {
    fn has(&self, address: IpAddr) -> bool {
        // The bits that differ, from the first on, must be behind the prefix.
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_bits()).leading_zeros() >= u32::from(self.prefix)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (own.to_bits() ^ other.to_bits()).leading_zeros() >= u32::from(self.prefix)
            }
            _ => false,
        }
    }
}

/// The client's address: the last one in `X-Forwarded-For` that is not a trusted proxy's, as far as trusted proxies
/// tell, or else that of the connection. Whatever a client writes there itself stands before, and does not count.
pub(in crate::http) fn of(request: &Request, trusted: &[Network]) -> Option<IpAddr> {
    let peer = request.extensions().get::<PeerAddress>()?.0.ip().to_canonical();
    Some(behind(peer, request.headers(), trusted))
}

fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.has(address));
    let mut client = peer;
    let told: Vec<_> = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    for hop in told.iter().rev().flat_map(|value| value.rsplit(',')) {
        if !is_trusted(client) {
            break;
        }
        // Some write the port too.
        let hop = hop.trim();
        let address = hop.trim_matches(['[', ']']).parse().or_else(|_| hop.parse().map(|hop: SocketAddr| hop.ip()));
        let Ok(address) = address else { break };
        client = address.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted: Vec<Network> =
            ["10.0.0.0/8", "2001:db8::/32", "127.0.0.1"].iter().map(|text| text.parse().unwrap()).collect();
        let check = |peer: &str, told: &[&str], expect: &str| {
            let headers = told.iter().map(|text| ("x-forwarded-for".parse().unwrap(), text.parse().unwrap())).collect();
            let found = behind(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(found.to_string(), expect, "{peer} {told:?}");
        };
        check("192.0.2.1", &["198.51.100.1"], "192.0.2.1");
        check("127.0.0.1", &["198.51.100.1"], "198.51.100.1");
        check("127.0.0.1", &["1.2.3.4, 198.51.100.1, 10.1.1.1"], "198.51.100.1");
        check("127.0.0.1", &["1.2.3.4", "198.51.100.1"], "198.51.100.1");
        check("127.0.0.1", &["198.51.100.1:4711"], "198.51.100.1");
        check("127.0.0.1", &["[2001:db9::2]:4711"], "2001:db9::2");
        check("127.0.0.1", &["junk"], "127.0.0.1");
        check("10.0.0.1", &[], "10.0.0.1");
        check("2001:db8::1", &["2001:db9::2"], "2001:db9::2");
        for wrong in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "desk"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
