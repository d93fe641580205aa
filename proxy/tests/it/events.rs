//! The stream of changes: all changes of all processes, resumable from any position.

use serde_json::Value;

use crate::{
    databases,
    site::{Site, purchase},
};

/// A stream that is being read.
pub(crate) struct Stream {
    response: reqwest::Response,
    text: String,
}

/// An event: its name, its identifier and its data.
#[derive(Debug, PartialEq)]
pub(crate) struct Event {
    pub(crate) name: String,
    id: i64,
    data: String,
}

impl Stream {
    async fn open(site: &Site, last: Option<&str>) -> Self {
        let request = site.request("GET", "/api/orders/events");
        Self::of(last.into_iter().fold(request, |request, last| request.header("last-event-id", last))).await
    }

    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        Self { response, text: String::new() }
    }

    /// The next event, comments left out; nothing at the end.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let found = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                    found.map(|text| text.trim_start().to_owned())
                };
                // As a browser does, which throws away what has no data.
                let data = field("data").filter(|data| !data.is_empty());
                let event = field("event").zip(data).map(|(name, data)| Event {
                    name,
                    id: field("id").unwrap().parse().unwrap(),
                    data,
                });
                let rest = rest.to_owned();
                self.text = rest;
                match event {
                    Some(event) => return Some(event),
                    None => continue,
                }
            }
            let chunk = self.response.chunk().await.ok()??;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Reads until the order is placed, and returns the last identifier. Fails on changes of any other order.
    pub(crate) async fn until_only_placed(&mut self, token: &str) -> i64 {
        loop {
            let event = self.next().await.unwrap();
            let order: Value = serde_json::from_str(&event.data).unwrap();
            assert_eq!((event.name.as_str(), &order["token"]), ("order", &Value::from(token)));
            if order["state"] == "placed" {
                return event.id;
            }
        }
    }

    /// Reads until the order is placed: the states on the way, and the last identifier.
    pub(crate) async fn until_placed(&mut self, token: &str) -> (Vec<String>, i64) {
        let mut states = Vec::new();
        loop {
            let event = self.next().await.unwrap();
            assert_eq!(event.name, "order");
            let order: Value = serde_json::from_str(&event.data).unwrap();
            if order["token"] != token {
                continue;
            }
            states.push(order["state"].as_str().unwrap().to_owned());
            if order["state"] == "placed" {
                return (states, event.id);
            }
        }
    }
}

#[tokio::test]
async fn changes_come_as_they_happen_and_can_be_taken_up_again() {
    for cloud in databases::each(&[]).await {
        let site = cloud.open(&[]).await;
        let mut stream = Stream::open(&site, None).await;
        let start = stream.next().await.unwrap();
        assert_eq!((start.name.as_str(), start.id), ("start", 0));
        site.order(&purchase("t-1")).await;
        let (states, seen) = stream.until_placed("t-1").await;
        assert!(!states.is_empty());
        drop(stream);

        // Changes made meanwhile come first.
        site.order(&purchase("t-2")).await;
        site.settled("t-2").await;
        let mut stream = Stream::open(&site, Some(&seen.to_string())).await;
        assert_eq!(stream.next().await.unwrap().id, seen);
        stream.until_placed("t-2").await;
    }
}

#[tokio::test]
async fn changes_of_another_proxy_are_streamed() {
    for cloud in databases::each(&[]).await {
        let site = cloud.open(&[]).await;
        let other = site.beside(&[]).await;
        let mut stream = Stream::open(&other, None).await;
        assert_eq!(stream.next().await.unwrap().name, "start");
        site.order(&purchase("t-1")).await;
        stream.until_placed("t-1").await;
        assert_eq!(other.settled("t-1").await["state"], "placed");
    }
}

#[tokio::test]
async fn an_unknown_position_leads_to_a_reset() {
    let site = Site::with(&[]).await;
    for last in ["7", "-3", "yesterday"] {
        let mut stream = Stream::open(&site, Some(last)).await;
        assert_eq!(stream.next().await.unwrap().name, "start");
        let reset = stream.next().await.unwrap();
        assert_eq!((reset.name.as_str(), reset.id), ("reset", 0), "{last}");
    }
}

#[tokio::test]
async fn the_stream_ends_with_the_proxy() {
    let site = Site::with(&[]).await;
    let mut stream = Stream::open(&site, None).await;
    assert!(stream.next().await.is_some());
    site.close().await;
    assert_eq!(stream.next().await, None);
}
