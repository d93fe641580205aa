//! A simulator on a free port, and a signing client. The signature is implemented again from the published description:
//! sharing the simulator's code would test nothing.

use std::{net::SocketAddr, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use reqwest::{Method, header::HeaderMap};
use serde_json::Value;
use sha1::Sha1;
use simulator::{Config, Scenario, Simulator};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

pub(crate) const CLOUD_DESKTOP: &str = "2017-03-01";
pub(crate) const VPC: &str = "2016-04-28";

/// A simulator that is being served.
pub(crate) struct Upstream {
    pub(crate) simulator: Simulator,
    pub(crate) address: SocketAddr,
    client: reqwest::Client,
    config: Config,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

/// An answer that arrived whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// Status and `Code`.
    pub(crate) fn error(&self) -> (u16, String) {
        (self.status, self.json()["Code"].as_str().unwrap_or("none").to_owned())
    }

    /// The answer, which must be a good one.
    pub(crate) fn good(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        assert!(self.json().get("Code").is_none(), "{}", self.text);
        self.json()
    }
}

impl Upstream {
    pub(crate) async fn start(config: Config) -> Self {
        // Plain http all along, but the client will not be made without.
        drop(rustls::crypto::ring::default_provider().install_default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let simulator = Simulator::new(config.clone());
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(simulator.clone().serve(listener, async { drop(stopped.await) }));
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().unwrap();
        Self { simulator, address, client, config, stop, served }
    }

    pub(crate) async fn with(scenarios: &[&str]) -> Self {
        let scenarios = scenarios.iter().map(|text| text.parse().unwrap()).collect::<Vec<Scenario>>();
        Self::start(Config { scenarios, ..Config::default() }).await
    }

    /// Stops serving; fails if that takes long.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        drop(self.client);
        tokio::time::timeout(Duration::from_secs(5), self.served).await.unwrap().unwrap().unwrap();
    }

    /// A request for an action, signed with the simulator's key, in the region that is asked most.
    pub(crate) fn request(&self, action: &str, parameters: &[(&str, &str)]) -> Request<'_> {
        let version = if ["DescribeZones", "DescribeVSwitches"].contains(&action) { VPC } else { CLOUD_DESKTOP };
        let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let nonce = uuid::Uuid::new_v4().to_string();
        let common = [
            ("Action", action),
            ("Version", version),
            ("Format", "JSON"),
            ("AccessKeyId", &self.config.access_key_id),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
            ("SignatureNonce", &nonce),
            ("Timestamp", &now),
            ("RegionId", "cn-hangzhou"),
        ];
        let token = self.config.sts_token.iter().map(|token| ("SecurityToken", token.as_str()));
        let all = common.into_iter().chain(token).chain(parameters.iter().copied());
        let parameters = all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Request { upstream: self, parameters, secret: self.config.access_key_secret.clone(), signature: None }
    }

    /// Calls an action by GET.
    pub(crate) async fn call(&self, action: &str, parameters: &[(&str, &str)]) -> Answer {
        self.request(action, parameters).get().await.unwrap()
    }

    /// Fetches one of the control endpoints, or sends it something.
    pub(crate) async fn control(&self, method: Method, path: &str, body: &str) -> Answer {
        let url = format!("http://{}/_simulator/{path}", self.address);
        let request = self.client.request(method, url).header("content-type", "application/json");
        receive(request.body(body.to_owned())).await.unwrap()
    }

    /// Sends anything at all.
    pub(crate) async fn send(&self, method: Method, query: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let url = format!("http://{}/?{query}", self.address);
        receive(self.client.request(method, url).header("content-type", content_type).body(body)).await.unwrap()
    }
}

/// A request about to be signed and sent.
pub(crate) struct Request<'a> {
    upstream: &'a Upstream,
    parameters: Vec<(String, String)>,
    secret: String,
    signature: Option<String>,
}

impl Request<'_> {
    /// Sets a parameter, or takes it away.
    pub(crate) fn set(mut self, name: &str, value: Option<&str>) -> Self {
        self.parameters.retain(|(key, _)| key != name);
        self.parameters.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        self
    }

    pub(crate) fn secret(mut self, secret: &str) -> Self {
        secret.clone_into(&mut self.secret);
        self
    }

    pub(crate) fn signature(mut self, signature: &str) -> Self {
        self.signature = Some(signature.to_owned());
        self
    }

    /// The signature that belongs to the request.
    pub(crate) fn signed(&self, method: &str) -> String {
        let mut pairs: Vec<_> = self.parameters.iter().map(|(k, v)| (encode(k), encode(v))).collect();
        pairs.sort();
        let joined = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
        let text = format!("{method}&%2F&{}", encode(&joined));
        let mut mac = Hmac::<Sha1>::new_from_slice(format!("{}&", self.secret).as_bytes()).unwrap();
        mac.update(text.as_bytes());
        BASE64_STANDARD.encode(mac.finalize().into_bytes())
    }

    /// All parameters with the signature, as a query or a form.
    pub(crate) fn encoded(&self, method: &str) -> String {
        let signature = self.signature.clone().unwrap_or_else(|| self.signed(method));
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(&self.parameters).append_pair("Signature", &signature).finish()
    }

    pub(crate) async fn get(self) -> Result<Answer, reqwest::Error> {
        let url = format!("http://{}/?{}", self.upstream.address, self.encoded("GET"));
        receive(self.upstream.client.get(url)).await
    }

    pub(crate) async fn post(self) -> Result<Answer, reqwest::Error> {
        let url = format!("http://{}/", self.upstream.address);
        let request = self.upstream.client.post(url).header("content-type", "application/x-www-form-urlencoded");
        receive(request.body(self.encoded("POST"))).await
    }
}

async fn receive(request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, text: response.text().await? })
}

fn encode(text: &str) -> String {
    let unreserved = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    let escape = |byte: u8| if unreserved(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(escape).collect()
}
