//! The demo's OpenID Connect provider: a visitor picks one of two people with one click, without a password. It is on the
//! listener of the demo's page with sign-in, knows no other client, and has a key that ends with the process.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::Timestamp;
use maud::html;
use ring::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use shared::language::Language;
use url::Url;

use crate::{
    http::{plain_page, reader_language},
    signin::{CALLBACK, NoRandomness, ProviderSettings, SignInError, is_kept, random_text},
};

/// The path of the issuer, below which all of it is.
const PATH: &str = "/demo/provider";
/// The only client.
const CLIENT_ID: &str = "deskbuy-demo";
/// The member of the form.
const PERSON: &str = "person";
/// How long a code is good, in seconds: the browser brings it at once.
const CODE_LIFETIME: i64 = 60;
/// How long a token is good, in seconds.
const TOKEN_LIFETIME: i64 = 300;
/// Codes that are not used yet. The oldest goes first.
const MOST_CODES: usize = 64;

/// Somebody to sign in as.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Person {
    subject: &'static str,
    pub(super) email: &'static str,
    /// In Chinese and in English.
    names: [&'static str; 2],
    does: [&'static str; 2],
}

/// Who buys.
pub(super) const BUYER: Person = Person {
    subject: "buyer",
    email: "chen.jing@example.com",
    names: ["陈静", "Chen Jing"],
    does: ["采购：可以下单，不能审批。", "Buys, and cannot approve."],
};
/// Who approves.
pub(super) const APPROVER: Person = Person {
    subject: "approver",
    email: "wang.wei@example.com",
    names: ["王伟", "Wang Wei"],
    does: ["审批：可以批准或驳回订单，不能下单。", "Approves or declines orders, and cannot buy."],
};
static PEOPLE: [Person; 2] = [BUYER, APPROVER];

impl Person {
    pub(super) fn name(&self, language: Language) -> &'static str {
        of(language, self.names)
    }
}

/// The text in a language, of one in Chinese and one in English.
pub(super) fn of(language: Language, texts: [&'static str; 2]) -> &'static str {
    texts[usize::from(language == Language::English)]
}

/// The provider.
#[derive(Debug)]
pub(super) struct Provider {
    issuer: String,
    /// Where people come from and go back to, and nowhere else.
    redirect: Url,
    key: EcdsaKeyPair,
    random: SystemRandom,
    codes: Mutex<VecDeque<Code>>,
}

/// A code that is not used yet.
#[derive(Debug)]
struct Code {
    text: String,
    person: &'static Person,
    language: Language,
    asked: Asked,
    /// Until when it is good, in seconds since 1970 UTC.
    until: i64,
}

/// What a sign-in begins with.
#[derive(Debug)]
struct Asked {
    state: String,
    nonce: String,
    /// Of PKCE, made by SHA-256.
    challenge: String,
}

type Members = BTreeMap<String, String>;

impl Provider {
    /// The provider of the page at this address, with a key of its own.
    pub(super) fn new(page: &Url) -> Result<Self, SignInError> {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).map_err(|_| NoRandomness)?;
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).map_err(|_| NoRandomness)?;
        let (issuer, redirect) = (page.join(PATH)?.into(), page.join(CALLBACK)?);
        Ok(Self { issuer, redirect, key, random, codes: Mutex::default() })
    }

    /// What its client has to know.
    pub(super) fn settings(&self) -> ProviderSettings {
        ProviderSettings {
            issuer: self.issuer.clone(),
            discovery: None,
            client_id: CLIENT_ID.to_owned(),
            client_secret: None,
            scopes: vec!["email".to_owned(), "profile".to_owned()],
            authorities: None,
        }
    }

    /// Its routes.
    pub(super) fn router(self) -> Router {
        let at = |path: &str| format!("{PATH}{path}");
        Router::new()
            .route(&at("/.well-known/openid-configuration"), get(discovery))
            .route(&at("/keys"), get(keys))
            .route(&at("/authorize"), get(people).post(choose))
            .route(&at("/token"), post(token))
            .with_state(Arc::new(self))
    }

    /// What a request asks for. `None` unless the page with sign-in has made it.
    fn asked(&self, query: Option<&str>) -> Option<Asked> {
        let mut query = members(query.unwrap_or_default());
        let is = |name: &str, value: &str| query.get(name).is_some_and(|found| found == value);
        let is_ours = is("response_type", "code")
            && is("client_id", CLIENT_ID)
            && is("redirect_uri", self.redirect.as_str())
            && is("code_challenge_method", "S256");
        let mut some = |name: &str| query.remove(name).filter(|text| !text.is_empty());
        let (state, nonce, challenge) = (some("state")?, some("nonce")?, some("code_challenge")?);
        is_ours.then_some(Asked { state, nonce, challenge })
    }

    fn codes(&self) -> MutexGuard<'_, VecDeque<Code>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a code, which is good once, if the form has all that goes with it.
    fn take(&self, form: &Members, now: i64) -> Option<Code> {
        let text = |name: &str| form.get(name).map(String::as_str);
        let code = {
            let mut codes = self.codes();
            let at = codes.iter().position(|code| text("code") == Some(&code.text))?;
            codes.remove(at)?
        };
        let verifier = text("code_verifier")?;
        let is_good = now < code.until
            && text("grant_type") == Some("authorization_code")
            && text("client_id") == Some(CLIENT_ID)
            && text("redirect_uri") == Some(self.redirect.as_str())
            && BASE64.encode(digest(&SHA256, verifier.as_bytes())) == code.asked.challenge;
        is_good.then_some(code)
    }

    /// The ID token for a code.
    fn id_token(&self, Code { person, language, asked, .. }: &Code, now: i64) -> Result<String, NoRandomness> {
        let head = json!({ "alg": "ES256", "typ": "JWT" });
        let claims = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + TOKEN_LIFETIME, "nonce": asked.nonce,
            "sub": person.subject, "name": person.name(*language), "email": person.email, "email_verified": true,
        });
        let signed = format!("{}.{}", BASE64.encode(head.to_string()), BASE64.encode(claims.to_string()));
        let signature = self.key.sign(&self.random, signed.as_bytes()).map_err(|_| NoRandomness)?;
        Ok(format!("{signed}.{}", BASE64.encode(signature)))
    }
}

/// The discovery document.
async fn discovery(State(provider): State<Arc<Provider>>) -> Json<Value> {
    let issuer = &provider.issuer;
    Json(json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"], "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
    }))
}

/// The key set.
async fn keys(State(provider): State<Arc<Provider>>) -> Json<Value> {
    // An uncompressed point: 4, and then two numbers of 32 bytes.
    let point = provider.key.public_key().as_ref();
    let (x, y) = (BASE64.encode(&point[1..33]), BASE64.encode(&point[33..]));
    Json(json!({ "keys": [{ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "x": x, "y": y }] }))
}

/// The page to pick a person. It is shown at each sign-in, so that a visitor can come back as the other person.
async fn people(State(provider): State<Arc<Provider>>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let language = reader_language(&headers);
    if provider.asked(query.as_deref()).is_none() {
        return again(language, BEGIN);
    }
    // Without it the way back would end in a sign-in that has expired, and nobody would know why.
    if !is_kept(&headers) {
        return again(language, NOT_KEPT);
    }
    let sign_in = of(language, ["登录", "Sign in"]);
    let content = html! {
        p { (of(language, [
            "这里代替贵公司的登录系统，不需要密码。请选择以谁的身份登录；之后退出，即可换另一个人。",
            "This stands in for your company's sign-in, and asks for no password. Pick who you are; sign out later to come back as the other.",
        ])) }
        @for person in &PEOPLE {
            form method="post" {
                h2 { (person.name(language)) }
                p { (of(language, person.does)) br; (person.email) }
                input type="hidden" name=(PERSON) value=(person.subject);
                button aria-label=(format!("{sign_in}: {}", person.name(language))) { (sign_in) }
            }
        }
        p { a href="/demo" { (of(language, ["可以试些什么", "What there is to try"])) } }
    };
    plain_page(StatusCode::OK, language, "/", of(language, ["演示：以谁的身份登录？", "Demo: who signs in?"]), &content)
}

/// Signs in as one of them, and goes back to the page with a code.
async fn choose(
    State(provider): State<Arc<Provider>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    form: String,
) -> Response {
    let language = reader_language(&headers);
    let chosen = members(&form).remove(PERSON);
    let person = PEOPLE.iter().find(|person| chosen.as_deref() == Some(person.subject));
    let (Some(asked), Some(person)) = (provider.asked(query.as_deref()), person) else {
        return again(language, BEGIN);
    };
    let Ok(text) = random_text() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut to = provider.redirect.clone();
    to.query_pairs_mut().append_pair("code", &text).append_pair("state", &asked.state);
    let mut codes = provider.codes();
    if codes.len() == MOST_CODES {
        codes.pop_front();
    }
    codes.push_back(Code { text, person, language, asked, until: now() + CODE_LIFETIME });
    let headers = [(header::LOCATION, to.as_str()), (header::CACHE_CONTROL, "no-store")];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// The text for requests that do not come from the page with sign-in.
const BEGIN: [&str; 2] = ["请从演示的页面开始登录。", "Begin on the demo's page."];
/// The text where the cookie is missing. It is a Secure cookie, which some browsers do not keep for http on loopback; or the sign-in
/// began at another name of this machine, where signing in again helps.
const NOT_KEPT: [&str; 2] = [
    "浏览器没有保留登录所需的 Cookie。请重新登录；如果又回到这里，请改用 Chrome、Edge 或 Firefox，因为有些浏览器（例如 Safari）在 http:// 页面上不保留它。",
    "This browser has not kept the cookie that a sign-in needs. Sign in again. If that leads here once more, use Chrome, Edge or Firefox: some browsers, such as Safari, do not keep it on pages at http://.",
];

/// A page that says why one has to sign in again.
fn again(language: Language, why: [&'static str; 2]) -> Response {
    let content = html! {
        p { (of(language, why)) }
        p { a href="/login" { (of(language, ["登录", "Sign in"])) } }
    };
    plain_page(StatusCode::BAD_REQUEST, language, "/", of(language, ["演示：登录", "Demo: sign in"]), &content)
}

/// Exchanges a code for an ID token.
async fn token(State(provider): State<Arc<Provider>>, form: String) -> Response {
    let now = now();
    let Some(code) = provider.take(&members(&form), now) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    let (Ok(id_token), Ok(access_token)) = (provider.id_token(&code, now), random_text()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    // The access token is for nothing here, but a part of every answer.
    let tokens = json!({ "id_token": id_token, "access_token": access_token, "token_type": "Bearer" });
    ([(header::CACHE_CONTROL, "no-store")], Json(tokens)).into_response()
}

fn members(text: &str) -> Members {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn now() -> i64 {
    Timestamp::now().as_second()
}
