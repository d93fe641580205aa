//! Tests of command lines: the settings or the errors that they lead to.

use std::time::Duration;

use clap::CommandFactory;
use shared::Product;

use super::*;
use cloud::{AccessKey, Method};

fn credentials() -> CredentialsSource {
    CredentialsSource::Fixed(AccessKey {
        access_key_id: "id".into(),
        access_key_secret: "secret".into(),
        security_token: None,
    })
}

fn serve(flags: &[&str]) -> ServeArgs {
    let line = ["deskbuy", "serve"].iter().chain(flags);
    match CommandLine::try_parse_from(line).unwrap().command {
        Command::Serve(args) => *args,
        _ => unreachable!("the line says serve"),
    }
}

fn settings(flags: &[&str]) -> Result<Settings, ConfigErrors> {
    serve(flags).validate(Ok(credentials())).map(|(settings, _)| settings)
}

fn region(name: &str) -> RegionId {
    name.parse().unwrap()
}

#[test]
fn the_command_line_is_consistent() {
    CommandLine::command().debug_assert();
}

#[test]
fn defaults() {
    let settings = settings(&[]).unwrap();
    assert_eq!(settings.listen.page.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.listen.admin.to_string(), "127.0.0.1:9090");
    assert_eq!(settings.orders.database_url, "sqlite://deskbuy.sqlite");
    assert_eq!(settings.orders.deadline, Duration::from_mins(10));
    assert_eq!(settings.client.write_method, Method::Post);
    assert_eq!(settings.regions, ["cn-hangzhou", "cn-beijing", "cn-shanghai", "cn-shenzhen"].map(region));
    assert!(!settings.demo);
    let url = |product, name| settings.client.endpoints.url(product, &region(name)).unwrap().to_string();
    assert_eq!(url(Product::CloudDesktop, "cn-beijing"), "https://clouddesktop.cn-beijing.aliyuncs.com/");
    assert_eq!(url(Product::Vpc, "cn-beijing"), "https://vpc.cn-beijing.aliyuncs.com/");
    assert_eq!(url(Product::Vpc, "cn-hangzhou"), "https://vpc.aliyuncs.com/");
}

#[test]
fn the_metadata_service_may_be_named_by_its_own_address_and_no_other_without_https() {
    let found = |address: &str| {
        let mut errors = ConfigErrors::default();
        let stations = serve(&["--endpoint-metadata", address]).endpoints.stations(&mut errors);
        errors.is_empty().then(|| stations.metadata.unwrap().to_string())
    };
    let own = "http://100.100.100.200";
    assert_eq!(found(own).as_deref(), Some(own));
    assert_eq!(found("http://100.100.100.200/").as_deref(), Some(own));
    for other in ["http://100.100.100.201", "http://100.100.100.200:8080", "http://100.100.100.200.example"] {
        assert_eq!(found(other), None, "{other}");
    }
    assert!(settings(&[&format!("--endpoint-clouddesktop={own}")]).is_err());
}

#[test]
fn an_endpoint_of_ones_own_has_no_exceptions_but_ones_own() {
    let flags = ["--endpoint-vpc", "http://127.0.0.1:9091"];
    let endpoints = settings(&flags).unwrap().client.endpoints;
    assert_eq!(endpoints.url(Product::Vpc, &region("cn-hangzhou")).unwrap().as_str(), "http://127.0.0.1:9091/");

    let flags =
        ["--endpoint-exceptions", "vpc/cn-hangzhou=https://a.example,clouddesktop/cn-beijing=https://b.example"];
    let endpoints = settings(&flags).unwrap().client.endpoints;
    assert_eq!(endpoints.url(Product::Vpc, &region("cn-hangzhou")).unwrap().as_str(), "https://a.example/");
    assert_eq!(endpoints.url(Product::CloudDesktop, &region("cn-beijing")).unwrap().as_str(), "https://b.example/");
}

#[test]
fn all_config_errors_are_reported_at_once() {
    let flags = [
        "--listen=0.0.0.0:8080",
        "--admin-listen=here",
        "--drain=soon",
        "--endpoint-clouddesktop=http://clouddesktop.example",
        "--endpoint-exceptions=vpc",
        "--endpoint-sts=https://sts.{region}.example",
        "--endpoint-metadata=http://metadata.example",
        "--regions=cn-hangzhou,CN BEIJING",
        "--write-method=put",
        "--read-deadline=0s",
        "--database-url=mysql://localhost/deskbuy",
        "--call-concurrency=0",
        "--order-lease=5s",
        "--order-concurrency=0",
        "--owner-id=me",
        "--stock-deadline=0s",
        "--stock-concurrency=0",
    ];
    let errors = serve(&flags)
        .validate(Err(CredentialsError::Nowhere { looked: vec!["no variable is set".to_owned()] }))
        .unwrap_err();
    let message = errors.to_string();
    for part in [
        "--admin-listen (DESKBUY_ADMIN_LISTEN)",
        "--drain (DESKBUY_DRAIN)",
        "--endpoint-clouddesktop (DESKBUY_ENDPOINT_CLOUDDESKTOP) must be https",
        "--endpoint-exceptions (DESKBUY_ENDPOINT_EXCEPTIONS)",
        "--endpoint-sts (DESKBUY_ENDPOINT_STS) takes no {region}",
        "--endpoint-metadata (DESKBUY_ENDPOINT_METADATA) must be https",
        "--regions (DESKBUY_REGIONS) has \"CN BEIJING\"",
        "--write-method (DESKBUY_WRITE_METHOD)",
        "--read-deadline (DESKBUY_READ_DEADLINE)",
        "--call-concurrency (DESKBUY_CALL_CONCURRENCY)",
        "--database-url (DESKBUY_DATABASE_URL)",
        "--order-concurrency (DESKBUY_ORDER_CONCURRENCY)",
        "--owner-id (DESKBUY_OWNER_ID)",
        "--stock-deadline (DESKBUY_STOCK_DEADLINE)",
        "--stock-concurrency (DESKBUY_STOCK_CONCURRENCY)",
        "no credentials: no variable is set. Set ALIBABA_CLOUD_ACCESS_KEY_ID",
    ] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
}

#[test]
fn the_journal_is_in_a_file_or_on_a_server() {
    let check = |url: &str, expect: bool| {
        assert_eq!(settings(&[&format!("--database-url={url}")]).is_ok(), expect, "{url}");
    };
    check("sqlite://deskbuy.sqlite", true);
    check("sqlite:///var/lib/deskbuy/deskbuy.sqlite?mode=rw", true);
    check("sqlite:deskbuy.sqlite", true);
    for nowhere in
        ["sqlite:", "sqlite://", "sqlite://?mode=rwc", "sqlite::memory:", "sqlite://:memory:", "sqlite://a?mode=memory"]
    {
        check(nowhere, false);
    }
}

#[test]
fn a_token_buys_for_the_account_in_its_entry_or_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens.json");
    let entry = r#"[{"name":"t","sha256":"HASH","rights":"buy","expires":"2030-01-01T00:00:00Z","owner_id":"42"}]"#;
    std::fs::write(&file, entry.replace("HASH", &"0".repeat(64))).unwrap();
    let flag = format!("--api-tokens-file={}", file.display());
    let with = |more: &[&str]| settings(&[&SIGN_IN[..], &[flag.as_str()], more].concat());
    assert!(with(&[]).unwrap_err().to_string().contains("has an owner_id for t"));
    assert!(with(&["--owner-claim=account"]).is_ok());
}

#[test]
fn approval_needs_sign_in_approvers_and_bounds() {
    let check = |flags: &[&str], expect: Result<bool, &str>| match (settings(flags), expect) {
        (Ok(settings), Ok(set)) => assert_eq!(settings.guard.limits.approval.are_set(), set, "{flags:?}"),
        (Err(errors), Err(part)) => assert!(errors.to_string().contains(part), "{flags:?}: {errors}"),
        (found, _) => panic!("{flags:?}: {found:?}"),
    };
    let with = |flags: &[&'static str]| [&SIGN_IN[..], flags].concat();
    check(&[], Ok(false));
    check(&["--approval-always"], Err("--approval-always (DESKBUY_APPROVAL_ALWAYS) has a meaning only with"));
    check(&["--approvers=@example.com"], Err("--approvers (DESKBUY_APPROVERS)"));
    check(&with(&["--approval-desktops=3"]), Err("--approvers (DESKBUY_APPROVERS) is missing"));
    check(&with(&["--approvers=@example.com"]), Err("only with a bound of approval"));
    check(&with(&["--approvers=@example.com", "--approval-desktops="]), Err("only with a bound of approval"));
    check(&with(&["--approvers=@example.com", "--approval-desktops=0"]), Ok(true));
    check(&with(&["--approvers=@example.com", "--approval-period=6"]), Ok(true));
    check(&with(&["--approvers=@example.com", "--approval-types=a.b,a.c"]), Ok(true));
    check(&with(&["--approvers=@example.com", "--approval-always", "--approval-expiry=721h"]), Err("more than 720h"));
    check(&with(&["--approvers=@example.com", "--approval-amount=10"]), Err("only with --prices"));
    check(&with(&["--approvers=@example.com", "--approval-period=37"]), Err("between 1 and 36"));
}

/// Flags that turn sign-in on.
const SIGN_IN: [&str; 4] = [
    "--oidc-issuer=https://login.example",
    "--oidc-client-id=deskbuy",
    "--buyers=@example.com",
    "--public-url=https://desk.example",
];

#[test]
fn without_sign_in_only_loopback_is_listened_on() {
    let check = |listen: &str, is_loopback: bool| {
        let flag = format!("--listen={listen}");
        let found = settings(&[&flag]);
        assert_eq!(found.is_ok(), is_loopback, "{listen}");
        let message = found.map_or_else(|errors| errors.to_string(), |_| String::new());
        for setting in ["DESKBUY_OIDC_ISSUER", "DESKBUY_OIDC_CLIENT_ID", "DESKBUY_BUYERS", "DESKBUY_PUBLIC_URL"] {
            assert_eq!(message.contains(setting), !is_loopback, "{listen}: {message}");
        }
        assert!(settings(&[&[flag.as_str()], &SIGN_IN[..]].concat()).is_ok(), "{listen}");
        let without_address = settings(&[&[flag.as_str()], &SIGN_IN[..3]].concat());
        assert_eq!(without_address.is_ok(), is_loopback, "{listen}");
    };
    check("127.0.0.1:0", true);
    check("127.1.2.3:80", true);
    check("[::1]:8080", true);
    check("0.0.0.0:8080", false);
    check("[::]:8080", false);
    check("192.0.2.1:8080", false);
}

#[test]
fn sign_in_is_whole_or_not_at_all() {
    let check = |flags: &[&str], expect: &[&str]| {
        let message = settings(flags).map_or_else(|errors| errors.to_string(), |_| String::new());
        assert_eq!(message.is_empty(), expect.is_empty(), "{flags:?}: {message}");
        for part in expect {
            assert!(message.contains(part), "{flags:?}: {part} is not in {message}");
        }
    };
    let with = |more: &[&'static str]| [&SIGN_IN[..], more].concat();
    check(&[], &[]);
    check(&SIGN_IN, &[]);
    check(&SIGN_IN[..2], &["--buyers (DESKBUY_BUYERS) names nobody"]);
    check(&["--oidc-issuer=https://login.example", "--viewers=*"], &["DESKBUY_OIDC_CLIENT_ID"]);
    check(&["--buyers=*"], &["--buyers (DESKBUY_BUYERS) has a meaning only with --oidc-issuer"]);
    check(&["--owner-claim=account"], &["DESKBUY_OWNER_CLAIM"]);
    check(&["--buyer-daily-limit=5"], &["--buyer-daily-limit (DESKBUY_BUYER_DAILY_LIMIT) has a meaning only with"]);
    check(&["--user-rate-limit=5"], &["DESKBUY_USER_RATE_LIMIT"]);
    check(&["--oidc-issuer=http://login.example", "--oidc-client-id=x", "--buyers=*"], &["must be https"]);
    check(&with(&["--viewers=ann"]), &["--viewers (DESKBUY_VIEWERS) has something"]);
    check(
        &[&SIGN_IN[..3], &["--public-url=http://desk.example"]].concat(),
        &["--public-url (DESKBUY_PUBLIC_URL) must be https"],
    );
    check(&with(&["--session-idle=0s"]), &["DESKBUY_SESSION_IDLE"]);
    check(&with(&["--session-key-file=/no/such/file"]), &["DESKBUY_SESSION_KEY_FILE"]);
    check(&with(&["--database-url=postgres://localhost/desk"]), &["DESKBUY_SESSION_KEY_FILE", "several proxies share"]);
    check(&with(&["--owner-claim=account", "--owner-id=42"]), &["--owner-id (DESKBUY_OWNER_ID) is one, and"]);
}

#[test]
fn limits_of_a_person() {
    let check = |flags: &[&str], expect: (Option<u32>, Option<u32>)| {
        let guard = settings(&[flags, &SIGN_IN].concat()).unwrap().guard;
        assert_eq!((guard.user_rate, guard.limits.person.desktops), expect, "{flags:?}");
    };
    check(&[], (Some(50), Some(100)));
    check(&["--user-rate-limit=0", "--buyer-daily-limit=0"], (None, None));
    check(&["--user-rate-limit=1", "--buyer-daily-limit=2"], (Some(1), Some(2)));
    assert!(settings(&["--user-rate-limit=0", "--buyer-daily-limit=0"]).is_ok(), "there is none anyway");
}

#[test]
fn session_keys_are_long_and_in_no_message() {
    let folder = tempfile::tempdir().unwrap();
    let keys = |text: &str| {
        let file = folder.path().join("key");
        std::fs::write(&file, text).unwrap();
        let flag = format!("--session-key-file={}", file.display());
        settings(&[&SIGN_IN[..], &[flag.as_str()]].concat())
    };
    let key = "recognisable-key-of-32-characters";
    let found = keys(&format!("{key}\n\n{key}-2\n")).unwrap();
    assert!(!format!("{found:?}").contains("recognisable"), "{found:?}");
    let keys_of = |settings: Settings| {
        settings.sign_in.unwrap().keys.iter().map(|key| key.expose().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys_of(found), [key.to_owned(), format!("{key}-2")]);
    for short in ["", "recognisable"] {
        let message = keys(short).unwrap_err().to_string();
        assert!(message.contains("DESKBUY_SESSION_KEY_FILE") && !message.contains("recognisable"), "{message}");
    }
}

#[test]
fn origins_and_hosts() {
    let check = |flag: &str, fits: bool| {
        let found = settings(&[flag]);
        assert_eq!(found.is_ok(), fits, "{flag}: {found:?}");
    };
    check("--page-origins=https://pages.example,https://pages.example:8443", true);
    check("--page-origins=http://localhost:8081", true);
    check("--page-origins=http://pages.example", false);
    check("--page-origins=*", false);
    check("--page-origins=null", false);
    check("--page-origins=https://pages.example/desk", false);
    check("--page-origins=https://ann@pages.example", false);
    check("--allowed-hosts=desk,desk.example,192.0.2.1,[2001:db8::1]", true);
    check("--allowed-hosts=desk.example:8080", false);
    check("--allowed-hosts=*.example/", false);
    check("--buyer-order-limit=0", false);
    check("--buyer-order-limit=500", true);
    check("--buyer-order-limit=501", false);
    let settings = settings(&["--page-origins=https://Pages.example:443/", "--rate-limit=0"]).unwrap();
    assert_eq!(settings.guard.page_origins, ["https://pages.example"], "as browsers send it");
    assert_eq!((settings.guard.rate, settings.guard.user_rate), (None, Some(50)));
}

#[test]
fn a_lease_outlasts_an_attempt() {
    let check = |attempt: &str, lease: &str, fits: bool| {
        let flags = [&format!("--attempt-deadline={attempt}"), &format!("--order-lease={lease}")];
        let found = settings(&flags.map(String::as_str));
        assert_eq!(found.is_ok(), fits, "{attempt} {lease}");
        assert!(fits || found.unwrap_err().to_string().contains("DESKBUY_ORDER_LEASE"));
    };
    check("10s", "20s", true);
    check("10s", "19s", false);
}

#[test]
fn lengths_of_time() {
    let check = |text: &str, expect: Option<u64>| {
        let found =
            settings(&[&format!("--order-deadline={text}")]).ok().map(|settings| settings.orders.deadline.as_secs());
        assert_eq!(found, expect, "{text}");
    };
    check("90s", Some(90));
    check("10m", Some(600));
    check("1h 30m", Some(5400));
    check("10", None);
    check("0s", None);
    check("-5s", None);
    check("for ever", None);
}
