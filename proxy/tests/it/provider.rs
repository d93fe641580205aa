//! An OpenID Connect provider that can be told to be odd, and a browser that signs in there. What providers say in
//! practice is in the tests of [`super::providers`].

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    http::{Response, StatusCode, header},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    signin::KEY,
    site::{Cloud, Reply, Site, changed},
};

/// How the provider is odd.
#[derive(Clone, Debug)]
pub(crate) struct Odd {
    /// Changes to the discovery document.
    pub(crate) discovery: Value,
    /// Changes to the claims of the ID token.
    pub(crate) token: Value,
    /// The status and the text of the userinfo endpoint.
    pub(crate) userinfo: (u16, String),
    /// Whether it accepts requests and never answers.
    pub(crate) hangs: bool,
}

/// The provider.
#[derive(Clone)]
pub(crate) struct Provider {
    address: SocketAddr,
    odd: Arc<Mutex<Odd>>,
    nonce: Arc<Mutex<String>>,
    /// Requests for the discovery document.
    pub(crate) discoveries: Arc<AtomicU32>,
}

fn answer(status: u16, body: String) -> Response<Body> {
    let kind = if body.starts_with('{') { "application/json" } else { "text/html" };
    Response::builder().status(status).header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap()
}

impl Provider {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let userinfo = (200, json!({ "sub": "7" }).to_string());
        let odd = Odd { discovery: json!({}), token: json!({}), userinfo, hangs: false };
        let discoveries = Arc::default();
        let provider = Self { address, odd: Arc::new(Mutex::new(odd)), nonce: Arc::default(), discoveries };
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap();
        let point = pair.public_key().as_ref().to_vec();
        let (x, y) = (BASE64.encode(&point[1..33]), BASE64.encode(&point[33..]));
        let jwks = json!({ "keys": [7, { "kty": "EC", "crv": "P-256", "x": x, "y": y, "use": "sig", "kid": "k" }] });
        let pair = Arc::new(pair);

        let (of_discovery, of_tokens, of_people) = (provider.clone(), provider.clone(), provider.clone());
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(move || of_discovery.clone().discovery()))
            .route(
                "/elsewhere",
                get({
                    let provider = provider.clone();
                    move || provider.clone().discovery()
                }),
            )
            .route("/jwks", get(move || async move { answer(200, jwks.to_string()) }))
            .route("/token", post(move |form: String| async move { of_tokens.token(&pair, &form) }))
            .route(
                "/me",
                get(move || async move {
                    let (status, body) = of_people.odd().userinfo.clone();
                    answer(status, body)
                }),
            );
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        provider
    }

    pub(crate) fn odd(&self) -> MutexGuard<'_, Odd> {
        self.odd.lock().unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The nonce of the next tokens.
    pub(crate) fn expect(&self, nonce: &str) {
        nonce.clone_into(&mut self.nonce.lock().unwrap());
    }

    async fn discovery(self) -> Response<Body> {
        self.discoveries.fetch_add(1, Ordering::Relaxed);
        let Odd { discovery, hangs, .. } = self.odd().clone();
        if hangs {
            std::future::pending::<()>().await;
        }
        let document = json!({
            "issuer": self.url(""), "authorization_endpoint": self.url("/auth"), "token_endpoint": self.url("/token"),
            "userinfo_endpoint": self.url("/me"), "jwks_uri": self.url("/jwks"),
        });
        answer(200, changed(document, &discovery).to_string())
    }

    fn token(&self, pair: &EcdsaKeyPair, form: &str) -> Response<Body> {
        let form: BTreeMap<_, _> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        if form["code"] != "good" {
            return answer(400, json!({ "error": "invalid_grant", "error_description": "no such code" }).to_string());
        }
        assert!(form["code_verifier"].len() >= 43 && form["client_id"] == "deskbuy", "{form:?}");
        let claims = json!({
            "iss": self.url(""), "aud": "deskbuy", "sub": "7", "exp": now() + 300, "iat": now(),
            "nonce": *self.nonce.lock().unwrap(),
        });
        let claims = changed(claims, &self.odd().token);
        let head = json!({ "alg": "ES256", "kid": "k", "typ": "JWT" });
        let signed = format!("{}.{}", BASE64.encode(head.to_string()), BASE64.encode(claims.to_string()));
        let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        let token = format!("{signed}.{}", BASE64.encode(signature.as_ref()));
        answer(
            200,
            json!({ "id_token": token, "access_token": "at", "expires_in": "3600", "token_type": 7 }).to_string(),
        )
    }
}

pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A proxy whose people sign in at the provider.
pub(crate) struct SignInSite {
    pub(crate) provider: Provider,
    pub(crate) site: Site,
    http: reqwest::Client,
}

/// A browser: the cookies that it keeps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Browser(pub(crate) BTreeMap<String, String>);

impl Browser {
    pub(crate) fn header(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Keeps what an answer sets.
    pub(crate) fn keep(&mut self, reply: &Reply) {
        for set in reply.headers.get_all("set-cookie") {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.0.remove(name);
            } else {
                self.0.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl SignInSite {
    pub(crate) async fn with(flags: &[&str]) -> Self {
        Self::at(Provider::start().await, flags).await
    }

    pub(crate) async fn at(provider: Provider, flags: &[&str]) -> Self {
        Self::on(provider, Cloud::new(simulator::Config::default()).await, flags).await
    }

    pub(crate) async fn on(provider: Provider, cloud: Cloud, flags: &[&str]) -> Self {
        let issuer = format!("--oidc-issuer={}", provider.url(""));
        Self::open(provider, cloud, &[&[issuer.as_str()], flags].concat()).await
    }

    /// Where the flags say which issuer it is.
    pub(crate) async fn without_issuer(provider: Provider, flags: &[&str]) -> Self {
        Self::open(provider, Cloud::new(simulator::Config::default()).await, flags).await
    }

    async fn open(provider: Provider, cloud: Cloud, flags: &[&str]) -> Self {
        let file = cloud.folder.path().join("key");
        std::fs::write(&file, KEY).unwrap();
        let key = format!("--session-key-file={}", file.display());
        let flags = [&["--oidc-client-id=deskbuy", &key], flags].concat();
        let site = cloud.open(&flags).await;
        // Fails where a proxy in this process has done so before, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let http = http.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { provider, site, http }
    }

    pub(crate) async fn send(&self, method: &str, path: &str, browser: &mut Browser, more: &[(&str, &str)]) -> Reply {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.http.request(method, format!("http://{}{path}", self.site.page));
        let request = request.header("cookie", browser.header());
        let request = more.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let reply = Reply::of(request).await;
        browser.keep(&reply);
        reply
    }

    pub(crate) async fn get(&self, path: &str, browser: &mut Browser) -> Reply {
        self.send("GET", path, browser, &[]).await
    }

    /// Begins a sign-in. The state that the provider is given.
    pub(crate) async fn begin(&self, browser: &mut Browser) -> String {
        let reply = self.get("/login?return=/%23/orders", browser).await;
        assert_eq!(reply.status, 303, "{reply:?}");
        let to: url::Url = reply.header("location").unwrap().parse().unwrap();
        let parameters: BTreeMap<_, _> = to.query_pairs().into_owned().collect();
        assert!(to.as_str().starts_with(&self.provider.url("/auth?")), "{to}");
        assert_eq!(parameters["code_challenge_method"], "S256");
        self.provider.expect(&parameters["nonce"]);
        parameters["state"].clone()
    }

    /// Signs in. The answer to the callback.
    pub(crate) async fn sign_in(&self, browser: &mut Browser) -> Reply {
        let state = self.begin(browser).await;
        self.get(&format!("/login/callback?state={state}&code=good"), browser).await
    }

    /// What the page is told of the person.
    pub(crate) async fn user(&self, browser: &mut Browser) -> Value {
        self.get("/api/session", browser).await.json()["user"].clone()
    }

    /// Signs in with these claims in the ID token: the status, and what the page is told then.
    pub(crate) async fn signed_in_with(&self, token: Value) -> (StatusCode, Value) {
        self.provider.odd().token = token;
        let mut browser = Browser::default();
        let reply = self.sign_in(&mut browser).await;
        (StatusCode::from_u16(reply.status).unwrap(), self.user(&mut browser).await)
    }
}
