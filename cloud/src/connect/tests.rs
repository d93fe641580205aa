//! Connections that fail, each by its own words, and what proxies are asked. The servers are on this machine; the cloud
//! behind a proxy is one with a certificate that nobody trusts, which shows that a connection got there.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use rcgen::{CertificateParams, KeyPair};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

use super::*;

const LONG: Duration = Duration::from_mins(1);

async fn listen<F: Future<Output = ()> + Send + 'static>(
    answer: impl Fn(TcpStream) -> F + Send + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    address
}

/// An address at which nobody listens.
async fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

/// A server with a certificate of its own making.
async fn untrusted() -> SocketAddr {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["cloud.example".to_owned()]).unwrap().self_signed(&key).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], PrivateKeyDer::try_from(key.serialize_der()).unwrap());
    let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
    listen(move |stream| {
        let acceptor = acceptor.clone();
        async move { drop(acceptor.accept(stream).await) }
    })
    .await
}

/// An HTTP proxy that answers every `CONNECT` with this, and what it was asked.
async fn http_proxy(answer: &'static str, behind: SocketAddr) -> (SocketAddr, Asked) {
    let asked = Asked::default();
    let log = Arc::clone(&asked);
    let address = listen(move |mut stream| {
        let log = Arc::clone(&log);
        async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            log.lock().unwrap().push(String::from_utf8(head).unwrap());
            stream.write_all(answer.as_bytes()).await.unwrap();
            if answer.starts_with("HTTP/1.1 200") {
                let mut behind = TcpStream::connect(behind).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut behind).await;
            }
        }
    })
    .await;
    (address, asked)
}

/// A SOCKS proxy that wants a user and answers each request with this status, and what it was asked.
async fn socks_proxy(status: u8, behind: SocketAddr) -> (SocketAddr, Asked) {
    let asked = Asked::default();
    let log = Arc::clone(&asked);
    let address = listen(move |mut stream| {
        let log = Arc::clone(&log);
        async move {
            let [version, methods] = take(&mut stream).await;
            assert_eq!((version, methods), (5, 1));
            let [method] = take(&mut stream).await;
            stream.write_all(&[5, method]).await.unwrap();
            let mut login = String::new();
            if method == 2 {
                let [_] = take(&mut stream).await;
                login = format!("{}:{} ", text(&mut stream).await, text(&mut stream).await);
                stream.write_all(&[1, 0]).await.unwrap();
            }
            let [_, _, _, kind] = take(&mut stream).await;
            let host = match kind {
                1 => std::net::Ipv4Addr::from(take::<4>(&mut stream).await).to_string(),
                3 => text(&mut stream).await,
                _ => unreachable!("no other kind is used here"),
            };
            let port = u16::from_be_bytes(take(&mut stream).await);
            log.lock().unwrap().push(format!("{login}{host}:{port}"));
            stream.write_all(&[5, status, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
            if status == 0 {
                let mut behind = TcpStream::connect(behind).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut behind).await;
            }
        }
    })
    .await;
    (address, asked)
}

type Asked = Arc<Mutex<Vec<String>>>;

async fn take<const N: usize>(stream: &mut TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.unwrap();
    bytes
}

async fn text(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; usize::from(stream.read_u8().await.unwrap())];
    stream.read_exact(&mut bytes).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

/// What is said of a connection to `to` by way of `proxy`.
async fn fails(proxy: Option<&str>, to: &str) -> String {
    let proxies = NetworkProxies::read(|name| proxy.filter(|_| name == "HTTPS_PROXY").map(str::to_owned)).unwrap();
    let config = config().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    Connector::with(config, proxies, LONG, None).call(to.parse().unwrap()).await.err().unwrap().to_string()
}

#[tokio::test]
async fn a_direct_connection_that_fails() {
    let at = nobody().await;
    let refused = "Connection refused (os error 111)";
    assert_eq!(fails(None, &format!("http://{at}")).await, format!("cannot connect to {at}: {refused}"));
    assert_eq!(fails(None, &format!("https://{at}/?secret=1")).await, format!("cannot connect to {at}: {refused}"));

    let at = untrusted().await;
    let told = fails(None, &format!("https://{at}")).await;
    assert_eq!(told, format!("cannot connect to {at}: its certificate is not trusted (UnknownIssuer)"));

    let told = fails(None, "https://no-such-host.invalid").await;
    let expect = "cannot connect to no-such-host.invalid:443: the name no-such-host.invalid cannot be resolved (";
    assert!(told.starts_with(expect), "{told}");
}

/// A name that leads to this machine is refused as the address itself is; without the rule, or where it allows it, not.
#[tokio::test]
async fn addresses_that_a_rule_refuses_are_not_connected_to() {
    let at = listen(|_| async {}).await;
    let told = async |rule: Option<AddressRule>, to: &str| {
        let config = config().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
        let mut connector = Connector::with(config, NetworkProxies::default(), LONG, rule);
        connector.call(to.parse().unwrap()).await.err().map(|error| error.to_string())
    };
    let rule = |allow_loopback| Some(AddressRule { allow_loopback });
    let (here, named) = (format!("http://{at}/?secret=1"), format!("http://localhost:{}/?secret=1", at.port()));
    assert_eq!(told(rule(false), &here).await, Some(format!("cannot connect to {at}: the address is refused")));
    let expect = "the name localhost leads to an address that is refused";
    assert_eq!(told(rule(false), &named).await, Some(format!("cannot connect to localhost:{}: {expect}", at.port())));
    for rule in [rule(true), None] {
        assert_eq!((told(rule, &here).await, told(rule, &named).await), (None, None), "{rule:?}");
    }
    let told = told(rule(true), "http://169.254.169.254/").await;
    assert_eq!(told.as_deref(), Some("cannot connect to 169.254.169.254:80: the address is refused"));
}

#[tokio::test(start_paused = true)]
async fn one_that_does_not_come_about_in_time() {
    let silent = listen(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let mut connector = Connector::near(Duration::from_secs(5));
    let error = connector.call(format!("https://{silent}").parse().unwrap()).await.err().unwrap();
    assert_eq!(error.to_string(), format!("cannot connect to {silent}: no connection within 5 s"));
}

#[tokio::test]
async fn an_http_proxy_that_refuses() {
    let behind = nobody().await;
    let check = async |answer, expect: &str| {
        let (at, asked) = http_proxy(answer, behind).await;
        let told = fails(Some(&format!("http://clerk:sesame@{at}")), "https://cloud.example/?secret=1").await;
        assert_eq!(told, format!("HTTP proxy {at} refused the connection to cloud.example:443 {expect}"));
        let expect = "CONNECT cloud.example:443 HTTP/1.1\r\nHost: cloud.example:443\r\n\
                      Proxy-Authorization: Basic Y2xlcms6c2VzYW1l\r\n\r\n";
        assert_eq!(asked.lock().unwrap().as_slice(), [expect]);
    };
    check("HTTP/1.1 403 Forbidden\r\n\r\n", "with 403").await;
    check("HTTP/1.1 502 Bad Gateway\r\nX: y\r\n\r\n", "with 502").await;
    let login = "with 407: it wants a user and password, or other ones";
    check("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", login).await;
    check("220 mail.example ESMTP\r\n\r\n", "with an answer that is not HTTP").await;
    check("HTTP/1.1 403", "(the connection to it broke: unexpected end of file)").await;
}

#[tokio::test]
async fn a_proxy_that_is_not_there() {
    let at = nobody().await;
    let check = async |proxy: String, kind| {
        let told = fails(Some(&proxy), "https://cloud.example").await;
        let expect = "cannot be reached for cloud.example:443: Connection refused (os error 111)";
        assert_eq!(told, format!("{kind} proxy {at} {expect}"));
    };
    check(format!("http://{at}"), "HTTP").await;
    check(format!("https://{at}"), "HTTP").await;
    check(format!("socks5h://{at}"), "SOCKS").await;
}

#[tokio::test]
async fn an_http_proxy_that_lets_through() {
    let (at, _) = http_proxy("HTTP/1.1 200 OK\r\n\r\n", untrusted().await).await;
    let told = fails(Some(&format!("http://{at}")), "https://cloud.example").await;
    let expect = format!("cannot connect to cloud.example:443 through HTTP proxy {at}: its certificate is not trusted");
    assert!(told.starts_with(&expect), "{told}");
}

#[tokio::test]
async fn a_socks_proxy() {
    let check = async |status, scheme, to: &str, asks: &[&str], expect: &str| {
        let (at, asked) = socks_proxy(status, untrusted().await).await;
        let told = fails(Some(&format!("{scheme}{at}")), to).await;
        assert!(told.contains(&format!("SOCKS proxy {at}")) && told.contains(expect), "{told}");
        assert_eq!(asked.lock().unwrap().as_slice(), asks);
    };
    let arrived = "its certificate is not trusted";
    check(0, "socks5h://", "https://cloud.example", &["cloud.example:443"], arrived).await;
    check(
        0,
        "socks5h://clerk:open%20sesame@",
        "https://cloud.example",
        &["clerk:open sesame cloud.example:443"],
        arrived,
    )
    .await;
    check(0, "socks5://", "https://192.0.2.7:8443", &["192.0.2.7:8443"], arrived).await;
    check(0, "socks5://", "https://no-such-host.invalid", &[], "the name cannot be resolved here").await;
    let refused = "refused the connection to cloud.example:443 (SOCKS error: ";
    check(2, "socks5h://", "https://cloud.example", &["cloud.example:443"], refused).await;
}
