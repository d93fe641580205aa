//! Answers that name an order, and beside it something that failed. What such an answer comes to is not known: the order may
//! be there without its desktop, or without the months.

use super::{
    doubt::is_nothing,
    envelope::{is_verdict, verdict},
    members::nested,
};
use crate::json::Json;

/// The deepest level at which a failure is looked for.
const DEEPEST: u8 = 8;

/// Whether an answer tells of something that failed, counts it, or has an item that did not go well.
#[must_use]
pub fn is_partly_failed(answer: &Json<'_>) -> bool {
    has_failed(answer, DEEPEST)
}

fn has_failed(value: &Json<'_>, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match value {
        Json::Object(members) => members.iter().any(|(name, value)| {
            (is_about_failure(name) && !is_nothing(value))
                || (is_verdict(name) && verdict(value) == Some(false))
                || has_failed(value, depth)
        }),
        Json::List(items) => items.iter().any(|item| has_failed(item, depth)),
        Json::Text(text) => nested(text).is_some_and(|inner| has_failed(&inner, depth)),
        _ => false,
    }
}

fn is_about_failure(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    (name.contains("fail") || name.contains("unsuccess")) && !name.contains("failover")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_beside_an_order() {
        let check = |answer: &str, expect: bool| {
            assert_eq!(is_partly_failed(&Json::read(answer.as_bytes()).unwrap()), expect, "{answer}");
        };
        for whole in [
            r#"{"OrderId":"1","FailedCount":0,"SuccessCount":1}"#,
            r#"{"OrderId":"1","FailedDesktopIds":[],"FailReason":"","FailoverZone":"b"}"#,
            r#"{"OrderId":"1","Success":true,"Results":[{"Success":true}]}"#,
            r#"{"OrderId":"1","Errors":[{"Code":"TagFailed"}]}"#,
        ] {
            check(whole, false);
        }
        for partly in [
            r#"{"OrderId":"1","FailedDesktopIds":["desk-1"]}"#,
            r#"{"OrderId":"1","Data":{"FailCount":"1"}}"#,
            r#"{"OrderId":"1","Renewals":[{"DesktopId":"a","Success":true},{"DesktopId":"b","Success":"false"}]}"#,
            r#"{"Data":"{\"OrderId\":1,\"unsuccessfulItems\":[{\"id\":\"desk-1\"}]}"}"#,
            r#"{"OrderId":"1","FailureReason":"no address is free"}"#,
        ] {
            check(partly, true);
        }
    }
}
