//! A receiver of notifications that refuses some and answers others too late, and what it has taken: compared with the orders at
//! the end of a sweep.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, http::StatusCode};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    time::{Instant, sleep},
};

/// The receiver. Clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Receiver(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    /// The last event of each order that was taken.
    last: HashMap<String, String>,
    /// Messages, and those of them that came again.
    messages: u32,
    ids: HashMap<String, u32>,
}

impl Receiver {
    /// Starts it; the file that names it.
    pub(crate) async fn start(folder: &Path) -> (Self, PathBuf) {
        let receiver = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let (file, secret) = (folder.join("notifications.toml"), folder.join("notifications.secret"));
        std::fs::write(&secret, "a secret of some length").unwrap();
        let target = format!(
            "[[target]]\nname = \"sweep\"\nkind = \"webhook\"\nallow_loopback = true\nurl = \"http://{address}/\"\n\
             secret_file = \"{}\"\n",
            secret.display()
        );
        std::fs::write(&file, target).unwrap();
        (receiver, file)
    }

    /// Waits until the last event of each order is the state that it has; what is missing after some time.
    pub(crate) async fn expect(&self, orders: &HashMap<String, String>) -> Vec<String> {
        // A lease of a proxy that was killed, and some retries.
        let deadline = Instant::now() + Duration::from_mins(5);
        loop {
            let missing: Vec<_> = {
                let taken = self.0.lock().unwrap();
                let missing = orders.iter().filter(|(token, state)| taken.last.get(*token) != Some(state));
                missing
                    .map(|(token, state)| {
                        format!("{token} is {state}, and the receiver was told {:?} last", taken.last.get(token))
                    })
                    .collect()
            };
            if missing.is_empty() || Instant::now() > deadline {
                return missing;
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Messages, and those of them that came again.
    pub(crate) fn counts(&self) -> (u32, u32) {
        let taken = self.0.lock().unwrap();
        (taken.messages, taken.ids.values().map(|times| times - 1).sum())
    }
}

async fn receive(State(receiver): State<Receiver>, body: Bytes) -> StatusCode {
    let message: Value = serde_json::from_slice(&body).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (id, event) = (text(&message["id"]), text(&message["event"]));
    let order = text(&message["order"]["token"]);
    let first = {
        let mut taken = receiver.0.lock().unwrap();
        taken.messages += 1;
        let times = taken.ids.entry(id.clone()).or_default();
        *times += 1;
        *times == 1
    };
    // Some are refused the first time, and some take their time.
    match id.bytes().next_back() {
        Some(b'0') if first => return StatusCode::SERVICE_UNAVAILABLE,
        Some(b'2') => sleep(Duration::from_millis(200)).await,
        _ => {}
    }
    receiver.0.lock().unwrap().last.insert(order, event);
    StatusCode::NO_CONTENT
}
