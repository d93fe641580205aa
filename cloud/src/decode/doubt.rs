//! Doubts about the answer to a write that names nothing and refuses nothing: a fault in it, a no, a complaint. Such an
//! answer is not told as success, since billing may go on.

use super::{
    doubt_words::{BAD_WORDS, COUNTS, DENIALS, FAULTS, GOOD_STATES, GOOD_WORDS, NAMING, STATES, WANTS},
    envelope::{DEPTH, Said, TOPIC, codes, is_code, is_failure_word, is_success, is_verdict, verdict, visit},
    members::{member, nested},
};
use crate::json::Json;

/// How deep a fault may be told.
const DEEPEST: u8 = 8;

/// Whether an answer leaves it open that nothing was done, although nothing in it refuses. A fault is named, however deep,
/// or there is a message that is none of success, or a no, and nothing that confirms.
#[must_use]
pub fn is_doubtful(said: &Said, answer: &Json<'_>) -> bool {
    let mut complains = said.message.as_ref().is_some_and(|text| !is_good(text));
    visit(answer, DEPTH, &mut |members| complains |= members.iter().any(|(name, value)| is_no(name, value)));
    complains |= is_complaining(answer, DEEPEST);
    let is_confirmed = said.is_confirmed || said.good_code.is_some();
    is_troubled(answer, DEEPEST) || said.message.as_deref().is_some_and(is_denial) || (complains && !is_confirmed)
}

/// Whether a message says in so many words that it did not go well.
fn is_denial(message: &str) -> bool {
    let message = message.to_lowercase();
    DENIALS.iter().any(|word| message.contains(word)) && !is_good(&message)
}

/// Whether something in a value is about a fault that there was, or says that it did not go well.
fn is_troubled(value: &Json<'_>, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match value {
        Json::Object(members) => {
            members.iter().any(|(name, value)| {
                is_about_fault(name, value)
                    || is_troubled(value, depth)
                    || (is_verdict(name) && !is_absent(value) && verdict(value) != Some(true))
                    || (is_code(name) && !is_plain(value) && !is_nothing(value))
            }) || codes(members).any(|(_, is_good)| !is_good)
                || member(members, TOPIC).and_then(super::scalar).is_some_and(|topic| !is_success(&topic))
        }
        Json::List(items) => items.iter().any(|item| is_troubled(item, depth)),
        Json::Text(text) => nested(text).is_some_and(|inner| is_troubled(&inner, depth)),
        _ => false,
    }
}

/// Whether something in a value says that a thing was not done: in a sentence, by a state that is none of success, or by
/// counting nothing.
fn is_complaining(value: &Json<'_>, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let ends = |name: &str, ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    let complains = |name: &str, value: &Json<'_>| {
        let name = name.to_ascii_lowercase();
        match value {
            Json::Number(_) | Json::Text(_) if ends(&name, COUNTS) && !names_fault(&name) => {
                super::scalar(value).is_some_and(|count| count.trim() == "0")
            }
            Json::Text(text) if ends(&name, STATES) => !is_good_state(text),
            Json::Text(text) if nested(text).is_none() && !ends(&name, NAMING) => {
                let text = text.to_lowercase();
                BAD_WORDS.iter().any(|word| text.contains(word)) && !is_good(&text)
            }
            _ => false,
        }
    };
    match value {
        Json::Object(members) => {
            members.iter().any(|(name, value)| complains(name, value) || is_complaining(value, depth))
        }
        Json::List(items) => items.iter().any(|item| is_complaining(item, depth)),
        Json::Text(text) => nested(text).is_some_and(|inner| is_complaining(&inner, depth)),
        _ => false,
    }
}

fn is_good_state(text: &str) -> bool {
    let text = text.trim();
    let is_status = text.parse::<u16>().is_ok_and(|status| (200..300).contains(&status));
    is_status || is_success(text) || GOOD_STATES.iter().any(|state| state.eq_ignore_ascii_case(text)) || is_good(text)
}

fn is_absent(value: &Json<'_>) -> bool {
    matches!(value, Json::Null) || matches!(value, Json::Text(text) if text.trim().is_empty())
}

/// Whether the name of a member, in lower case, is about faults. One about a default is not.
fn names_fault(name: &str) -> bool {
    let name = name.replace("default", "");
    FAULTS.iter().any(|word| name.contains(word))
}

/// Whether the name of a member, in lower case, asks for something first.
fn names_want(name: &str) -> bool {
    WANTS.iter().any(|want| name.starts_with(want)) || name.ends_with("required")
}

/// Whether a value is neither a list nor an object.
const fn is_plain(value: &Json<'_>) -> bool {
    !matches!(value, Json::List(_) | Json::Object(_))
}

/// Whether a member is `false`, and neither about a fault nor about what is wanted first.
fn is_no(name: &str, value: &Json<'_>) -> bool {
    let is_false = match value {
        Json::Bool(flag) => !flag,
        Json::Text(text) => text.trim().eq_ignore_ascii_case("false"),
        _ => false,
    };
    let name = name.to_ascii_lowercase();
    is_false && !names_fault(&name) && !names_want(&name)
}

/// Whether a member is about a fault that there was.
fn is_about_fault(name: &str, value: &Json<'_>) -> bool {
    let name = name.to_ascii_lowercase();
    let has_failed = |text: String| {
        let is_status = text.trim().parse::<u16>().is_ok_and(|status| (400..600).contains(&status));
        is_status || is_failure_word(&text)
    };
    let is_state = STATES.iter().any(|state| name.ends_with(state));
    (is_state && super::scalar(value).is_some_and(has_failed))
        || (names_fault(&name) && !is_nothing(value))
        || (is_plain(value) && verdict(value) == Some(true) && names_want(&name))
}

/// Whether there is nothing in a member about a fault: nothing at all, or that there was none.
pub(super) fn is_nothing(value: &Json<'_>) -> bool {
    match value {
        Json::Null | Json::Bool(false) => true,
        Json::Bool(true) => false,
        Json::Number(_) | Json::Text(_) => super::scalar(value).is_none_or(|text| {
            let text = text.trim();
            is_success(text)
                || ["null", "none", "false"].iter().any(|word| word.eq_ignore_ascii_case(text))
                || is_good(text)
        }),
        Json::List(items) => items.iter().all(is_nothing),
        Json::Object(members) => members.iter().all(|(_, inner)| is_nothing(inner)),
    }
}

/// Whether a message is one of success.
fn is_good(message: &str) -> bool {
    let message = message.trim().to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
    message.is_empty() || message == "ok" || message == "done" || (has(GOOD_WORDS) && !has(BAD_WORDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_doubts() {
        let check = |text: &str, expect: bool| {
            let answer = Json::read(text.as_bytes()).unwrap();
            assert_eq!(is_doubtful(&Said::of(&answer), &answer), expect, "{text}");
        };
        for fine in [
            "{}",
            r#"{"RequestId":"R-1"}"#,
            r#"{"Message":"successful"}"#,
            r#"{"Message":"OK"}"#,
            r#"{"Msg":"操作成功"}"#,
            r#"{"Code":"200","Message":"The desktop will be gone soon"}"#,
            r#"{"Success":true,"Message":"The desktop will be gone soon"}"#,
            r#"{"Error":null,"Errors":[],"ErrorMessage":"","ErrorCode":0,"FailedCount":"0"}"#,
            r#"{"Error":{"Code":"","Message":""},"HasError":false,"ErrMsg":"success"}"#,
            r#"{"Status":"Deleting","Data":"desk-1"}"#,
            r#"{"Data":"2026-01-01 00:00:00"}"#,
            r#"{"RetCode":"0000","Async":false}"#,
            r#"{"ErrorCode":"0000"}"#,
            r#"{"Success":true,"DryRun":false}"#,
            r#"{"Desktops":[{"DesktopId":"desk-1","Success":true,"Code":"200","Error":null}]}"#,
            r#"{"HasError":false,"IsFailed":"false"}"#,
            r#"{"Status":200}"#,
            r#"{"Success":null,"Code":[],"Fault":{},"RejectedIds":[],"Denied":false,"IsDefault":true}"#,
            r#"{"DesktopStatus":"Releasing","InvalidIds":null,"ReleasedCount":1}"#,
            r#"{"UserInfo":{"Name":"lock.ed","Email":"not@fail.example"}}"#,
            r#"{"Status":"Success","Result":"操作成功"}"#,
            r#"{"Success":true,"DesktopStatus":"Locked","Count":0}"#,
            r#"{"Code":"200","Message":"The desktop was released successfully"}"#,
            r#"{"Code":"200","Message":"释放成功"}"#,
            r#"{"NeedConfirm":false,"DryRun":"false","Requirements":[],"SkippedIds":[],"AffectedRows":1}"#,
        ] {
            check(fine, false);
        }
        for doubtful in [
            r#"{"Message":"The desktop is locked"}"#,
            r#"{"Data":"The desktop is locked"}"#,
            r#"{"Error":"not allowed"}"#,
            r#"{"error":"invalid_token"}"#,
            r#"{"Errors":["x"]}"#,
            r#"{"Success":true,"FailedDesktopIds":["desk-1"]}"#,
            r#"{"Data":{"FailCount":1}}"#,
            r#"{"Status":"Failed"}"#,
            r#"{"Code":"200","Exception":"java.lang.NullPointerException"}"#,
            r#"{"Desktops":[{"Error":"x"}]}"#,
            r#"{"Code":"200","Desktops":[{"DesktopId":"desk-1","Success":false}]}"#,
            r#"{"Success":true,"OperationResults":[{"Code":"IncorrectDesktopStatus"},{"Code":"200"}]}"#,
            r#"{"Status":"REJECTED"}"#,
            r#"{"Status":403}"#,
            r#"{"StatusCode":200,"Released":false}"#,
            r#"{"BizCode":"IncorrectDesktopStatus"}"#,
            r#"{"HttpStatusCode":200,"Message":"The desktop is locked"}"#,
            r#"{"Released":false}"#,
            r#"{"DeleteDesktopResponse":"false"}"#,
            r#"{"Reason":"DeletionProtection"}"#,
            r#"{"Message":"unsuccessful"}"#,
            r#"{"Msg":"操作不成功"}"#,
            // A verdict that is none, and a code that is no text.
            r#"{"Success":"partial"}"#,
            r#"{"Success":0.0}"#,
            r#"{"Success":"null"}"#,
            r#"{"Success":[false]}"#,
            r#"{"Success":{"Value":false}}"#,
            r#"{"Success":false,"Success":true}"#,
            r#"{"Code":["OperationDenied"]}"#,
            r#"{"Code":{"Value":"OperationDenied"}}"#,
            r#"{"Ret":["FAIL_BIZ::locked"]}"#,
            r#"{"SubCode":"isv.denied"}"#,
            // In other words, and elsewhere.
            r#"{"Result":"操作失败"}"#,
            r#"{"Description":"cannot release"}"#,
            r#"{"State":"Locked"}"#,
            r#"{"Desktop":{"DesktopStatus":"Locked"}}"#,
            r#"{"Warnings":["x"]}"#,
            r#"{"UnsuccessfulItems":[{"x":1}]}"#,
            r#"{"Success":true,"RejectedIds":["desk-1"]}"#,
            r#"{"Denied":true}"#,
            r#"{"Envelope":{"Body":{"Fault":{"faultstring":"x"}}}}"#,
            r#"{"ReleasedCount":0}"#,
            r#"{"AffectedRows":0}"#,
            r#"{"ReleasedCount":"0"}"#,
            // Whatever code stands beside it.
            r#"{"Code":"200","Message":"释放失败"}"#,
            r#"{"Success":true,"Message":"Failed to release the desktop"}"#,
            r#"{"Code":0,"Msg":"该实例不支持退订"}"#,
            r#"{"Code":"OK","Message":"The desktop is locked"}"#,
            r#"{"Code":200,"Message":"没有权限"}"#,
            r#"{"Code":"200","Message":"系统繁忙，请稍后再试"}"#,
            // Not yet, or not in earnest.
            r#"{"NeedConfirm":true}"#,
            r#"{"Success":true,"ConfirmationRequired":"true"}"#,
            r#"{"DryRun":true,"RequestId":"R-1"}"#,
            // What was left out.
            r#"{"UnreleasedDesktopIds":["desk-1"]}"#,
            r#"{"Success":true,"SkippedIds":["desk-1"]}"#,
            r#"{"UnprocessedItems":[{"Id":"desk-1"}]}"#,
        ] {
            check(doubtful, true);
        }
    }
}
