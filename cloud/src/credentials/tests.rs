//! The chain against files and services on this machine: what is asked, in which order, and what never shows.

mod faults;
mod services;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::*;

/// Services that give credentials, all at one address, and what they were asked.
#[derive(Clone)]
struct Services {
    address: std::net::SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    tokens: Tokens,
}

/// How the metadata service answers who wants a token.
#[derive(Clone, Copy, PartialEq)]
enum Tokens {
    Given,
    /// Given, and then not taken.
    NotTaken,
    /// By this status instead.
    Refused(u16),
    /// By a page of somebody else's.
    Page,
    Never,
}

impl Services {
    async fn start() -> Self {
        Self::with(Tokens::Given).await
    }

    async fn with(tokens: Tokens) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let services = Self { address: listener.local_addr().unwrap(), asked: Arc::default(), tokens };
        let router = Router::new()
            .route("/", post(sts))
            .route("/latest/api/token", put(metadata_token))
            .route("/latest/meta-data/ram/security-credentials/", get(|| async { "the-role\n" }))
            .route("/latest/meta-data/ram/security-credentials/the-role", get(metadata_role))
            .route("/credentials", get(|| async { Json(credentials("by-uri")) }))
            .route("/padded", get(|| async { Json(padded()) }))
            .route("/failed", get(|| async { Json(failed()) }))
            .route("/nothing", get(|| async { Json(json!({ "Code": "NoRole", "Message": "sesame" })) }))
            .route("/moved", get(|| async { (StatusCode::FOUND, [("location", "/credentials")]) }))
            .route("/refuses", get(|| async { (StatusCode::FORBIDDEN, r#"{"Code":"No.Way","Message":"sesame"}"#) }))
            .with_state(services.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        services
    }

    fn stations(&self) -> CredentialEndpoints {
        let here = Some(format!("http://{}", self.address).parse().unwrap());
        CredentialEndpoints { sts: here.clone(), metadata: here, authorities: None }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn note(&self, what: impl Into<String>) {
        self.asked.lock().unwrap().push(what.into());
    }
}

fn credentials(id: &str) -> serde_json::Value {
    let expires = jiff::Timestamp::now() + Duration::from_hours(1);
    json!({
        "Code": "Success", "AccessKeyId": id, "AccessKeySecret": "sesame", "SecurityToken": "CAIS-sesame",
        "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    })
}

/// A key beside the word that there is none.
fn failed() -> serde_json::Value {
    let mut failed = credentials("by-uri");
    failed["Code"] = "Failed".into();
    failed
}

/// As a script writes them that takes them out of a file.
fn padded() -> serde_json::Value {
    let mut padded = credentials("by-uri\r\n");
    padded["AccessKeySecret"] = "\u{feff}sesame\n".into();
    padded["SecurityToken"] = " CAIS-sesame ".into();
    padded
}

async fn sts(State(services): State<Services>, request: Request) -> Response {
    let body = axum::body::to_bytes(request.into_body(), 1 << 16).await.unwrap();
    let form: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let get = |name: &str| form.get(name).cloned().unwrap_or_default();
    let by = if form.contains_key("Signature") { get("AccessKeyId") } else { get("OIDCToken") };
    services.note(format!("{} of {} by {by}", get("Action"), get("RoleArn")));
    // One that is busy at first, and one that is busy for good.
    let asked = services.asked().len();
    if let Some(code) = get("RoleArn").strip_prefix("busy ").filter(|_| asked < 3) {
        let status = match code {
            "ServiceUnavailable" => StatusCode::SERVICE_UNAVAILABLE,
            "Throttling.Api" => StatusCode::OK,
            _ => StatusCode::BAD_REQUEST,
        };
        return (status, Json(json!({ "Code": code, "Message": "sesame" }))).into_response();
    }
    if get("OIDCToken") == "expired" {
        let error = json!({ "Code": "AuthenticationFail.OIDCToken.Expired", "Message": "sesame" });
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    }
    Json(json!({ "RequestId": "r", "Credentials": credentials("by-role") })).into_response()
}

async fn metadata_token(State(services): State<Services>, headers: HeaderMap) -> Response {
    assert!(headers.contains_key("x-aliyun-ecs-metadata-token-ttl-seconds"));
    services.note("token");
    match services.tokens {
        Tokens::Given | Tokens::NotTaken => "the-token\n".into_response(),
        Tokens::Refused(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Tokens::Page => "<html>\nsign in first</html>".into_response(),
        Tokens::Never => std::future::pending().await,
    }
}

async fn metadata_role(State(services): State<Services>, headers: HeaderMap) -> Response {
    let token = headers.get("x-aliyun-ecs-metadata-token").map(|token| token.to_str().unwrap());
    services.note(format!("role with {token:?}"));
    if token.is_some() != (services.tokens == Tokens::Given) {
        return StatusCode::FORBIDDEN.into_response();
    }
    Json(credentials("by-instance")).into_response()
}

/// A home with files in it.
fn home(files: &[(&str, &str)]) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(home.path(), path, text);
    }
    home
}

fn write(home: &Path, path: &str, text: &str) {
    let path = home.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

async fn find(
    home: &TempDir,
    variables: &[(&str, &str)],
    services: &Services,
) -> Result<CredentialsSource, CredentialsError> {
    let home = home.path().display().to_string();
    let variable = |name: &str| {
        let given = variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        given.or_else(|| (name == "HOME").then(|| home.clone()))
    };
    CredentialsSource::find(variable, services.stations()).await
}

/// The identifier of the key that is found, or what is said instead.
async fn found(home: &TempDir, variables: &[(&str, &str)], services: &Services) -> String {
    match find(home, variables, services).await {
        Ok(source) => match source.current().await {
            Ok(credentials) => credentials.access_key_id.expose().to_owned(),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    }
}

const KEY: &[(&str, &str)] =
    &[("ALIBABA_CLOUD_ACCESS_KEY_ID", "by-environment"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "sesame")];
const CLI: &str = r#"{"current":"a","profiles":[
    {"name":"a","mode":"AK","access_key_id":"by-cli","access_key_secret":"sesame"},
    {"name":"b","mode":"AK","access_key_id":"by-cli-b","access_key_secret":"sesame"}]}"#;
const INI: &str = "[default]\ntype=access_key\naccess_key_id=by-file\naccess_key_secret=sesame\n\
                   [c]\ntype=access_key\naccess_key_id=by-file-c\naccess_key_secret=sesame\n";

#[tokio::test]
async fn the_order_of_the_places() {
    let services = Services::start().await;
    let uri = format!("http://{}/credentials", services.address);
    let home = home(&[(".aliyun/config.json", CLI), (".alibabacloud/credentials.ini", INI), ("token", "a-token\n")]);
    let token = home.path().join("token").display().to_string();
    let oidc = [
        ("ALIBABA_CLOUD_ROLE_ARN", "acs:ram::1:role/r"),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "acs:ram::1:oidc-provider/p"),
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", &token),
    ];
    let all: Vec<_> = KEY.iter().chain(&oidc).copied().chain([("ALIBABA_CLOUD_CREDENTIALS_URI", &*uri)]).collect();
    assert_eq!(found(&home, &all, &services).await, "by-environment");
    assert_eq!(services.asked(), [""; 0], "nobody is asked");
    assert_eq!(found(&home, &all[2..], &services).await, "by-role");
    assert_eq!(services.asked(), ["AssumeRoleWithOIDC of acs:ram::1:role/r by a-token"]);
    let rest = &all[5..];
    assert_eq!(found(&home, rest, &services).await, "by-cli");
    let no_cli = [rest, &[("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true")]].concat();
    assert_eq!(found(&home, &no_cli, &services).await, "by-file");
    std::fs::remove_file(home.path().join(".aliyun/config.json")).unwrap();
    assert_eq!(found(&home, rest, &services).await, "by-file");
    std::fs::remove_file(home.path().join(".alibabacloud/credentials.ini")).unwrap();
    assert_eq!(found(&home, rest, &services).await, "by-instance");
    let no_ecs = [rest, &[("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")]].concat();
    assert_eq!(found(&home, &no_ecs, &services).await, "by-uri");
    assert!(found(&home, &no_ecs[1..], &services).await.starts_with("no credentials: ALIBABA_CLOUD_ACCESS_KEY_ID"));
}

#[tokio::test]
async fn files_with_and_without_a_suffix_and_profiles_by_name() {
    let services = Services::start().await;
    let check = async |files: &[(&str, &str)], variables: &[(&str, &str)], expect: &str| {
        let told = found(&home(files), variables, &services).await;
        assert!(told.contains(expect), "{variables:?}: {told}");
    };
    let profile = |name: &'static str| [("ALIBABA_CLOUD_PROFILE", name)];
    check(&[(".alibabacloud/credentials", INI)], &[], "by-file").await;
    check(&[(".alibabacloud/credentials.ini", INI)], &[], "by-file").await;
    let both = [(".alibabacloud/credentials.ini", "[other]\n"), (".alibabacloud/credentials", INI)];
    check(&both, &[], "by-file").await;
    let cli = [(".aliyun/config.json", CLI), (".alibabacloud/credentials", INI)];
    check(&cli, &profile("b"), "by-cli-b").await;
    check(&cli, &profile("c"), "by-file-c").await;
    check(&cli, &profile("d"), "no file has a profile \"d\"").await;
    check(&[], &[("ALIBABA_CLOUD_CREDENTIALS_FILE", "/no/such/file")], "/no/such/file").await;
    let elsewhere = home(&[("keys", INI)]);
    let keys = elsewhere.path().join("keys").display().to_string();
    check(&[], &[("ALIBABA_CLOUD_CREDENTIALS_FILE", &keys)], "by-file").await;
}

/// Whoever runs the workload renews the token; until then the proxy starts all the same.
#[tokio::test]
async fn a_place_that_gives_none_now_is_found_all_the_same() {
    let services = Services::start().await;
    let home = home(&[]);
    let token = home.path().join("token").display().to_string();
    let variables = [
        ("ALIBABA_CLOUD_ROLE_ARN", "r"),
        ("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "p"),
        ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", &*token),
    ];
    let source = find(&home, &variables, &services).await.unwrap();
    let told = source.current().await.unwrap_err().to_string();
    assert!(told.contains(&token), "{told}");
}

#[tokio::test]
async fn a_changed_file_is_read_at_the_upstreams_word() {
    let services = Services::start().await;
    let home = home(&[(".alibabacloud/credentials", INI)]);
    let source = find(&home, &[], &services).await.unwrap();
    let used = source.current().await.unwrap();
    write(home.path(), ".alibabacloud/credentials", &INI.replace("by-file", "changed"));
    assert!(source.renew(&used).await);
    assert_eq!(source.current().await.unwrap().access_key_id.expose(), "changed");
    assert_eq!(source.account(), 1);
}

#[tokio::test]
async fn debug_shows_nothing() {
    let services = Services::start().await;
    let home = home(&[(".aliyun/config.json", CLI)]);
    let variables = [KEY, &[("ALIBABA_CLOUD_SECURITY_TOKEN", "CAIS-sesame")]].concat();
    let uri = format!("http://{}/credentials?sesame", services.address);
    let by_uri = [
        ("ALIBABA_CLOUD_CREDENTIALS_URI", &*uri),
        ("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true"),
        ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"),
    ];
    for variables in [&variables[..], &[], &by_uri] {
        let source = find(&home, variables, &services).await.unwrap();
        let text = format!("{source:?} {:?}", source.current().await);
        for secret in ["by-environment", "by-cli", "by-uri", "sesame"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
