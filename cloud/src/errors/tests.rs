//! Bodies and codes as they come, and what they are taken for.

use http::HeaderMap;
use jiff::Timestamp;

use super::*;
use crate::answer::RawAnswer;

fn answer(status: u16, body: &str) -> RawAnswer {
    RawAnswer::new(status, &HeaderMap::new(), body.to_owned().into(), Timestamp::UNIX_EPOCH)
}

fn sent() -> Vec<(String, String)> {
    [("UserName", "zhang.san"), ("Email", "zhang.san@example.com"), ("ZoneId", "cn-hangzhou-b")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

fn of(class: Class, status: u16, body: &str) -> Option<CallError> {
    classify("CreateUser", class, &answer(status, body).open(), &sent())
}

#[test]
fn codes_decide() {
    let check = |status, code: &str, expect: (Code, Effect)| {
        let body = serde_json::json!({ "RequestId": "R-1", "Code": code, "Message": "whatever" }).to_string();
        let error = of(Class::WriteWithToken, status, &body).unwrap();
        assert_eq!((error.code, error.effect), expect, "{code}");
        assert_eq!(error.request_id.as_deref(), Some("R-1"));
    };
    check(400, "MissingParameter", (Code::MissingParameter, Effect::Refused));
    check(400, "InvalidParameter", (Code::InvalidParameter, Effect::Refused));
    check(404, "InvalidAction.NotFound", (Code::UpstreamRejected, Effect::NotAdmitted));
    check(400, "NoSuchVersion", (Code::UpstreamRejected, Effect::NotAdmitted));
    check(404, "InvalidAccessKeyId.NotFound", (Code::CredentialsRefused, Effect::NotAdmitted));
    check(400, "SignatureDoesNotMatch", (Code::CredentialsRefused, Effect::NotAdmitted));
    check(403, "MissingSecurityToken", (Code::CredentialsRefused, Effect::NotAdmitted));
    check(400, "InvalidTimeStamp.Expired", (Code::ClockSkew, Effect::NotAdmitted));
    check(400, "IllegalTimestamp", (Code::ClockSkew, Effect::NotAdmitted));
    check(400, "SignatureNonceUsed", (Code::UpstreamUnavailable, Effect::Unknown));
    for status in [400, 429, 503] {
        check(status, "Throttling.User", (Code::Throttled, Effect::Busy));
    }
    check(503, "ServiceUnavailable", (Code::UpstreamUnavailable, Effect::Unknown));
    check(500, "InternalError", (Code::UpstreamUnavailable, Effect::Unknown));
    check(502, "SomethingNew", (Code::UpstreamUnavailable, Effect::Unknown));
    check(409, "SomethingNew", (Code::UpstreamRejected, Effect::NotAdmitted));
    check(200, "SomethingNew", (Code::UpstreamRejected, Effect::NotAdmitted));
    check(403, "Forbidden.RAM", (Code::Forbidden, Effect::NotAdmitted));
    check(403, "ForbiddenAction", (Code::Forbidden, Effect::NotAdmitted));
    check(400, "InsufficientBalance", (Code::InsufficientBalance, Effect::NotAdmitted));
    check(403, "IdempotentProcessing", (Code::UpstreamUnavailable, Effect::Unknown));
    check(400, "IdempotentParameterMismatch", (Code::TokenReused, Effect::NotAdmitted));
    check(403, "OperationDenied.NoStock", (Code::SoldOut, Effect::Refused));
}

#[test]
fn errors_at_200() {
    let check = |body: &str, expect: Option<Code>| {
        assert_eq!(of(Class::WriteOnce, 200, body).map(|error| error.code), expect, "{body}");
    };
    check(r#"{"UserInfo":{"Name":"zhang.san"}}"#, None);
    check(r#"{"Code":"200","UserInfo":{}}"#, None);
    check(r#"{"Code":200}"#, None);
    check(r#"{"Code":"OK"}"#, None);
    check(r#"{"Code":"Success"}"#, None);
    check(r#"{"Code":"Domain name must be set!"}"#, Some(Code::DirectoryNotSet));
    check(r#"{"Code":"500","Message":" Domain name must be set！"}"#, Some(Code::DirectoryNotSet));
    check(r#"{"Code":"AD access failed！"}"#, Some(Code::DirectoryUnreachable));
    check(r#"{"Message":"AD access failed!"}"#, Some(Code::DirectoryUnreachable));
    check(r#"{"Code":"Create user zhang.san failed!"}"#, Some(Code::UserRefused));
    check(r#"{"Code":"Create user #zhang.san# failed！"}"#, Some(Code::UserRefused));
    check(r#"{"Code":"Create user #userName# failed!"}"#, Some(Code::UserRefused));
    check(r#"{"Code":"Create user li.si failed!"}"#, Some(Code::UpstreamRejected));
    check("<html>", Some(Code::UpstreamUnintelligible));
    check("", Some(Code::UpstreamUnintelligible));
    check(r#"{"UserInfo":{"Na"#, Some(Code::UpstreamUnintelligible));
}

#[test]
fn a_read_has_no_effect_to_be_unsure_of() {
    assert_eq!(of(Class::Read, 502, "<html>").unwrap().outcome(), Outcome::Rejected);
    assert_eq!(of(Class::WriteOnce, 502, "<html>").unwrap().outcome(), Outcome::Unknown);
    assert_eq!(of(Class::WriteOnce, 404, "<html>").unwrap().outcome(), Outcome::Unknown);
}

#[test]
fn the_parameter_to_blame() {
    let check = |code: &str, expect: Option<&str>| assert_eq!(blamed(code, &sent()).as_deref(), expect, "{code}");
    check("InvalidParameter.ZoneId", Some("ZoneId"));
    check("InvalidZoneId.NotFound", Some("ZoneId"));
    check("InvalidParameter.Secret", None);
    check("InvalidParameter", None);
}

#[test]
fn notes_hold_nothing_that_was_sent() {
    let body = r#"{"Code":"InvalidParameter","Message":"zhang.san <zhang.san@example.com> li.si@example.com bad"}"#;
    assert_eq!(of(Class::WriteOnce, 400, body).unwrap().note, "HTTP 400 InvalidParameter … <…> … bad");
    let body = r#"{"Code":"SignatureDoesNotMatch","Message":"server string to sign is:POST&%2F&AccessKeyId%3DLTAI"}"#;
    assert_eq!(of(Class::WriteOnce, 400, body).unwrap().note, "HTTP 400 SignatureDoesNotMatch [message withheld]");
}
