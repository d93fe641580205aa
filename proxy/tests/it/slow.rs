//! Slow clients that keep connections busy, on real sockets. The timeouts are tested in virtual time, in
//! `server/connections.rs`.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::site::Site;

/// The beginning of a request that never ends.
const HALF: &[u8] = b"GET /api/session HTTP/1.1\r\nhost: localhost\r\nx-slow: ";

async fn half_a_request(site: &Site) -> TcpStream {
    let mut connection = TcpStream::connect(site.page).await.unwrap();
    connection.write_all(HALF).await.unwrap();
    connection
}

/// What comes until the other side closes; that it resets the connection is as good.
async fn rest(mut connection: TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = connection.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn half_a_header_is_waited_for_only_so_long() {
    let site = Site::with_flags(&[], &["--header-timeout=1s"]).await;
    for address in [site.page, site.admin] {
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(HALF).await.unwrap();
        assert_eq!(rest(connection).await, "", "{address}");
    }
}

#[tokio::test]
async fn many_slow_clients_do_not_block_others() {
    let site = Site::with_flags(&[], &["--header-timeout=1h"]).await;
    let mut slow = Vec::new();
    for _ in 0..150 {
        slow.push(half_a_request(&site).await);
    }
    assert_eq!(site.get("/api/session").await.status, 200);
    // They are there, and would be answered if they went on.
    let mut last = slow.pop().unwrap();
    last.write_all(b"\r\nconnection: close\r\n\r\n").await.unwrap();
    assert!(rest(last).await.starts_with("HTTP/1.1 200 OK"));
}

/// A body without a reader is not waited for, however long it claims to be.
#[tokio::test]
async fn a_body_that_is_not_read_is_not_waited_for() {
    let site = Site::with_flags(&[], &["--header-timeout=1h"]).await;
    for (request, status) in [
        ("GET /api/session", "200"),
        ("POST /api/session", "405"),
        ("POST /api/no-such-thing/at-all", "404"),
        ("GET /no-such-file", "404"),
        ("PUT /", "405"),
    ] {
        let mut connection = TcpStream::connect(site.page).await.unwrap();
        let text = format!("{request} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\n{{");
        connection.write_all(text.as_bytes()).await.unwrap();
        let answer = rest(connection).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
    }
}
