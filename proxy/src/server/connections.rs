//! HTTP connections: accepts them, serves a router on them, closes idle and slow ones, and drains them at a stop. The
//! listeners belong to the server.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, serve::Listener};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    pin,
    sync::{Semaphore, watch},
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::unread::DrainBodies;

/// Accepts connections until `stop`, each for the router that there is when it comes, at most so many at the same time, and returns when each has finished its request
/// under way.
///
/// `header_timeout` limits how long a connection may take to complete the headers of its next request (idle or sending
/// slowly), and how long a write of an answer may wait for the client to read. Bodies of requests have a deadline of
/// their own, which begins when a handler reads them.
pub(super) async fn serve(
    mut listener: TcpListener,
    routers: watch::Receiver<Router>,
    header_timeout: Duration,
    stop: CancellationToken,
    most: Option<usize>,
) {
    let connections = TaskTracker::new();
    let places = Arc::new(Semaphore::new(most.unwrap_or(Semaphore::MAX_PERMITS)));
    loop {
        // Before a connection is accepted: until then it costs the process no file.
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = stop.cancelled() => break,
        };
        // Retries by itself after errors such as too many open files.
        let (connection, peer) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = stop.cancelled() => break,
        };
        // Answers are small and a client waits for each. A connection without this option is only slower.
        let _ = connection.set_nodelay(true);
        let router = routers.borrow().clone();
        let answering = answer(connection, Some(peer), router, header_timeout, stop.clone());
        connections.spawn(async move {
            answering.await;
            drop(place);
        });
    }
    // New connections are refused from here on.
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// The most connections of the page: what the process may open, less a reserve for the admin listener, the database, the
/// cloud and files. `None` where there is no limit.
pub(super) fn limit() -> Option<usize> {
    const RESERVE: usize = 256;
    #[cfg(unix)]
    let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    #[cfg(not(unix))]
    let most: Option<u64> = None;
    let most = usize::try_from(most?).ok()?;
    // Half of a small limit.
    Some(most.saturating_sub(RESERVE).max(most / 2).max(1))
}

/// Serves one connection, until either side ends it.
async fn answer(
    connection: impl AsyncRead + AsyncWrite + Unpin,
    peer: Option<SocketAddr>,
    router: Router,
    header_timeout: Duration,
    stop: CancellationToken,
) {
    let mut http = http1::Builder::new();
    // Most answers are short, and copying a short body behind its head is cheaper than a vectored write.
    http.timer(TokioTimer::new()).header_read_timeout(header_timeout).writev(false);
    let mut connection = TimeoutStream::new(connection);
    connection.set_write_timeout(Some(header_timeout));
    let answering = http
        .serve_connection(TokioIo::new(Box::pin(connection)), TowerToHyperService::new(DrainBodies { router, peer }));
    pin!(answering);
    // Errors of a connection are the client's doing. Requests that arrived whole have a log line each.
    tokio::select! {
        _ = answering.as_mut() => {}
        () = stop.cancelled() => {
            answering.as_mut().graceful_shutdown();
            let _ = answering.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Bytes, http::StatusCode, routing::post};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        sync::mpsc,
    };

    use super::*;

    const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
    const MUCH: usize = 1 << 20;

    /// The client's end of a connection. In these tests time advances when all tasks wait.
    fn connect(stop: &CancellationToken) -> DuplexStream {
        let echo = post(|body: Bytes| async move { body });
        let router = Router::new()
            .route("/", echo.get(|| async { "much".repeat(MUCH / 4) }))
            .route("/refused", post(|| async { (StatusCode::FORBIDDEN, "no") }));
        let (ours, theirs) = duplex(1 << 16);
        tokio::spawn(answer(theirs, None, router, HEADER_TIMEOUT, stop.clone()));
        ours
    }

    /// Everything received until the server closes the connection.
    async fn rest(mut connection: DuplexStream) -> String {
        let mut text = String::new();
        connection.read_to_string(&mut text).await.unwrap();
        text
    }

    const REQUEST: &str = "POST / HTTP/1.1\r\nhost: desk\r\ncontent-length: 2\r\n\r\nhi";

    /// Sends the text, and returns all answers after the server has closed the connection, which must not be before the
    /// timeout.
    async fn closed_after_timeout(sent: &str) -> String {
        let (began, mut connection) = (tokio::time::Instant::now(), connect(&CancellationToken::new()));
        connection.write_all(sent.as_bytes()).await.unwrap();
        let answer = rest(connection).await;
        // The clock is the test's own and paused, so this does not measure speed.
        assert!(began.elapsed() >= HEADER_TIMEOUT, "{sent:?} {answer:?}");
        answer
    }

    #[tokio::test(start_paused = true)]
    async fn unfinished_headers_close_the_connection() {
        for sent in ["", "P", "POST / HTTP/1.1\r\n", "POST / HTTP/1.1\r\nhost: desk\r\nx-slow: "] {
            assert_eq!(closed_after_timeout(sent).await, "", "{sent:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn headers_byte_by_byte_close_the_connection() {
        let mut connection = connect(&CancellationToken::new());
        connection.write_all(b"POST / HTTP/1.1\r\nx-slow: ").await.unwrap();
        let mut bytes = 0;
        while connection.write_all(b"x").await.is_ok() {
            bytes += 1;
            assert!(bytes < 100, "nothing ends it");
            tokio::time::sleep(HEADER_TIMEOUT / 4).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_is_closed() {
        for begun in ["", "POST / HT"] {
            let answer = closed_after_timeout(&format!("{REQUEST}{begun}")).await;
            assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("hi"), "{answer}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_in_use_stays_open() {
        let mut connection = connect(&CancellationToken::new());
        for _ in 0..10 {
            tokio::time::sleep(HEADER_TIMEOUT / 2).await;
            connection.write_all(REQUEST.as_bytes()).await.unwrap();
            let mut answer = String::new();
            while !answer.ends_with("hi") {
                answer.push(connection.read_u8().await.unwrap().into());
            }
        }
    }

    /// Requests an answer that is larger than all buffers.
    async fn ask_for_much(stop: &CancellationToken) -> DuplexStream {
        let mut connection = connect(stop);
        connection.write_all(b"GET / HTTP/1.1\r\nhost: desk\r\n\r\n").await.unwrap();
        connection
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_not_read_closes_the_connection() {
        let connection = ask_for_much(&CancellationToken::new()).await;
        tokio::time::sleep(HEADER_TIMEOUT + Duration::from_secs(1)).await;
        let got = rest(connection).await;
        assert!(got.starts_with("HTTP/1.1 200 OK") && got.len() < MUCH, "{}", got.len());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_read_slowly_arrives() {
        let mut connection = ask_for_much(&CancellationToken::new()).await;
        let (mut bit, mut got) = (vec![0; MUCH / 10], 0);
        while got < MUCH {
            tokio::time::sleep(HEADER_TIMEOUT / 2).await;
            got += connection.read(&mut bit).await.unwrap();
            assert_ne!(got, 0);
        }
    }

    /// Sends the head of a request that is refused, with a body of that size to follow.
    async fn ask_in_vain(size: usize, more: &str) -> DuplexStream {
        let mut connection = connect(&CancellationToken::new());
        let head = format!("POST /refused HTTP/1.1\r\nhost: desk\r\ncontent-length: {size}\r\n{more}\r\n");
        connection.write_all(head.as_bytes()).await.unwrap();
        // Long enough for a refusal that does not wait for the body.
        tokio::time::sleep(Duration::from_secs(1)).await;
        connection
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_keeps_the_connection() {
        let mut connection = ask_in_vain(MUCH, "").await;
        connection.write_all(&vec![b'x'; MUCH]).await.unwrap();
        connection.write_all(REQUEST.as_bytes()).await.unwrap();
        let answers = rest(connection).await;
        assert!(answers.starts_with("HTTP/1.1 403") && answers.contains("no") && answers.ends_with("hi"), "{answers}");
        assert!(!answers.contains("connection: close"), "{answers}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_of_an_endless_body_closes_the_connection() {
        for (size, sent, more) in [(MUCH, 0, ""), (100 * MUCH, 3 * MUCH, ""), (MUCH, 0, "expect: 100-continue\r\n")] {
            let mut connection = ask_in_vain(size, more).await;
            // The write may fail, since the server stops reading an oversized body.
            let _ = connection.write_all(&vec![b'x'; sent]).await;
            let answer = rest(connection).await;
            assert!(answer.starts_with("HTTP/1.1 403"), "{size} {answer}");
            assert!(answer.contains("connection: close") && answer.ends_with("no"), "{size} {answer}");
        }
    }

    // On sockets, and so by the real clock.
    #[tokio::test]
    async fn a_stop_waits_for_what_is_under_way_and_for_nothing_else() {
        let (began, mut waits) = mpsc::channel::<mpsc::Sender<()>>(1);
        let router = Router::new().route(
            "/",
            post(|| async move {
                let (end, mut ended) = mpsc::channel(1);
                began.send(end).await.unwrap();
                ended.recv().await;
                "done"
            }),
        );
        let stop = CancellationToken::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // Long enough not to end anything here.
        let header_timeout = Duration::from_hours(1);
        let mut serving = tokio::spawn(serve(listener, watch::channel(router).1, header_timeout, stop.clone(), None));
        let mut idle = tokio::net::TcpStream::connect(address).await.unwrap();
        let mut busy = tokio::net::TcpStream::connect(address).await.unwrap();
        busy.write_all(b"POST / HTTP/1.1\r\nhost: desk\r\n\r\n").await.unwrap();
        let end = waits.recv().await.unwrap();
        stop.cancel();

        let mut text = String::new();
        idle.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "", "it is closed, with nothing said");
        assert!(!serving.is_finished());
        end.send(()).await.unwrap();
        busy.read_to_string(&mut text).await.unwrap();
        assert!(text.contains("connection: close") && text.ends_with("done"), "{text}");
        (&mut serving).await.unwrap();
    }

    #[tokio::test]
    async fn so_many_connections_at_the_same_time_and_no_more() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", axum::routing::get(|| async { "here" }));
        tokio::spawn(serve(listener, watch::channel(router).1, HEADER_TIMEOUT, CancellationToken::new(), Some(1)));
        let connect = async || {
            let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
            connection.write_all(b"GET / HTTP/1.1\r\nhost: desk\r\n\r\n").await.unwrap();
            connection
        };
        let mut answer = [0; 15];
        let mut first = connect().await;
        first.read_exact(&mut answer).await.unwrap();
        let mut second = connect().await;
        let early = tokio::time::timeout(Duration::from_millis(200), second.read_exact(&mut answer)).await;
        assert!(early.is_err(), "the place is taken");
        drop(first);
        second.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
    }
}
