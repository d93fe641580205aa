//! Connections to the cloud: straight, or through the HTTP proxy that the environment names for the host
//! (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`).

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{
    TryFutureExt,
    future::{BoxFuture, FutureExt},
};
use http::Uri;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::{
        legacy::connect::{HttpConnector, proxy::Tunnel},
        proxy::matcher::Matcher,
    },
    rt::TokioIo,
};
use rustls::{ClientConfig, RootCertStore};
use tokio::{net::TcpStream, time::timeout};
use tower::{BoxError, Service};

use super::endpoint::is_loopback_host;

/// What the client connects by, with TLS where the address wants it, within [`DEADLINE`].
#[derive(Clone, Debug)]
pub(super) struct Connector(HttpsConnector<Way>);

/// For name, connection and TLS together. What ends here has not been sent.
const DEADLINE: Duration = Duration::from_secs(5);

type Connection = MaybeHttpsStream<TokioIo<TcpStream>>;

/// The way to a host, below TLS.
#[derive(Clone, Debug)]
struct Way {
    straight: HttpConnector,
    around: Option<Around>,
}

/// The proxies that the environment names, and how to get to one.
#[derive(Clone, Debug)]
struct Around {
    proxies: Arc<Matcher>,
    to_proxy: HttpsConnector<HttpConnector>,
}

/// A connector where all addresses are plain http, and so on this machine: the system's certificates need not be there.
pub(super) fn in_the_open() -> Connector {
    let nobody = config().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    with_tls(Way { straight: straight(), around: None }, nobody)
}

/// A connector for the cloud, which the system's certificates vouch for.
pub(super) fn with_certificates() -> Result<Connector, rustls::Error> {
    let config = config().try_with_platform_verifier()?.with_no_client_auth();
    let to_proxy = tls(config.clone(), straight());
    let around = Around { proxies: Arc::new(Matcher::from_env()), to_proxy };
    Ok(with_tls(Way { straight: straight(), around: Some(around) }, config))
}

fn config() -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    // Fails where a provider is installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    ClientConfig::builder()
}

fn straight() -> HttpConnector {
    let mut connector = HttpConnector::new();
    // TLS comes around it.
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector
}

fn with_tls(way: Way, config: ClientConfig) -> Connector {
    Connector(tls(config, way))
}

fn tls<W>(config: ClientConfig, around: W) -> HttpsConnector<W> {
    HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().wrap_connector(around)
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Connection>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let connecting = self.0.call(to);
        async { timeout(DEADLINE, connecting).await? }.boxed()
    }
}

impl Service<Uri> for Way {
    type Response = Connection;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.straight.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        // No HTTP proxy has a part in talking to oneself.
        let around = self.around.as_ref().filter(|_| !to.host().is_some_and(is_loopback_host));
        let Some((around, proxy)) = around.and_then(|around| Some((around, around.proxies.intercept(&to)?))) else {
            return self.straight.call(to).map_ok(MaybeHttpsStream::Http).map_err(Into::into).boxed();
        };
        let mut tunnel = Tunnel::new(proxy.uri().clone(), around.to_proxy.clone());
        if let Some(password) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(password.clone());
        }
        tunnel.call(to).map_err(Into::into).boxed()
    }
}
