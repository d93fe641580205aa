//! Address rule (SSRF protection): which addresses a client may connect to when an operator, and not the cloud, names the
//! receiver. Refuses link-local addresses, the metadata service and, unless allowed, loopback. Applied after names are resolved.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The rule. Private networks are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressRule {
    /// Whether this machine itself may be connected to.
    pub allow_loopback: bool,
}

/// The metadata service of the cloud's own machines, which is not in the link-local network.
const METADATA: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);

impl AddressRule {
    /// Whether an address may be connected to.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        let address = match address {
            IpAddr::V6(address) => embedded(address).map_or(IpAddr::V6(address), IpAddr::V4),
            address @ IpAddr::V4(_) => address,
        };
        if address.is_loopback() {
            return self.allow_loopback;
        }
        match address {
            IpAddr::V4(address) => {
                let is_no_host = address.octets()[0] == 0 || address.is_broadcast() || address.is_multicast();
                !(is_no_host || address.is_link_local() || address == METADATA)
            }
            IpAddr::V6(address) => {
                !(address.is_unspecified() || address.is_multicast() || address.is_unicast_link_local())
            }
        }
    }

    /// The same for the host of a URL, where it is an address and no name.
    #[must_use]
    pub fn allows_host(self, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host.parse().map_or(true, |address| self.allows(address))
    }
}

/// The address of version 4 that one of version 6 leads to: mapped, in the form before that, by 6to4, by a stateless translator
/// (RFC 2765), or by NAT64, also of a network's own.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let by_nat64 = segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] || segments[..3] == [0x64, 0xff9b, 1];
    let is_translated = segments[..6] == [0, 0, 0, 0, 0xffff, 0];
    let is_compatible = segments[..6] == [0; 6] && !address.is_loopback() && !address.is_unspecified();
    if segments[0] == 0x2002 {
        let [_, _, a, b, c, d, ..] = address.octets();
        return Some(Ipv4Addr::new(a, b, c, d));
    }
    let [.., a, b, c, d] = address.octets();
    if by_nat64 || is_translated || is_compatible { Some(Ipv4Addr::new(a, b, c, d)) } else { address.to_ipv4_mapped() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_machines_own_services_are_refused() {
        let check = |address: &str, expect: (bool, bool)| {
            let allows = |allow_loopback| AddressRule { allow_loopback }.allows(address.parse().unwrap());
            assert_eq!((allows(false), allows(true)), expect, "{address}");
        };
        for anywhere in ["203.0.113.7", "10.0.0.1", "192.168.1.1", "100.100.100.201", "2001:db8::1", "fd00::1"] {
            check(anywhere, (true, true));
        }
        for here in
            ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "::127.0.0.1", "2002:7f00:1::1"]
        {
            check(here, (false, true));
        }
        for never in [
            "169.254.169.254",
            "169.254.0.1",
            "100.100.100.200",
            "0.0.0.0",
            "0.1.2.3",
            "255.255.255.255",
            "224.0.0.1",
            "::",
            "fe80::1",
            "ff02::1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "::ffff:100.100.100.200",
            "::100.100.100.200",
            "64:ff9b:1::169.254.169.254",
            "2002:a9fe:a9fe::1",
            "::ffff:0:169.254.169.254",
            "2002:6464:64c8::",
            "64:ff9b:1:7::100.100.100.200",
        ] {
            check(never, (false, false));
        }
        let allows = |host| AddressRule { allow_loopback: false }.allows_host(host);
        assert!(allows("hooks.example") && allows("localhost.example") && !allows("[::1]") && !allows("127.0.0.1"));
    }
}
