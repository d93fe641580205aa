//! The approver of a round: approves what awaits approval, often twice and through two proxies, and declines some of it.
//! Nothing may be sent before its word, and every order that is for too many months has to wait for it.

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    time::Duration,
};

use fastrand::Rng;
use serde_json::{Value, json};
use simulator::Simulator;
use tokio::time::{Instant, sleep};

use crate::{
    judge,
    proxies::{APPROVER, Proxies, WITHOUT_APPROVAL},
};

/// The approver.
pub(crate) struct Approver<'a> {
    proxies: &'a Proxies,
    simulator: &'a Simulator,
    /// Of so many orders one is declined; none at 0.
    pub(crate) declines: usize,
    /// What has awaited approval, with the decision.
    held: HashMap<String, &'static str>,
}

impl<'a> Approver<'a> {
    pub(crate) fn new(proxies: &'a Proxies, simulator: &'a Simulator, declines: usize) -> Self {
        Self { proxies, simulator, declines, held: HashMap::new() }
    }

    /// Decides about all that waits.
    pub(crate) async fn decide_all(&mut self, rng: &mut Rng) -> Vec<String> {
        let deadline = Instant::now() + Duration::from_mins(1);
        let mut complaints = Vec::new();
        while Instant::now() < deadline {
            complaints.extend(self.decide_some(rng).await);
            let waiting = judge::get(self.proxies, "/api/orders?state=awaiting_approval&limit=1").await;
            if waiting.is_some_and(|list| list["orders"] == json!([])) {
                return complaints;
            }
            sleep(Duration::from_millis(50)).await;
        }
        complaints.push("some orders await approval for ever".to_owned());
        complaints
    }

    /// Decides about what waits now. Nobody else does, so nothing of it may have reached the cloud.
    pub(crate) async fn decide_some(&mut self, rng: &mut Rng) -> Vec<String> {
        let Some(list) = judge::get(self.proxies, "/api/orders?state=awaiting_approval&limit=200").await else {
            return Vec::new();
        };
        let tokens: Vec<_> = list["orders"].as_array().into_iter().flatten().filter_map(token).collect();
        let state = self.simulator.state();
        let bought = state.desktops.iter().map(|desktop| desktop.token.as_str());
        let renewed = state.desktops.iter().flat_map(|desktop| &desktop.renewals).map(|renewal| renewal.token.as_str());
        let done: HashSet<_> = bought.chain(renewed).collect();
        let too_early = tokens.iter().filter(|token| done.contains(token.as_str()));
        let complaints = too_early.map(|token| format!("{token} was carried out before it was approved")).collect();
        for token in tokens {
            let declines = self.declines > 0 && rng.usize(..self.declines) == 0;
            // Once said, it stays so: an answer may have been lost.
            let decision = *self.held.entry(token.clone()).or_insert(if declines { "decline" } else { "approve" });
            let (one, other) = (self.proxies.any(rng), self.proxies.any(rng));
            if rng.bool() {
                tokio::join!(self.say(one, decision, &token), self.say(other, decision, &token));
            } else {
                self.say(one, decision, &token).await;
            }
        }
        complaints
    }

    /// Tells a proxy, which may be down or killed over it: what still waits is decided about next time.
    async fn say(&self, address: SocketAddr, decision: &str, token: &str) {
        let body = json!({ "decision": decision, "tokens": [token], "note": "by the sweep" }).to_string();
        let request = self.proxies.http.post(format!("http://{address}/api/approvals"));
        let request = request.header("authorization", APPROVER).header("content-type", "application/json");
        let _ = request.body(body).send().await;
    }

    /// What the histories say: decided once, before anything was sent, and as was said.
    pub(crate) async fn judge(&self, operations: &[Value]) -> Vec<String> {
        let mut complaints = Vec::new();
        for operation in operations {
            let token = operation["ClientToken"].as_str().unwrap_or_default();
            let decision = self.held.get(token).copied();
            if decision.is_none() && operation["Period"].as_u64().is_some_and(|months| months > WITHOUT_APPROVAL) {
                complaints.push(format!("{token} never awaited approval"));
            }
            let Some(decision) = decision else { continue };
            let Some(order) = judge::get(self.proxies, &format!("/api/orders/{token}")).await else {
                complaints.push(format!("{token} cannot be read"));
                continue;
            };
            let events: Vec<_> =
                order["history"].as_array().into_iter().flatten().filter_map(|line| line["event"].as_str()).collect();
            let decided: Vec<_> =
                events.iter().filter(|event| ["approved", "declined", "expired"].contains(event)).copied().collect();
            let expect = if decision == "approve" { "approved" } else { "declined" };
            // A declined one has nothing behind it.
            let is_last = events.last() == Some(&"declined") && order["attempts"] == 0;
            let is_right = decided == [expect] && events.get(1) == Some(&expect) && (expect == "approved" || is_last);
            if !is_right {
                complaints.push(format!("{token} was {expect}, and its history is {events:?}"));
            }
        }
        complaints
    }
}

fn token(order: &Value) -> Option<String> {
    order["token"].as_str().map(str::to_owned)
}
