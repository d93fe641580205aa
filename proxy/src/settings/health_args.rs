//! Settings of `deskbuy health`: where the admin listener is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use clap::Args;

use super::{
    checked::{Checked, address, checked},
    config_errors::ConfigErrors,
};

/// Flags of `deskbuy health`.
#[derive(Debug, Args)]
pub struct HealthArgs {
    /// Address of the admin listener, as for `deskbuy serve`
    #[arg(long, env = "DESKBUY_ADMIN_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:9090", value_parser = checked(address))]
    admin_listen: Checked<SocketAddr>,
}

impl HealthArgs {
    /// The address to ask. Where the proxy listens on all addresses, that is the one of loopback.
    pub fn validate(&self) -> Result<SocketAddr, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let mut address = errors.value("admin-listen", &self.admin_listen).ok_or(errors)?;
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        Ok(address)
    }
}
