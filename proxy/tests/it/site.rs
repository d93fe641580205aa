//! The test site: a proxy with a simulator behind it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use clap::{Args, FromArgMatches};
use cloud::{AccessKey, Backoff, CredentialsSource};
use orders::DeliverySettings;
use proxy::{
    server::Server,
    settings::{ServeArgs, Settings},
};
use reqwest::{Method, RequestBuilder, header::HeaderMap};
use serde_json::{Value, json};
use simulator::{Config, Simulator, State};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// A simulator that outlives the proxies in front of it, the folder with page and journal, and the other database if
/// the journal is in one. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Cloud {
    pub(crate) simulator: Simulator,
    pub(crate) address: SocketAddr,
    pub(crate) folder: Arc<TempDir>,
    secret: String,
    database: Option<String>,
}

/// A proxy that runs. Dropped, it is gone with whatever it was doing, which is as near to a crash as a test in one
/// process comes.
pub(crate) struct Site {
    pub(crate) cloud: Cloud,
    http: reqwest::Client,
    pub(crate) page: SocketAddr,
    pub(crate) admin: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A client for loopback.
pub(crate) fn http() -> reqwest::Client {
    // Fails where a proxy in this process has done so before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap()
}

impl Cloud {
    pub(crate) async fn new(config: Config) -> Self {
        let simulator = Simulator::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(simulator.clone().serve(listener, std::future::pending()));
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("page")).unwrap();
        let secret = Config::default().access_key_secret;
        Self { simulator, address, folder: Arc::new(folder), secret, database: None }
    }

    /// The same with a key that the simulator will not take.
    pub(crate) fn with_secret(self, secret: &str) -> Self {
        Self { secret: secret.to_owned(), ..self }
    }

    /// The same with its journal in a PostgreSQL database of its own.
    pub(crate) async fn on_postgres(self) -> Self {
        Self { database: Some(crate::databases::fresh().await), ..self }
    }

    /// The same with its journal in the database of this URL.
    pub(crate) fn in_database(self, url: String) -> Self {
        Self { database: Some(url), ..self }
    }

    pub(crate) fn database_url(&self) -> String {
        let file = || format!("sqlite://{}", self.folder.path().join("journal.sqlite").display());
        self.database.clone().unwrap_or_else(file)
    }

    /// A proxy in front of it, with more flags.
    pub(crate) async fn open(self, flags: &[&str]) -> Site {
        let (settings, credentials) = self.settings(flags);
        let server = Server::start(settings, credentials).await.unwrap();
        let (page, admin) = (server.page_address(), server.admin_address());
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(server.run(async { drop(stopped.await) }));
        let http = http();
        Site { cloud: self, http, page, admin, stop, running }
    }

    /// Real settings, but for pauses that a test need not sit through.
    fn settings(&self, flags: &[&str]) -> (Settings, CredentialsSource) {
        let endpoint = format!("http://{}", self.address);
        let (page, database) = (self.folder.path().join("page"), self.database_url());
        let page = page.display().to_string();
        let line = ["deskbuy", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--page", &page];
        let line = line.into_iter().chain(["--endpoint-clouddesktop", &endpoint, "--endpoint-vpc", &endpoint]);
        let line = line.chain(["--database-url", &database]).chain(flags.iter().copied());
        let args = ServeArgs::augment_args(clap::Command::new("deskbuy")).get_matches_from(line);
        let args = ServeArgs::from_arg_matches(&args).unwrap();
        let credentials = CredentialsSource::Fixed(AccessKey {
            access_key_id: Config::default().access_key_id.into(),
            access_key_secret: self.secret.as_str().into(),
            security_token: None,
        });
        let (mut settings, credentials) = args.validate(Ok(credentials)).unwrap();
        let backoff = Backoff { first: Duration::from_millis(5), longest: Duration::from_millis(50) };
        settings.client.backoff = backoff;
        settings.orders.backoff = backoff;
        settings.notifications.delivery = DeliverySettings { timeout: Duration::from_secs(2), backoff, attempts: 4 };
        (settings, credentials)
    }
}

impl Site {
    /// A proxy in front of a simulator with these scenarios.
    pub(crate) async fn with(scenarios: &[&str]) -> Self {
        Self::with_flags(scenarios, &[]).await
    }

    pub(crate) async fn with_flags(scenarios: &[&str], flags: &[&str]) -> Self {
        let scenarios = scenarios.iter().map(|name| name.parse().unwrap()).collect();
        Cloud::new(Config { scenarios, ..Config::default() }).await.open(flags).await
    }

    pub(crate) fn state(&self) -> State {
        self.cloud.simulator.state()
    }

    pub(crate) fn calls(&self, action: &str) -> u64 {
        self.state().calls.get(action).copied().unwrap_or_default()
    }

    /// A second proxy on the same journal.
    pub(crate) async fn beside(&self, flags: &[&str]) -> Self {
        self.cloud.clone().open(flags).await
    }

    pub(crate) fn set_scenarios(&self, scenarios: &[&str]) {
        self.cloud.simulator.set_scenarios(scenarios.iter().map(|name| name.parse().unwrap()).collect());
    }

    /// Stops the proxy in an orderly way; the simulator goes on.
    pub(crate) async fn close(self) -> Cloud {
        let _ = self.stop.send(());
        self.running.await.unwrap();
        self.cloud
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, format!("http://{}{path}", self.page))
    }

    /// An answer to one with these headers too.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let request =
            headers.iter().fold(self.request(method, path), |request, (name, value)| request.header(*name, *value));
        Reply::of(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        Reply::of(self.request("GET", path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        Reply::of(self.request("POST", path).header("content-type", "application/json").body(body.to_string())).await
    }

    /// Orders one thing; the order as it was accepted.
    pub(crate) async fn order(&self, operation: &Value) -> Value {
        let reply = self.post("/api/orders", &json!({ "operations": [operation] })).await;
        assert_eq!(reply.status, 202, "{reply:?}");
        reply.json()["orders"][0].clone()
    }

    /// Orders several things together; the answer.
    pub(crate) async fn order_all(&self, operations: &[Value]) -> Reply {
        self.post("/api/orders", &json!({ "operations": operations })).await
    }

    /// The order, once it is settled; without its history, as lists show it.
    pub(crate) async fn settled(&self, token: &str) -> Value {
        let mut order = self.settled_with_history(token).await;
        order.as_object_mut().unwrap().remove("history");
        order
    }

    /// The order, once it is settled.
    pub(crate) async fn settled_with_history(&self, token: &str) -> Value {
        loop {
            let reply = self.get(&format!("/api/orders/{token}?wait=25")).await;
            // A database that changes places has a moment without one.
            if reply.status == 503 {
                continue;
            }
            let order = reply.json();
            if ["placed", "rejected", "unresolved"].contains(&order["state"].as_str().unwrap()) {
                return order;
            }
        }
    }
}

impl Reply {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: response.bytes().await.unwrap().to_vec() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The problem that it must be: of this code, well formed, and to be found in the log.
    #[track_caller]
    pub(crate) fn problem(&self, code: &str) -> Value {
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["type"], format!("urn:deskbuy:problem:{code}"));
        assert_eq!(problem["request_id"].as_str(), self.header("x-request-id"));
        assert_ne!(self.status, 500);
        problem
    }
}

/// A purchase that nothing stands in the way of.
pub(crate) fn purchase(token: &str) -> Value {
    json!({
        "Action": "CreateDesktop", "RegionId": "cn-hangzhou", "ClientToken": token, "TypeItemId": "desktop.n1.small",
        "ChargeType": "POSTPAY", "VpcId": "vpc-bp1desk0000000000001", "ZoneId": "cn-hangzhou-b",
        "VSwitchId": "vsw-bp1desk0000000000001", "ImageId": "m-bp1sys0000000000000001", "ImageType": "default",
        "UserName": "zhang.san", "UserGroup": "Users",
    })
}

/// The same with some members changed, or gone where they are null.
pub(crate) fn changed(mut value: Value, changes: &Value) -> Value {
    for (name, change) in changes.as_object().unwrap() {
        let members = value.as_object_mut().unwrap();
        if change.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), change.clone());
        }
    }
    value
}

/// A renewal of a desktop.
pub(crate) fn renewal(token: &str, desktop: &str, months: u8) -> Value {
    json!({
        "Action": "RenewDesktop", "RegionId": "cn-hangzhou", "ClientToken": token, "DesktopId": desktop,
        "Period": months,
    })
}

/// A release of a desktop.
pub(crate) fn release(token: &str, desktop: &str) -> Value {
    json!({ "Action": "DeleteDesktop", "RegionId": "cn-hangzhou", "ClientToken": token, "DesktopId": desktop })
}

/// A subscription, where [`purchase`] is pay as you go.
pub(crate) fn subscription(token: &str) -> Value {
    changed(purchase(token), &json!({ "ChargeType": "PREPAY", "Period": 1 }))
}
