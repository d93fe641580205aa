//! The network environment of a company: TLS with certificates of its own, and an HTTP or SOCKS proxy, configured by the
//! usual environment variables.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use simulator::Config;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

use crate::{
    binary::{Running, serve_at},
    site::{Cloud, Reply, http},
};

/// A name that no resolver knows, so that every request that arrives came through the proxy.
const HOST: &str = "clouddesktop.cn-hangzhou.example.test";
const READ: &str = "/api/DescribeZones?RegionId=cn-hangzhou";

/// The cloud behind TLS.
struct Town {
    cloud: Cloud,
    address: SocketAddr,
    /// Who vouches for it.
    certificates: PathBuf,
}

impl Town {
    async fn new() -> Self {
        let cloud = Cloud::new(Config::default()).await;
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let certificates = cloud.folder.path().join("authority.pem");
        std::fs::write(&certificates, authority.pem()).unwrap();

        let key = KeyPair::generate().unwrap();
        let names = [HOST.to_owned(), "localhost".to_owned()];
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
        let config =
            ServerConfig::builder_with_provider(Arc::new(tokio_rustls::rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate.into()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
                .unwrap();
        let (acceptor, behind) = (TlsAcceptor::from(Arc::new(config)), cloud.address);
        let address = listen(move |connection| {
            let acceptor = acceptor.clone();
            async move {
                // A client that does not believe us goes away.
                let Ok(mut inside) = acceptor.accept(connection).await else { return };
                let mut simulator = TcpStream::connect(behind).await.unwrap();
                let _ = copy_bidirectional(&mut inside, &mut simulator).await;
            }
        })
        .await;
        Self { cloud, address, certificates }
    }

    /// A deskbuy process with this endpoint and this environment.
    fn running(&self, endpoint: &str, environment: &[(&str, &str)]) -> Running {
        let mut command = serve_at(&self.cloud, endpoint, &["--cache=0"]);
        command.envs(environment.iter().copied());
        Running::start(command, &["admin", "page"])
    }

    fn authority(&self) -> &str {
        self.certificates.to_str().unwrap()
    }
}

/// Listens on a free port and gives each connection to `answer`.
async fn listen<F: Future<Output = ()> + Send + 'static>(
    answer: impl Fn(TcpStream) -> F + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(answer(connection));
        }
    });
    address
}

/// An HTTP proxy that lets everybody through to the one address, and what it was asked for.
async fn company_proxy(to: SocketAddr, answer: &'static str) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let address = listen(move |mut connection| {
        let log = Arc::clone(&log);
        async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(connection.read_u8().await.unwrap());
            }
            log.lock().unwrap().push(String::from_utf8(head).unwrap());
            connection.write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes()).await.unwrap();
            if answer.starts_with("200") {
                let _ = copy_bidirectional(&mut connection, &mut TcpStream::connect(to).await.unwrap()).await;
            }
        }
    })
    .await;
    (address, asked)
}

async fn read(running: &Running) -> Reply {
    Reply::of(http().get(running.page(READ))).await
}

#[tokio::test]
async fn through_the_companys_proxy() {
    let town = Town::new().await;
    let (proxy, asked) = company_proxy(town.address, "200 OK").await;
    let proxy = format!("http://clerk:open%20sesame@{proxy}");
    let environment = [("HTTPS_PROXY", proxy.as_str()), ("SSL_CERT_FILE", town.authority())];
    let running = town.running("https://clouddesktop.{region}.example.test", &environment);
    // One connection of a browser is one worker's, which has connections to the cloud of its own.
    let browser = http();
    for _ in 0..2 {
        let reply = Reply::of(browser.get(running.page(READ))).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.json()["Zones"][0]["ZoneId"], "cn-hangzhou-b");
    }
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 1, "the second call goes by the same connection: {asked:?}");
    assert!(asked[0].starts_with(&format!("CONNECT {HOST}:443 HTTP/1.1\r\n")), "{asked:?}");
    // clerk:open sesame
    assert!(asked[0].to_ascii_lowercase().contains("proxy-authorization: basic y2xlcms6b3blbibzzxnhbwu="), "{asked:?}");
    let ended = running.stop().await;
    assert!(!ended.log.contains("sesame"), "{}", ended.log);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_an_order_that_was_not_sent() {
    let town = Town::new().await;
    let (proxy, _) = company_proxy(town.address, "403 Forbidden").await;
    let proxy = format!("http://{proxy}");
    let environment = [("HTTPS_PROXY", proxy.as_str()), ("SSL_CERT_FILE", town.authority())];
    let running = town.running("https://clouddesktop.{region}.example.test", &environment);
    let reply = read(&running).await;
    assert_eq!((reply.status, &reply.json()["code"]), (502, &"upstream_unavailable".into()), "{reply:?}");
    assert_eq!(reply.json()["outcome"], "not_sent");
    let at = proxy.trim_start_matches("http://");
    let told = format!("HTTP proxy {at} refused the connection to {HOST}:443 with 403");
    let ended = running.stop().await;
    assert!(ended.log.contains(&told), "{}", ended.log);
}

#[tokio::test]
async fn through_a_socks_proxy() {
    let town = Town::new().await;
    let to = town.address;
    let proxy = listen(move |mut connection| async move {
        // Version 5 without a login, then a name of this length, which it is given to resolve.
        connection.read_exact(&mut [0; 3]).await.unwrap();
        connection.write_all(&[5, 0]).await.unwrap();
        let mut request = vec![0; 4 + 1 + HOST.len() + 2];
        connection.read_exact(&mut request).await.unwrap();
        assert_eq!(&request[5..5 + HOST.len()], HOST.as_bytes());
        connection.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        let _ = copy_bidirectional(&mut connection, &mut TcpStream::connect(to).await.unwrap()).await;
    })
    .await;
    let proxy = format!("socks5h://{proxy}");
    let environment = [("ALL_PROXY", proxy.as_str()), ("SSL_CERT_FILE", town.authority())];
    let running = town.running("https://clouddesktop.{region}.example.test", &environment);
    let reply = read(&running).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.json()["Zones"][0]["ZoneId"], "cn-hangzhou-b");
}

#[tokio::test]
async fn hosts_in_no_proxy_are_connected_to_directly() {
    let town = Town::new().await;
    let (proxy, asked) = company_proxy(town.address, "403 Forbidden").await;
    let proxy = format!("http://{proxy}");
    let environment =
        [("HTTPS_PROXY", proxy.as_str()), ("SSL_CERT_FILE", town.authority()), ("NO_PROXY", "*.example.test:443")];
    let running = town.running("https://clouddesktop.{region}.example.test", &environment);
    assert_eq!(read(&running).await.status, 502, "no resolver knows the host");
    let ended = running.stop().await;
    assert!(ended.log.contains(&format!("the name {HOST} cannot be resolved")), "{}", ended.log);
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_the_environment_or_an_endpoint_says_wrong_ends_the_start() {
    let cloud = Cloud::new(Config::default()).await;
    let check = async |endpoint: &str, environment: &[(&str, &str)], expect: &str| {
        let mut command = serve_at(&cloud, endpoint, &[]);
        command.envs(environment.iter().copied());
        let ended = Running::start(command, &[]).ended().await;
        assert!(!ended.well && ended.log.contains(expect), "{}", ended.log);
        assert!(!ended.log.contains("sesame"), "{}", ended.log);
    };
    let here = format!("http://{}", cloud.address);
    check(&here, &[("HTTPS_PROXY", "::bad::")], "HTTPS_PROXY is not the address of a proxy").await;
    check(&here, &[("all_proxy", "http://clerk:sesame@:x")], "ALL_PROXY is not the address of a proxy").await;
    check(&here, &[("HTTP_PROXY", "ftp://proxy.example")], "HTTP_PROXY names a proxy of a kind").await;
    check("https://clouddesktop.{RegionId}.example.test", &[], "placeholder other than {region}").await;
}

#[tokio::test]
async fn an_untrusted_certificate_gets_nothing() {
    let town = Town::new().await;
    let others = Town::new().await;
    let endpoint = format!("https://localhost:{}", town.address.port());
    // Loopback bypasses the environment's proxy. This one would refuse everything.
    let (proxy, asked) = company_proxy(town.address, "403 Forbidden").await;
    let proxy = format!("http://{proxy}");
    let known = |by: &Town| town.running(&endpoint, &[("HTTPS_PROXY", &proxy), ("SSL_CERT_FILE", by.authority())]);

    let reply = read(&known(&town)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    // The setting goes before the system's authorities.
    let own = |by: &Town| {
        town.running(&endpoint, &[("SSL_CERT_FILE", others.authority()), ("DESKBUY_CLOUD_CA_FILE", by.authority())])
    };
    let reply = read(&own(&town)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let before = town.cloud.simulator.state().calls.values().sum::<u64>();
    let reply = read(&known(&others)).await;
    assert_eq!((reply.status, &reply.json()["outcome"]), (502, &"not_sent".into()), "{reply:?}");
    assert_eq!(town.cloud.simulator.state().calls.values().sum::<u64>(), before, "nothing arrived");
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn authorities_of_the_operators() {
    let (town, others) = (Town::new().await, Town::new().await);
    let endpoint = format!("https://localhost:{}", town.address.port());
    let wrong =
        town.running(&endpoint, &[("SSL_CERT_FILE", town.authority()), ("DESKBUY_CLOUD_CA_FILE", others.authority())]);
    let reply = read(&wrong).await;
    assert_eq!((reply.status, &reply.json()["outcome"]), (502, &"not_sent".into()), "{reply:?}");
    let log = wrong.stop().await.log;
    let cause = format!("cannot connect to localhost:{}: its certificate is not trusted", town.address.port());
    assert!(log.contains(&cause), "{log}");

    let file = town.cloud.folder.path().join("empty.pem");
    for (text, cause) in [
        ("", "has no certificate"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "has a certificate that cannot be read"),
    ] {
        std::fs::write(&file, text).unwrap();
        let mut command = serve_at(&town.cloud, &endpoint, &[]);
        command.env("DESKBUY_CLOUD_CA_FILE", &file);
        let ended = Running::start(command, &[]).ended().await;
        assert!(
            !ended.well && ended.log.contains("DESKBUY_CLOUD_CA_FILE") && ended.log.contains(cause),
            "{}",
            ended.log
        );
    }
}

/// The provider of sign-in has authorities of its own: those of the cloud do not vouch for it.
#[tokio::test]
async fn the_provider_has_authorities_of_its_own() {
    let (town, others) = (Town::new().await, Town::new().await);
    let issuer = format!("--oidc-issuer=https://localhost:{}", town.address.port());
    let check = async |provider: &Town, cloud: &Town| {
        let flags = [issuer.as_str(), "--oidc-client-id=deskbuy", "--buyers=*"];
        let mut command = serve_at(&town.cloud, &format!("http://{}", town.cloud.address), &flags);
        command.env("DESKBUY_OIDC_CA_FILE", provider.authority()).env("DESKBUY_CLOUD_CA_FILE", cloud.authority());
        let running = Running::start(command, &["admin", "page"]);
        let reply = Reply::of(http().get(running.page("/login"))).await;
        assert_eq!(reply.status, 502, "{reply:?}");
        running.stop().await.log
    };
    // What answers there is no provider, which is known only to who believes its certificate.
    let log = check(&town, &others).await;
    assert!(log.contains("waiting for the provider of sign-in") && !log.contains("not trusted"), "{log}");
    let log = check(&others, &town).await;
    assert!(
        log.contains("waiting for the provider of sign-in") && log.contains("its certificate is not trusted"),
        "{log}"
    );
}
