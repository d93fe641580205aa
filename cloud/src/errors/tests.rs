//! Bodies and codes as they come, and what they are taken for.

use http::HeaderMap;
use jiff::Timestamp;

use super::*;
use crate::answer::RawAnswer;

mod codes;

fn answer(status: u16, body: &str) -> RawAnswer {
    RawAnswer::new(status, &HeaderMap::new(), body.to_owned().into(), Timestamp::UNIX_EPOCH)
}

fn sent() -> Vec<(String, String)> {
    [("UserName", "zhang.san"), ("Email", "zhang.san@example.com"), ("ZoneId", "cn-hangzhou-b")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

fn of(class: Class, status: u16, body: &str) -> Option<CallError> {
    let action = if class == Class::WriteWithToken { "CreateDesktop" } else { "DeleteDesktop" };
    classify(action, class, &answer(status, body).open(), &sent())
}

/// What an error answer to an order with this code means.
fn check(status: u16, code: &str, expect: (Code, Effect)) {
    let body = serde_json::json!({ "RequestId": "R-1", "Code": code, "Message": "whatever" }).to_string();
    let error = of(Class::WriteWithToken, status, &body).unwrap();
    assert_eq!((error.code, error.effect), expect, "{status} {code}");
    assert_eq!(error.request_id.as_deref(), Some("R-1"));
}

/// Neither trouble nor a code that nobody here knows says that nothing happened.
#[test]
fn only_known_refusals_are_refusals() {
    let check = |status: u16, body: &str| {
        for class in [Class::WriteWithToken, Class::WriteOnce] {
            let error = of(class, status, body).unwrap();
            assert_eq!(
                (error.effect, error.outcome()),
                (Effect::Unknown, Outcome::Unknown),
                "{class:?} {status} {body}"
            );
        }
    };
    for code in [
        "SomethingNew",
        "500",
        "-1",
        "1",
        "SystemError",
        "ServiceTimeout",
        "OrderProcessing",
        "InvalidOrderState",
        "InternalError",
        "Order.AlreadyExists",
        "ClientToken.AlreadyExist",
        "EntityAlreadyExist.Order",
        "408",
        "OperationDenied.OrderProcessing",
        "Forbidden.ServiceTimeout",
        "InvalidParameter.InternalError",
        "InvalidClientToken.Duplicate",
        "Forbidden.OrderAlreadyExists",
        "OperationDenied.RepeatedOrder",
        "OperationDenied.InProgress",
        "InvalidClientToken.ValueConflict",
        "OperationDenied.ClientTokenInUse",
        "InvalidParameter.ExistsUnpaidOrder",
        "OperationDenied.LastOrderUnpaid",
        "Forbidden.OrderPendingPayment",
        "OperationDenied.Renewing",
        // Too much to do, and no want of what is to be bought.
        "RESOURCE_EXHAUSTED",
        "Resource.Unavailable",
        "Balance.Unavailable",
        "SystemResourceNotEnough",
        "ServerResourceNotEnough",
        "BackendCapacityInsufficient",
        "ExecutionTimeLimitExceeded",
    ] {
        for status in [200, 400, 403, 404, 409] {
            check(status, &format!(r#"{{"Code":"{code}"}}"#));
            check(status, &format!(r#"{{"Result":{{"ErrorCode":"{code}"}}}}"#));
        }
    }
    for code in ["InvalidParameter", "Forbidden.Unavailable", "OperationDenied.NoStock", "SignatureDoesNotMatch"] {
        for status in [408, 500, 502, 503, 504] {
            check(status, &format!(r#"{{"Code":"{code}"}}"#));
        }
    }
    check(408, r#"{"Code":"RequestTimeout"}"#);
    // Trouble beside a refusal.
    check(200, r#"{"StatusCode":504,"Data":{"Code":"OperationDenied.NoStock"}}"#);
    check(200, r#"{"RetCode":"InternalError","Error":{"Code":"QuotaExceeded"}}"#);
    check(404, "{}");
    check(302, "");
    check(200, r#"{"OrderId"#);
}

#[test]
fn identifiers_win() {
    let check = |status: u16, body: &str| {
        let error = classify("CreateDesktop", Class::WriteWithToken, &answer(status, body).open(), &sent());
        assert!(error.is_none(), "{status} {body}: {error:?}");
    };
    for code in [r#""""#, "0", r#""1""#, r#""successful""#, r#""200""#, r#""SomethingNew""#, r#""500""#, "null"] {
        for status in [200, 201, 400, 500] {
            check(status, &format!(r#"{{"Code":{code},"OrderId":"1","DesktopId":"d-1"}}"#));
            check(status, &format!(r#"{{"Code":{code},"Data":{{"orderId":1}}}}"#));
        }
    }
    check(200, r#"[{"DesktopId":["d-1"]}]"#);
    check(200, "\u{feff}{\"DesktopIds\":[\"d-1\"]}");
    check(200, r#""{\"OrderId\":\"1\"}""#);
}

#[test]
fn identifiers_next_to_a_refusal_are_a_contradiction() {
    for (status, body) in [
        (403, r#"{"Code":"OperationDenied.NoStock","OrderId":"1","DesktopId":"d-1"}"#),
        (200, r#"{"Code":"InsufficientBalance","Data":{"OrderId":"1","DesktopId":["d-1"]}}"#),
        (200, r#"{"Success":false,"OrderId":"1","DesktopId":"d-1"}"#),
        (200, r#"{"success":"false","ErrorCode":"New","OrderId":"1","DesktopId":"d-1"}"#),
        (429, r#"{"OrderId":"1","DesktopId":"d-1"}"#),
        (200, r#"{"OrderId":"1","DesktopId":"d-1","FailedDesktopIds":["d-1"]}"#),
        (200, r#"{"OrderId":"1","Desktops":[{"DesktopId":"d-1","Success":false},{"DesktopId":"d-2","Success":true}]}"#),
    ] {
        let error = classify("CreateDesktop", Class::WriteWithToken, &answer(status, body).open(), &sent()).unwrap();
        assert_eq!((error.effect, error.outcome()), (Effect::Unknown, Outcome::Unknown), "{body}");
        assert!(error.named.order_id.is_some() && error.named.desktop_id.is_some(), "{body}");
    }
}

/// So is a confirmation, of writes that name nothing too: billing may go on, or somebody may buy again.
#[test]
fn success_next_to_a_refusal_is_a_contradiction() {
    for body in [
        r#"{"Success":true,"Code":"OperationDenied.NoStock"}"#,
        r#"{"success":"true","ErrorCode":"Forbidden.RAM"}"#,
        r#"{"Data":{"Success":1},"Code":"InvalidDesktopId.NotFound"}"#,
        r#"{"Success":true,"Code":"Throttling.User"}"#,
    ] {
        for class in [Class::WriteOnce, Class::WriteWithToken] {
            let error = classify("DeleteDesktop", class, &answer(200, body).open(), &sent()).unwrap();
            assert_eq!((error.code, error.effect), (Code::UpstreamUnintelligible, Effect::Unknown), "{class:?} {body}");
        }
        let error = classify("DescribeZones", Class::Read, &answer(200, body).open(), &sent()).unwrap();
        assert_ne!(error.effect, Effect::Unknown, "{body}");
    }
}

/// Where nothing is named, success is believed only if nothing beside it speaks of a fault.
#[test]
fn a_complaint_leaves_a_write_without_a_token_in_doubt() {
    for body in [
        r#"{"Message":"The desktop is locked"}"#,
        r#"{"Error":"not allowed"}"#,
        r#"{"Success":true,"FailedDesktopIds":["desk-1"]}"#,
        r#"{"Status":"Failed"}"#,
    ] {
        let of = |class| classify("DeleteDesktop", class, &answer(200, body).open(), &sent());
        assert_eq!(of(Class::WriteOnce).map(|error| error.effect), Some(Effect::Unknown), "{body}");
        assert!(of(Class::Read).is_none(), "{body}");
    }
    let body = r#"{"Data":"AD access failed！"}"#;
    assert_eq!(of(Class::WriteOnce, 200, body).map(|error| error.code), Some(Code::DirectoryUnreachable));
}

/// A renewal names the desktop itself; only an order says that it was carried out.
#[test]
fn an_echo_proves_nothing() {
    let check = |body: &str, expect: Option<Effect>| {
        let error = classify("RenewDesktop", Class::WriteWithToken, &answer(200, body).open(), &sent());
        assert_eq!(error.map(|error| error.effect), expect, "{body}");
    };
    check(r#"{"DesktopId":"d-1"}"#, Some(Effect::Unknown));
    check(r#"{"Code":"OperationDenied","DesktopId":"d-1"}"#, Some(Effect::Refused));
    check(r#"{"DesktopId":"d-1","OrderId":"1"}"#, None);
}

#[test]
fn refusals_in_disguise() {
    let check = |class: Class, body: &str, expect: Option<(Code, Effect)>| {
        assert_eq!(of(class, 200, body).map(|error| (error.code, error.effect)), expect, "{class:?} {body}");
    };
    for body in [
        r#"{"Success":false}"#,
        r#"{"success":"False","RequestId":"R"}"#,
        r#"{"Data":false}"#,
        r#"{"Success":false,"ErrorCode":"SomethingNew"}"#,
        r#"{"Data":{"Success":false}}"#,
    ] {
        check(Class::Read, body, Some((Code::UpstreamRejected, Effect::Refused)));
        check(Class::WriteOnce, body, Some((Code::UpstreamRejected, Effect::Refused)));
        check(Class::WriteWithToken, body, Some((Code::UpstreamUnintelligible, Effect::Unknown)));
    }
    let body = r#"{"Success":false,"ErrorCode":"OperationDenied.NoStock"}"#;
    for class in [Class::Read, Class::WriteOnce, Class::WriteWithToken] {
        check(class, body, Some((Code::SoldOut, Effect::Refused)));
    }
    check(Class::Read, r#"{"ErrorCode":"SomethingNew"}"#, Some((Code::UpstreamRejected, Effect::Refused)));
    check(Class::Read, r#"{"ErrorCode":"Throttling.User"}"#, Some((Code::Throttled, Effect::Busy)));
    check(Class::WriteOnce, r#"{"Success":true,"ErrorCode":"0","Data":true}"#, None);
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
    check(r#"{"Code":"Create user li.si failed!"}"#, Some(Code::UpstreamUnintelligible));
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
    let check = |code: &str, ours: Code, expect: Option<&str>| {
        assert_eq!(blamed(code, ours, &sent()).as_deref(), expect, "{code}");
    };
    check("InvalidParameter.ZoneId", Code::InvalidParameter, Some("ZoneId"));
    check("InvalidZoneId.NotFound", Code::InvalidParameter, Some("ZoneId"));
    check("InvalidParameter.Secret", Code::InvalidParameter, None);
    check("InvalidParameter", Code::InvalidParameter, None);
    check("NoInstanceStock", Code::SoldOut, Some("ZoneId"));
    check("IncorrectImageStatus", Code::ImageUnavailable, None);
}

#[test]
fn notes_hold_nothing_that_was_sent() {
    let body = r#"{"Code":"InvalidParameter","Message":"zhang.san <zhang.san@example.com> li.si@example.com bad"}"#;
    assert_eq!(of(Class::WriteOnce, 400, body).unwrap().note, "HTTP 400 InvalidParameter … <…> … bad");
    let body = r#"{"Code":"SignatureDoesNotMatch","Message":"server string to sign is:POST&%2F&AccessKeyId%3DLTAI"}"#;
    assert_eq!(of(Class::WriteOnce, 400, body).unwrap().note, "HTTP 400 SignatureDoesNotMatch [message withheld]");
}
