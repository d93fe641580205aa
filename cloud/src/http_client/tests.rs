//! What the client sends, and which answers it understands.

use std::{
    io::Write,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time,
};

use super::*;

const LARGEST: usize = 1000;

/// A server that answers every request with these bytes, and the requests by connection.
async fn server(answer: Vec<u8>, closes: bool) -> (SocketAddr, Arc<Mutex<Vec<Vec<String>>>>) {
    let asked: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
    let log = Arc::clone(&asked);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (log, answer) = (Arc::clone(&log), answer.clone());
            let number = log.lock().unwrap().len();
            log.lock().unwrap().push(Vec::new());
            tokio::spawn(async move {
                let mut head = Vec::new();
                while let Ok(byte) = stream.read_u8().await {
                    head.push(byte);
                    if head.ends_with(b"\r\n\r\n") {
                        let head = String::from_utf8(std::mem::take(&mut head)).unwrap();
                        log.lock().unwrap()[number].push(head);
                        stream.write_all(&answer).await.unwrap();
                        if closes {
                            return;
                        }
                    }
                }
            });
        }
    });
    (address, asked)
}

fn client() -> HttpClient {
    HttpClient::over(Connector::near(CONNECT_DEADLINE))
}

fn to(address: SocketAddr) -> Request<Bytes> {
    Request::get(format!("http://{address}/path?secret=1")).body(Bytes::new()).unwrap()
}

fn answer(headers: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n{headers}\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn answers_plain_and_compressed() {
    let check = async |answer: Vec<u8>, expect: Result<&str, &str>| {
        let (address, _) = server(answer, true).await;
        let got = client().send(to(address), LARGEST).await.map(Response::into_body);
        let got = got.map(|body| String::from_utf8(body.to_vec()).unwrap());
        let got = got.map_err(|error| error.to_string().replace(&address.to_string(), "HOST"));
        assert_eq!(got.as_deref().map_err(String::as_str), expect);
    };
    let (short, long) = (gzip(b"hello"), gzip(&[b'x'; LARGEST + 1]));
    check(answer("", b"hello"), Ok("hello")).await;
    check(answer("content-encoding: identity\r\n", b"hello"), Ok("hello")).await;
    check(answer("content-encoding: gzip\r\n", &short), Ok("hello")).await;
    check(answer("content-encoding: X-GZip\r\n", &short), Ok("hello")).await;
    check(answer("content-encoding: gzip\r\n", &[&short[..], &short].concat()), Ok("hellohello")).await;
    check(answer("content-encoding: gzip\r\n", b""), Ok("")).await;
    check(answer("", &short), Ok("hello")).await;
    check(answer("content-encoding: gzip\r\n", b"{\"a\":1}"), Ok("{\"a\":1}")).await;
    check(answer("content-encoding: gzip\r\n", b"\xef\xbb\xbf []"), Ok("\u{feff} []")).await;
    check(answer("content-encoding: br\r\n", b"{\"a\":1}"), Ok("{\"a\":1}")).await;
    check(answer("content-encoding: utf-8\r\n", b" [1]"), Ok(" [1]")).await;
    check(answer("content-encoding: deflate\r\n", &short), Ok("hello")).await;
    let mut with_header = ZlibEncoder::new(Vec::new(), Compression::default());
    with_header.write_all(b"hello").unwrap();
    check(answer("content-encoding: Deflate\r\n", &with_header.finish().unwrap()), Ok("hello")).await;
    let mut without_header = DeflateEncoder::new(Vec::new(), Compression::default());
    without_header.write_all(b"hello").unwrap();
    check(answer("content-encoding: deflate\r\n", &without_header.finish().unwrap()), Ok("hello")).await;
    check(
        answer("content-encoding: deflate\r\n", b"hello"),
        Err("the answer of HOST says that it is compressed and is not"),
    )
    .await;
    let most = gzip(&[b'x'; LARGEST]);
    check(answer("content-encoding: gzip\r\n", &most), Ok(&"x".repeat(LARGEST))).await;

    let too_large = Err("the answer of HOST has more than 1000 bytes");
    check(answer("", &[b'x'; LARGEST + 1]), too_large).await;
    assert!(long.len() < LARGEST);
    check(answer("content-encoding: gzip\r\n", &long), too_large).await;
    check(answer("", &long), too_large).await;
    let no_gzip = Err("the answer of HOST says that it is compressed and is not");
    check(answer("content-encoding: gzip\r\n", b"hello"), no_gzip).await;
    check(answer("content-encoding: gzip\r\n", &short[..short.len() - 1]), no_gzip).await;
    let unknown = Err("the answer of HOST has a Content-Encoding that is neither gzip nor deflate");
    check(answer("content-encoding: br\r\n", b"hello"), unknown).await;
    check(answer("content-encoding: gzip, br\r\n", b"hello"), unknown).await;

    let broken = Err("the connection to HOST broke: end of file before message length reached");
    check(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello".to_vec(), broken).await;
    check(Vec::new(), Err("the connection to HOST broke: connection closed before message completed")).await;
}

#[tokio::test]
async fn asks_for_no_compression_and_follows_no_redirect() {
    let moved = b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n".to_vec();
    let (address, asked) = server(moved, false).await;
    assert_eq!(client().send(to(address), LARGEST).await.unwrap().status(), 302);
    let asked = asked.lock().unwrap().concat();
    let expect = format!(
        "GET /path?secret=1 HTTP/1.1\r\nuser-agent: deskbuy/{}\r\nhost: {address}\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(asked, [expect]);
}

#[tokio::test]
async fn a_connection_that_was_idle_for_more_than_five_seconds_is_not_used_again() {
    let (address, asked) = server(answer("", b"hello"), false).await;
    let client = client();
    let check = async |seconds, connections| {
        // Only between requests: while one is under way, virtual time would run past its deadlines.
        time::pause();
        time::advance(Duration::from_secs(seconds)).await;
        time::resume();
        client.send(to(address), LARGEST).await.unwrap();
        assert_eq!(asked.lock().unwrap().len(), connections, "after {seconds} s");
    };
    check(0, 1).await;
    check(4, 1).await;
    check(6, 2).await;
    check(1, 2).await;
}

#[tokio::test]
async fn what_has_come_of_an_answer_without_an_end_is_there() {
    let body = br#"{"OrderId":"1"}"#;
    let longer = |headers: &str, body: &[u8]| {
        let mut answer = format!("HTTP/1.1 200 OK\r\n{headers}content-length: 900\r\n\r\n").into_bytes();
        answer.extend_from_slice(body);
        answer
    };
    let chunk = [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nf\r\n", &body[..], b"\r\n"].concat();
    // All of the data, and not the check sum behind it.
    let packed = gzip(body);
    let packed = longer("content-encoding: gzip\r\n", &packed[..packed.len() - 8]);
    for answer in [longer("", body), chunk, packed] {
        let mut begun = Begun::default();
        let (address, _) = server(answer, true).await;
        let sent = client().send_into(to(address), LARGEST, &mut begun).await;
        assert!(matches!(sent, Err(RequestError::Broken { .. })), "{sent:?}");
        assert_eq!(begun.into_response().unwrap().into_body(), &body[..]);
    }
    let mut begun = Begun::default();
    let (address, _) = server(Vec::new(), true).await;
    client().send_into(to(address), LARGEST, &mut begun).await.unwrap_err();
    assert!(begun.into_response().is_none(), "not even its head has come");
}
