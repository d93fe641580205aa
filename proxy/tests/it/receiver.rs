//! A receiver of notifications on this machine: keeps what it is sent, and answers as it is told.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::Value;
use tokio::{net::TcpListener, time::sleep};

/// A message as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// How the receiver answers.
#[derive(Clone, Debug)]
pub(crate) enum Answers {
    /// With this status and body.
    With(u16, String),
    /// By pointing elsewhere.
    Redirect(String),
    /// Not at all.
    Never,
}

/// The receiver. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<(Vec<Received>, Answers)>>,
}

impl Receiver {
    pub(crate) async fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let receiver = Self { address, state: Arc::new(Mutex::new((Vec::new(), answers))) };
        let router = Router::new().fallback(receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    /// One that takes everything.
    pub(crate) async fn willing() -> Self {
        Self::start(Answers::With(200, r#"{"errcode":0,"code":0}"#.to_owned())).await
    }

    pub(crate) fn answer(&self, answers: Answers) {
        self.state.lock().unwrap().1 = answers;
    }

    /// What has come so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.lock().unwrap().0.clone()
    }

    /// What has come, once that is at least so much.
    pub(crate) async fn wait_for(&self, number: usize) -> Vec<Received> {
        loop {
            let received = self.received();
            if received.len() >= number {
                return received;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn receive(State(receiver): State<Receiver>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let answers = {
        let mut state = receiver.state.lock().unwrap();
        state.0.push(Received { uri, headers, text });
        state.1.clone()
    };
    match answers {
        Answers::With(status, body) => (StatusCode::from_u16(status).unwrap(), body).into_response(),
        Answers::Redirect(to) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response(),
        Answers::Never => std::future::pending().await,
    }
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// A parameter of the address, decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let query = self.uri.query().unwrap_or_default().to_owned();
        let found = url::form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned())
    }
}
