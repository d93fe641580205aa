//! Asks a proxy, over a connection to it, for a connection to another host: HTTP's `CONNECT`, or SOCKS 5.

use std::{
    future::ready,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use http::Uri;
use hyper_util::{client::legacy::connect::proxy::SocksV5, rt::TokioIo};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::lookup_host,
};
use tower::{Service, service_fn};

use super::{
    address_rule::AddressRule,
    network_proxy::{NetworkProxy, Protocol},
    stream::{Stream, authority},
};

/// A proxy that does not connect us. The text continues "proxy … refused the connection to …".
#[derive(Debug, thiserror::Error)]
pub(super) enum TunnelError {
    #[error("with {0}")]
    Status(u16),
    #[error("with 407: it wants a user and password, or other ones")]
    Login,
    #[error("with an answer that is not HTTP")]
    NotHttp,
    #[error("({0})")]
    Socks(String),
    #[error("(the connection to it broke: {0})")]
    Io(#[from] io::Error),
}

/// The head of an answer to `CONNECT` is a few lines.
const LARGEST_HEAD: usize = 8 << 10;

/// The connection, once it leads to the host of this address.
/// A name that is resolved here, and not by the proxy, leads only where the rule allows it.
pub(super) async fn open(
    proxy: &NetworkProxy,
    stream: Stream,
    to: &Uri,
    rule: Option<AddressRule>,
) -> Result<Stream, TunnelError> {
    match proxy.protocol {
        Protocol::Http => connect(proxy, stream, to).await,
        Protocol::Socks5 { remote_names: true } => socks(proxy, stream, to.clone()).await,
        Protocol::Socks5 { remote_names: false } => socks(proxy, stream, resolved(to, rule).await?).await,
    }
}

/// `CONNECT`. This is our own code, since hyper-util's `Tunnel` does not tell the status of a refusal.
async fn connect(proxy: &NetworkProxy, stream: Stream, to: &Uri) -> Result<Stream, TunnelError> {
    let host = authority(to);
    let login = proxy.basic_authorization().map(|value| format!("Proxy-Authorization: {value}\r\n"));
    let request = format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n{}\r\n", login.unwrap_or_default());
    let mut stream = TokioIo::new(stream);
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;

    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == LARGEST_HEAD {
            return Err(TunnelError::NotHttp);
        }
        // One byte at a time, so that nothing is taken that belongs to the host.
        head.push(stream.read_u8().await?);
    }
    match status(&head).ok_or(TunnelError::NotHttp)? {
        200..=299 => Ok(stream.into_inner()),
        407 => Err(TunnelError::Login),
        status => Err(TunnelError::Status(status)),
    }
}

fn status(head: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(head).ok()?.lines().next()?;
    let (version, rest) = line.split_once(' ')?;
    let status = rest.split(' ').next()?;
    (version.starts_with("HTTP/1.") && status.len() == 3).then(|| status.parse().ok())?
}

async fn socks(proxy: &NetworkProxy, stream: Stream, to: Uri) -> Result<Stream, TunnelError> {
    // The handshake wants to connect by itself. It is given the connection that there is, whose errors are told apart.
    let stream = Arc::new(Mutex::new(Some(stream)));
    let given = service_fn(move |_: Uri| {
        let stream = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
        ready(stream.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected)))
    });
    let mut handshake = SocksV5::new(proxy.address.clone(), given);
    if let Some((user, password)) = proxy.login() {
        handshake = handshake.with_auth(user.to_owned(), password.to_owned());
    }
    let has_login = proxy.login().is_some();
    handshake.call(to).await.map_err(|error| TunnelError::Socks(socks_fault(error.to_string(), has_login)))
}

/// What a SOCKS proxy objects to. hyper-util has one text, of a password, for a proxy that takes none and for one that wants one.
fn socks_fault(error: String, has_login: bool) -> String {
    match has_login {
        _ if !error.contains("user/pass") => error,
        true => "it takes no user and password".to_owned(),
        false => "it wants a user and password".to_owned(),
    }
}

/// An address with an IP address in place of the name. By the runtime's resolver: hyper-util's would block a thread.
async fn resolved(to: &Uri, rule: Option<AddressRule>) -> Result<Uri, TunnelError> {
    let unknown = |error: io::Error| TunnelError::Socks(format!("the name cannot be resolved here: {error}"));
    let mut found = lookup_host(authority(to)).await.map_err(unknown)?.peekable();
    if found.peek().is_none() {
        return Err(unknown(io::Error::from(io::ErrorKind::NotFound)));
    }
    let address = found.find(|address| rule.is_none_or(|rule| rule.allows(address.ip())));
    let address =
        address.ok_or_else(|| TunnelError::Socks("the name leads to an address that is refused".to_owned()))?;
    format!("https://{address}/").parse().map_err(|error| unknown(io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_is_resolved_here_leads_where_the_rule_allows_it() {
        let to = "https://localhost:9/".parse().unwrap();
        let rule = |allow_loopback| Some(AddressRule { allow_loopback });
        assert!(resolved(&to, None).await.is_ok() && resolved(&to, rule(true)).await.is_ok());
        let refused = resolved(&to, rule(false)).await.unwrap_err();
        assert_eq!(refused.to_string(), "(the name leads to an address that is refused)");
    }

    #[test]
    fn the_status_of_an_answer_to_connect() {
        let check = |head: &[u8], expect| assert_eq!(status(head), expect, "{head:?}");
        check(b"HTTP/1.1 200 Connection established\r\n\r\n", Some(200));
        check(b"HTTP/1.0 200 OK\r\nProxy-Agent: x\r\n\r\n", Some(200));
        check(b"HTTP/1.1 403\r\n\r\n", Some(403));
        check(b"HTTP/1.1 2000 OK\r\n\r\n", None);
        check(b"HTTP/2 200\r\n\r\n", None);
        check(b"SSH-2.0-OpenSSH\r\n\r\n", None);
        check(b"\r\n\r\n", None);
        check(b"\xff\xfe\r\n\r\n", None);
    }
}
