//! Connections to other hosts: directly or through a proxy, with TLS where the address wants it. An error names the host,
//! the proxy and the cause.

use std::{
    error::Error,
    io,
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::future::{BoxFuture, FutureExt};
use http::Uri;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::{
    HttpConnector,
    dns::{GaiResolver, Name},
};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use tower::{BoxError, Service};

use super::{
    address_rule::AddressRule,
    network_proxy::{NetworkProxies, NetworkProxy},
    stream::{Stream, authority},
    tunnel,
};

/// Connects for an HTTP client.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    tls: HttpsConnector<Route>,
    proxies: NetworkProxies,
    /// For name, connection, proxy and TLS together. What ends here has not been sent.
    deadline: Duration,
    /// Which addresses may be connected to, if not all.
    rule: Option<AddressRule>,
}

/// Connects directly, or through the proxy that is set for the host.
#[derive(Clone, Debug)]
struct Route {
    direct: HttpConnector<Resolver>,
    proxies: NetworkProxies,
    /// A proxy may itself be spoken to through TLS.
    to_proxy: HttpsConnector<HttpConnector<Resolver>>,
    /// For names that are resolved here although a proxy connects.
    rule: Option<AddressRule>,
}

/// No connection. The text holds no query, user or password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct ConnectError(String);

/// The system's resolver, with the name in its errors, without addresses that a rule refuses.
#[derive(Clone, Debug)]
struct Resolver(GaiResolver, Option<AddressRule>);

#[derive(Debug, thiserror::Error)]
enum ResolveError {
    #[error("the name {name} cannot be resolved ({error})")]
    Unknown { name: String, error: io::Error },
    #[error("the name {0} leads to an address that is refused")]
    Refused(String),
}

impl Connector {
    /// Trusts no certificate and uses no proxy: for plain http within this machine or its network, where the system need
    /// have no certificates.
    pub(super) fn near(deadline: Duration) -> Self {
        let config = config().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
        Self::with(config, NetworkProxies::default(), deadline, None)
    }

    /// Trusts the system's certificates, and uses these proxies.
    pub(super) fn far(proxies: NetworkProxies, deadline: Duration) -> Result<Self, rustls::Error> {
        let config = config().try_with_platform_verifier()?.with_no_client_auth();
        Ok(Self::with(config, proxies, deadline, None))
    }

    /// Trusts these authorities only, and uses these proxies.
    pub(super) fn trusting(roots: Arc<RootCertStore>, proxies: NetworkProxies, deadline: Duration) -> Self {
        Self::with(config().with_root_certificates(roots).with_no_client_auth(), proxies, deadline, None)
    }

    /// Like [`Self::near`] for an address on this machine; else trusts these authorities, or else the system's. Connects only
    /// where the rule allows it; where a proxy in between resolves names itself, it decides.
    pub(super) fn ruled(
        rule: AddressRule,
        is_near: bool,
        roots: Option<Arc<RootCertStore>>,
        proxies: NetworkProxies,
        deadline: Duration,
    ) -> Result<Self, rustls::Error> {
        let config = match roots {
            _ if is_near => config().with_root_certificates(RootCertStore::empty()).with_no_client_auth(),
            Some(roots) => config().with_root_certificates(roots).with_no_client_auth(),
            None => config().try_with_platform_verifier()?.with_no_client_auth(),
        };
        Ok(Self::with(config, if is_near { NetworkProxies::default() } else { proxies }, deadline, Some(rule)))
    }

    fn with(config: ClientConfig, proxies: NetworkProxies, deadline: Duration, rule: Option<AddressRule>) -> Self {
        // The address of a proxy is the environment's, and no target.
        let to_proxy = tls(config.clone(), direct(None));
        let route = Route { direct: direct(rule), proxies: proxies.clone(), to_proxy, rule };
        Self { tls: tls(config, route), proxies, deadline, rule }
    }
}

fn config() -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    ClientConfig::builder()
}

fn direct(rule: Option<AddressRule>) -> HttpConnector<Resolver> {
    let mut connector = HttpConnector::new_with_resolver(Resolver(GaiResolver::new(), rule));
    // TLS comes around it.
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector
}

fn tls<C>(config: ClientConfig, around: C) -> HttpsConnector<C> {
    HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().wrap_connector(around)
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Stream>;
    type Error = ConnectError;
    type Future = BoxFuture<'static, Result<Self::Response, ConnectError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let (proxy, deadline) = (self.proxies.find(&to).cloned(), self.deadline);
        // A host that is an address is not resolved.
        let is_allowed = self.rule.is_none_or(|rule| rule.allows_host(to.host().unwrap_or_default()));
        let connecting = self.tls.call(to.clone());
        async move {
            if !is_allowed {
                return Err(ConnectError(format!("cannot connect to {}: the address is refused", authority(&to))));
            }
            let error = match timeout(deadline, connecting).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => error,
                Err(_) => format!("no connection within {} s", deadline.as_secs()).into(),
            };
            Err(ConnectError::of(&to, proxy.as_deref(), error))
        }
        .boxed()
    }
}

impl Service<Uri> for Route {
    type Response = Stream;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Stream, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        match self.proxies.find(&to).cloned() {
            None => {
                let connecting = self.direct.call(to);
                async move { Ok(MaybeHttpsStream::Http(connecting.await?)) }.boxed()
            }
            Some(proxy) => {
                let connecting = self.to_proxy.call(proxy.address.clone());
                through(proxy, connecting, to, self.rule).boxed()
            }
        }
    }
}

async fn through(
    proxy: Arc<NetworkProxy>,
    connecting: impl Future<Output = Result<Stream, BoxError>>,
    to: Uri,
    rule: Option<AddressRule>,
) -> Result<Stream, BoxError> {
    let host = authority(&to);
    let stream = connecting
        .await
        .map_err(|error| ConnectError(format!("{proxy} cannot be reached for {host}: {}", cause(&*error))))?;
    tunnel::open(&proxy, stream, &to, rule)
        .await
        .map_err(|error| ConnectError(format!("{proxy} refused the connection to {host} {error}")).into())
}

impl ConnectError {
    fn of(to: &Uri, proxy: Option<&NetworkProxy>, error: BoxError) -> Self {
        match error.downcast::<Self>() {
            Ok(known) => *known,
            Err(error) => {
                let through = proxy.map(|proxy| format!(" through {proxy}")).unwrap_or_default();
                Self(format!("cannot connect to {}{through}: {}", authority(to), cause(&*error)))
            }
        }
    }
}

/// What is at the bottom of an error, in words that tell a name from a refused connection from a certificate.
pub(super) fn cause(error: &(dyn Error + 'static)) -> String {
    let mut deepest = error;
    loop {
        if let Some(error) = deepest.downcast_ref::<ResolveError>() {
            return error.to_string();
        }
        if let Some(rustls::Error::InvalidCertificate(fault)) = deepest.downcast_ref::<rustls::Error>() {
            return format!("its certificate is not trusted ({fault})");
        }
        // `io::Error::source` leaves out the error that it was made of.
        let inner = deepest.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| deepest.source()) {
            Some(next) => deepest = next,
            None => return deepest.to_string(),
        }
    }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = ResolveError;
    type Future = BoxFuture<'static, Result<Self::Response, ResolveError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ResolveError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (resolving, rule) = (self.0.call(name.clone()), self.1);
        async move {
            let name = name.to_string();
            match resolving.await {
                Ok(found) => {
                    let allowed = |address: &SocketAddr| rule.is_none_or(|rule| rule.allows(address.ip()));
                    let addresses: Vec<_> = found.filter(allowed).collect();
                    if addresses.is_empty() { Err(ResolveError::Refused(name)) } else { Ok(addresses.into_iter()) }
                }
                Err(error) => Err(ResolveError::Unknown { name, error }),
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests;
