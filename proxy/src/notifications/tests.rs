//! The file of targets, the messages of each kind, and what answers mean.

use std::{path::Path, time::Duration};

use axum::{body::Bytes, http::Response};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use orders::{DeliveryFault, NotificationEvent};
use proptest::prelude::*;

use super::{
    answer,
    file::{Files, read as read_file},
    *,
};

/// What the files of these tests hold.
fn secret(path: &Path) -> Result<Secret, String> {
    match path.to_str().unwrap() {
        "dingtalk" => Ok("https://oapi.dingtalk.com/robot/send?access_token=sesame".into()),
        "local" => Ok("http://127.0.0.1:9/hook".into()),
        "long" => Ok("a secret of some length".into()),
        "short" => Ok("sesame".into()),
        "base64" => Ok("whsec_c2VzYW1lIHNlc2FtZQ==".into()),
        "no-base64" => Ok("whsec_sesame-sesame".into()),
        path => Err(format!("{path}: cannot be read")),
    }
}

fn read(text: &str) -> Result<NotificationSettings, String> {
    let whole = |_: &Path| Ok(Vec::new());
    read_file(text, &Files { secret: &secret, text: &whole }).map_err(|errors| {
        errors.iter().fold(String::new(), |all, error| all + &format!("{}: {}\n", error.line, error.what))
    })
}

#[test]
fn the_example_is_valid() {
    let text = include_str!("../../../deploy/notifications.example.toml");
    let known = |path: &Path| match path.to_str().unwrap() {
        url if url.ends_with("-url") => Ok("https://robot.example/send?key=sesame".into()),
        _ => Ok("a secret of some length".into()),
    };
    let whole = |_: &Path| Ok(Vec::new());
    let settings = read_file(text, &Files { secret: &known, text: &whole }).unwrap();
    let kinds: Vec<_> = settings.targets.iter().map(|target| (target.kind, target.personal_data)).collect();
    let expect = [(Kind::Webhook, true), (Kind::DingTalk, false), (Kind::WeCom, false), (Kind::Feishu, false)];
    assert_eq!((kinds, settings.expiring_days), (expect.to_vec(), vec![30, 7, 1]));
    // All events are named where the example lists them.
    for event in NotificationEvent::ALL {
        assert!(text.contains(event.as_str()), "{}", event.as_str());
    }
    assert!(!format!("{:?}", settings.targets).contains("sesame"));
}

#[test]
fn what_a_file_may_not_say_is_told_with_its_line_and_without_secrets() {
    let check = |text: &str, expect: &str| {
        let said = read(text).unwrap_err();
        assert!(said.contains(expect), "{text}: {said}");
        assert!(!said.contains("sesame"), "{text}: {said}");
    };
    let webhook = |more: &str| format!("[[target]]\nname = \"a\"\nkind = \"webhook\"\n{more}");
    let with_secret = |more: &str| webhook(&format!("secret_file = \"long\"\n{more}"));
    let robot = |kind: &str, more: &str| format!("[[target]]\nname = \"a\"\nkind = \"{kind}\"\n{more}");
    let url = "url = \"https://a.example\"";
    assert_eq!(read(&with_secret(url)).unwrap().targets[0].events, NotificationEvent::ALL);
    assert!(!read(&with_secret(url)).unwrap().targets[0].personal_data);
    assert!(read(&webhook(&format!("secret_file = \"base64\"\n{url}"))).is_ok());
    assert!(read(&with_secret("url_file = \"local\"\nallow_loopback = true")).is_ok());
    assert!(read(&robot("dingtalk", "url_file = \"dingtalk\"")).is_ok());

    check("targets = 1", "1: there is nothing called `targets`");
    check("[target]\nname = \"a\"", "[[target]], in two brackets");
    check("a = ", "1: this is no TOML");
    check("expiring_days = [0]", "1: `expiring_days` is no list of days");
    check("expiring_days = 7", "is no list of days");
    check("[[target]]\nkind = \"webhook\"", "there is no `name`");
    check("[[target]]\nname = \"a b\"", "`name` is not 1 to 64");
    check("[[target]]\nname = \"a\"", "there is no `kind`");
    check(&robot("slack", ""), "3: `kind` is none of");
    check(&webhook(url), "there is no `secret_file`");
    check(&webhook(&format!("secret_file = \"short\"\n{url}")), "less than 16 characters");
    check(&webhook(&format!("secret_file = \"no-base64\"\n{url}")), "is no Base64");
    check(&webhook(&format!("secret_file = \"none\"\n{url}")), "none: cannot be read");
    check(
        &webhook(&format!("secret = \"sesame\"\n{url}")),
        "4: there is nothing called `secret`, secrets are in files",
    );
    check(&with_secret(""), "neither `url` nor `url_file`");
    check(&with_secret("url = \"https://a.example/?key=sesame\""), "5: `url` has what may be a secret");
    check(&with_secret("url = \"https://me:sesame@a.example/\""), "`url` has what may be a secret");
    check(&with_secret("url = \"http://a.example\""), "must be https");
    check(&with_secret("url = \"a.example\""), "no address such as");
    check(&with_secret("url = \"https://169.254.169.254/\"\nallow_loopback = true"), "an address that is refused");
    check(&with_secret("url = \"https://[fe80::1]/\""), "an address that is refused");
    check(&with_secret("url = \"https://100.100.100.200/\""), "an address that is refused");
    check(&with_secret("url = \"https://[::ffff:127.0.0.1]/\""), "an address that is refused");
    for here in ["http://127.0.0.1:9", "https://localhost/", "https://[::1]/"] {
        check(&with_secret(&format!("url = \"{here}\"")), "leads to this machine");
    }
    check(&with_secret(&format!("{url}\nevents = [\"placd\"]")), "6: `events` is no list");
    check(&with_secret(&format!("{url}\nevents = []")), "`events` is no list");
    check(&with_secret(&format!("{url}\npersonal_data = \"yes\"")), "neither true nor false");
    check(&with_secret(&format!("{url}\nlanguage = \"fr\"")), "neither zh nor en");
    check(&with_secret(&format!("{url}\nca_file = \"a\"")), "`ca_file` has no certificate");
    check(&with_secret(&format!("{url}\nurl_file = \"local\"")), "beside `url_file`");
    check(&robot("dingtalk", "url = \"https://a.example/?access_token=sesame\""), "put it into a file");
    check(&robot("wecom", ""), "there is no `url_file`");
    check(&robot("wecom", "url_file = \"dingtalk\"\nsecret_file = \"long\""), "has no meaning here");
    check(&format!("{0}\n{0}", with_secret(url)), "the name \"a\" is there twice");
    check(
        &(0..17).fold(String::new(), |all, n| all + &with_secret(url).replace("\"a\"", &format!("\"a{n}\"")) + "\n"),
        "17 targets",
    );
}

/// Vectors that were computed apart from this program, by the examples of each documentation.
#[test]
fn signatures_are_those_of_the_documentation() {
    // The example of the specification of Standard Webhooks.
    let body = r#"{"test": 2432232314}"#;
    let signed = signature::webhook(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1_614_265_330,
        body,
    );
    assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_eq!(
        signature::dingtalk("this is secret", 1_577_262_236_757),
        "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="
    );
    assert_eq!(signature::feishu("demo", 1_599_360_473), "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=");
}

fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
    let response = headers
        .iter()
        .fold(Response::builder().status(status), |response, (name, value)| response.header(*name, *value));
    response.body(Bytes::from(body.to_owned())).unwrap()
}

#[test]
fn a_robot_that_says_200_may_have_refused() {
    let check = |kind, status, headers: &[(&str, &str)], body, expect: Result<(), (&str, Option<u64>)>| {
        let read = answer::read(kind, &answered(status, headers, body));
        let expect = expect.map_err(|(text, seconds)| DeliveryFault {
            text: text.to_owned(),
            retry_after: seconds.map(Duration::from_secs),
            // Of the answers here, all that ask for a pause but 503.
            is_throttled: seconds.is_some() && status != 503,
        });
        assert_eq!(read, expect, "{kind:?} {status} {body}");
    };
    for status in [200, 202, 204] {
        check(Kind::Webhook, status, &[], "anything", Ok(()));
    }
    check(Kind::Webhook, 500, &[("retry-after", "7")], "", Err(("answered HTTP 500", None)));
    check(Kind::Webhook, 429, &[("retry-after", "7")], "", Err(("answered HTTP 429", Some(7))));
    check(Kind::Webhook, 503, &[("retry-after", "99999999")], "", Err(("answered HTTP 503", Some(3_600))));
    check(Kind::Webhook, 503, &[("retry-after", "Fri, 01 Jan 2027")], "", Err(("answered HTTP 503", None)));
    check(Kind::Webhook, 302, &[], "", Err(("answered HTTP 302, which is not followed", None)));
    for kind in [Kind::DingTalk, Kind::WeCom] {
        check(kind, 200, &[], r#"{"errcode":0,"errmsg":"ok"}"#, Ok(()));
        let refused = r#"{"errcode":310000,"errmsg":"sign not\nmatch"}"#;
        check(kind, 200, &[], refused, Err(("answered errcode 310000: sign not match", None)));
        check(kind, 200, &[], r#"{"code":0}"#, Err(("answered HTTP 200 without errcode", None)));
        check(kind, 200, &[], "<html>", Err(("answered HTTP 200 with what is no JSON, as no robot does", None)));
    }
    let too_fast = r#"{"errcode":130101,"errmsg":"send too fast"}"#;
    check(Kind::DingTalk, 200, &[], too_fast, Err(("answered errcode 130101: send too fast", Some(600))));
    check(Kind::WeCom, 200, &[], r#"{"errcode":45009}"#, Err(("answered errcode 45009: ", Some(60))));
    check(Kind::Feishu, 200, &[], r#"{"code":0,"msg":"success"}"#, Ok(()));
    check(Kind::Feishu, 200, &[], r#"{"StatusCode":0,"StatusMessage":"success"}"#, Ok(()));
    check(Kind::Feishu, 200, &[], r#"{"code":"19021","msg":"sign"}"#, Err(("answered code 19021: sign", None)));
    check(Kind::Feishu, 200, &[], r#"{"code":11232,"msg":"x"}"#, Err(("answered code 11232: x", Some(60))));
}

proptest! {
    /// Whoever has the secret can check a signature, and no other body has it.
    #[test]
    fn a_webhooks_signature_is_of_one_body(secret in "\\PC{16,40}", body in "\\PC{0,80}", other in "\\PC{0,80}", at in 0i64..1 << 40) {
        let secret = secret.replace(signature::BASE64_SECRET, "");
        let signed = signature::webhook(&secret, "id", at, &body);
        let tag = BASE64.decode(signed.strip_prefix("v1,").unwrap()).unwrap();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
        let check = |body: &str| ring::hmac::verify(&key, format!("id.{at}.{body}").as_bytes(), &tag).is_ok();
        prop_assert!(check(&body));
        prop_assert_eq!(check(&other), other == body);
    }

    /// What a receiver says is never more than a line, whatever it is.
    #[test]
    fn any_answer_is_read(body in "\\PC{0,300}", status in 200u16..600) {
        for kind in Kind::ALL {
            if let Err(fault) = answer::read(*kind, &answered(status, &[], &body)) {
                prop_assert!(!fault.text.contains(char::is_control) && fault.text.len() < 1_000);
            }
        }
    }
}
