//! The connection below TLS, and the name of the host that it leads to.

use http::Uri;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// The connection below TLS. It may itself run through TLS, to a proxy.
pub(super) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Host and port of an address, for people.
pub(super) fn authority(of: &Uri) -> String {
    let usual = if of.scheme_str() == Some("http") { 80 } else { 443 };
    format!("{}:{}", of.host().unwrap_or_default(), of.port_u16().unwrap_or(usual))
}
