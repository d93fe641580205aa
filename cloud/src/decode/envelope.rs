//! The objects around what an answer says: the answer itself, and those in it that only wrap, such as `Data`. Which code
//! and message an answer has, and whether it says no without any, is read here.

use super::members::{member, nested};
use crate::json::{Json, Members};

/// Members that wrap an answer, in any case; and any member whose name ends in `Response` or `Result`.
const WRAPPERS: &[&str] =
    &["Data", "Result", "Response", "Body", "Error", "Errors", "Model", "Module", "Content", "Payload"];
/// How deep wrappers may stand in one another.
const DEPTH: u8 = 4;

const CODES: &[&str] = &["Code", "ErrorCode", "ErrCode", "Error_Code", "Err_Code"];
const MESSAGES: &[&str] =
    &["Message", "ErrorMessage", "ErrorMsg", "ErrMsg", "Msg", "Error_Message", "Error_Msg", "Error_Description"];
/// Members that say by a truth value whether it went well.
const VERDICTS: &[&str] = &["Success", "IsSuccess", "Successful", "Succeeded"];
/// Members that may be such a truth value, or something else.
const VALUES: &[&str] = &["Data", "Result"];
/// What they say when it did not, beside `false`.
const FAILURES: &[&str] = &["false", "fail", "failed", "failure", "no", "n"];
/// Members that may say how far a thing has come, and that it failed.
const STATES: &[&str] = &["Status", "State"];
/// What the names of members have in them that are about faults.
const FAULTS: &[&str] = &["error", "fail", "exception"];
/// What messages of success have in them.
const GOOD_WORDS: &[&str] = &["success", "succeed", "accepted", "submitted", "成功", "已提交", "已受理"];
/// Codes that mean success, in any case. An empty one says nothing.
const SUCCESS: &[&str] = &["", "0", "200", "OK", "Success", "Successful", "Succeed", "Succeeded"];

/// What an answer says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Its first code that does not mean success.
    pub code: Option<String>,
    /// Its first message.
    pub message: Option<String>,
    /// Whether it says that it did not go well, other than by a code.
    pub is_refused: bool,
    /// Whether it says in so many words that it went well.
    pub is_confirmed: bool,
    /// Its first code that means success.
    pub good_code: Option<String>,
    /// Whether something in it is about a fault, though it has no code and no truth value that says so.
    pub is_troubled: bool,
}

impl Said {
    /// What this answer says.
    #[must_use]
    pub fn of(answer: &Json<'_>) -> Self {
        let mut said = Self::default();
        visit(answer, DEPTH, &mut |members| {
            let texts = |names: &[&str]| names.iter().filter_map(|name| scalar(members, name)).collect::<Vec<_>>();
            let (codes, messages) = (texts(CODES), texts(MESSAGES));
            let is_error = |code: &String| !SUCCESS.iter().any(|ok| ok.eq_ignore_ascii_case(code.trim()));
            let good = codes.iter().find(|code| !code.trim().is_empty() && !is_error(code));
            said.good_code = said.good_code.take().or_else(|| good.cloned());
            said.code = said.code.take().or_else(|| codes.into_iter().find(is_error));
            let messages = messages.into_iter().chain(texts(VALUES).into_iter().filter(|text| is_sentence(text)));
            said.message = said.message.take().or_else(|| messages.into_iter().find(|text| !text.is_empty()));
            said.is_troubled |= members.iter().any(|(name, value)| is_about_fault(name, value));
            let verdict = |name: &&str| member(members, name).and_then(verdict);
            let value = |name: &&str| member(members, name).filter(|value| !is_number(value)).and_then(self::verdict);
            let mut verdicts = VERDICTS.iter().filter_map(verdict).chain(VALUES.iter().filter_map(value));
            said.is_confirmed |= verdicts.clone().any(|went_well| went_well);
            said.is_refused |= verdicts.any(|went_well| !went_well);
        });
        said
    }

    /// Whether it leaves it open that nothing was done, although nothing in it refuses: a fault is named, or there is a
    /// message that is none of success, and nothing that confirms.
    #[must_use]
    pub fn is_doubtful(&self) -> bool {
        let complains = || self.message.as_ref().is_some_and(|text| !is_good(text));
        self.is_troubled || (!self.is_confirmed && self.good_code.is_none() && complains())
    }
}

/// Whether a member is about a fault that there was.
fn is_about_fault(name: &str, value: &Json<'_>) -> bool {
    let name = name.to_ascii_lowercase();
    let has_failed =
        |text: &str| ["error", "fail", "failed", "failure"].iter().any(|word| word.eq_ignore_ascii_case(text.trim()));
    let is_state = STATES.iter().any(|state| state.eq_ignore_ascii_case(&name));
    (is_state && matches!(value, Json::Text(text) if has_failed(text)))
        || (FAULTS.iter().any(|word| name.contains(word)) && !is_nothing(value))
}

/// Whether there is nothing in a member about a fault: nothing at all, or that there was none.
fn is_nothing(value: &Json<'_>) -> bool {
    match value {
        Json::Null | Json::Bool(false) => true,
        Json::Bool(true) => false,
        Json::Number(_) | Json::Text(_) => super::scalar(value).is_none_or(|text| {
            let text = text.trim();
            SUCCESS.iter().chain(&["null", "none", "false"]).any(|word| word.eq_ignore_ascii_case(text))
                || is_good(text)
        }),
        Json::List(items) => items.iter().all(is_nothing),
        Json::Object(members) => members.iter().all(|(_, inner)| is_nothing(inner)),
    }
}

/// Whether a message is one of success.
fn is_good(message: &str) -> bool {
    let message = message.trim().to_lowercase();
    message.is_empty() || message == "ok" || message == "done" || GOOD_WORDS.iter().any(|word| message.contains(word))
}

/// Whether a value is a message rather than an identifier or a date.
fn is_sentence(text: &str) -> bool {
    let text = text.trim();
    nested(text).is_none() && text.contains([' ', '！']) && text.chars().any(char::is_alphabetic)
}

/// Whether it went well, if the value says anything about it.
fn verdict(value: &Json<'_>) -> Option<bool> {
    let is = |text: &str, word: &str| word.eq_ignore_ascii_case(text.trim());
    match value {
        Json::Bool(flag) => Some(*flag),
        Json::Text(text) if FAILURES.iter().any(|no| is(text, no)) => Some(false),
        Json::Text(text) if is(text, "true") => Some(true),
        _ if is_number(value) => match super::scalar(value)?.trim() {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        },
        _ => None,
    }
}

/// Whether it is a number, or a text of one.
fn is_number(value: &Json<'_>) -> bool {
    match value {
        Json::Number(_) => true,
        Json::Text(text) => !text.trim().is_empty() && text.trim().bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    }
}

fn scalar(members: &Members<'_>, name: &str) -> Option<String> {
    super::scalar(member(members, name)?)
}

/// Shows each object of an answer that may say something about the whole, the outer ones first.
fn visit(value: &Json<'_>, depth: u8, see: &mut dyn FnMut(&Members<'_>)) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match value {
        Json::Object(members) => {
            see(members);
            for (_, inner) in members.iter().filter(|(name, _)| is_wrapper(name)) {
                visit(inner, depth, see);
            }
        }
        // An answer that is one object in a list; of several, none speaks for the whole.
        Json::List(items) if items.len() == 1 => visit(&items[0], depth, see),
        Json::Text(text) => {
            if let Some(inner) = nested(text) {
                visit(&inner, depth, see);
            }
        }
        _ => {}
    }
}

pub(super) fn is_wrapper(name: &str) -> bool {
    let ends = |end: &str| {
        name.len() >= end.len()
            && name.is_char_boundary(name.len() - end.len())
            && name[name.len() - end.len()..].eq_ignore_ascii_case(end)
    };
    WRAPPERS.iter().any(|wrapper| wrapper.eq_ignore_ascii_case(name)) || ends("Response") || ends("Result")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_says() {
        let check = |answer: &str, code: Option<&str>, is_refused: bool| {
            let said = Said::of(&Json::read(answer.as_bytes()).unwrap());
            assert_eq!((said.code.as_deref(), said.is_refused), (code, is_refused), "{answer}");
        };
        for fine in [
            "{}",
            "[]",
            r#"{"Code":"","ErrorCode":0,"Success":true}"#,
            r#"{"Code":200}"#,
            r#"{"code":"ok","Success":"True","Data":true}"#,
            r#"{"Code":"Successful","Data":{"Name":"x"}}"#,
            r#"{"Code":null,"Success":null,"Data":null}"#,
            r#"{"Users":[{"Code":"x","Success":false}]}"#,
            r#"{"Success":1,"Result":0,"Data":"0"}"#,
        ] {
            check(fine, None, false);
        }
        check(r#"{"Code":"Broken"}"#, Some("Broken"), false);
        check(r#"{"Code":-1}"#, Some("-1"), false);
        check(r#"{"Code":"200","ErrorCode":"Broken"}"#, Some("Broken"), false);
        check(r#"{"Error":{"Code":"Broken"}}"#, Some("Broken"), false);
        check(r#"{"Data":"{\"errorCode\":\"Broken\"}"}"#, Some("Broken"), false);
        check(r#"{"DeleteDesktopResponse":{"Success":false,"Code":"Broken"}}"#, Some("Broken"), true);
        check(r#"[{"Code":"Broken"}]"#, Some("Broken"), false);
        for refused in [
            r#"{"Success":false}"#,
            r#"{"success":"False"}"#,
            r#"{"SUCCESS":"false"}"#,
            r#"{"Data":false}"#,
            r#"{"result":"failed"}"#,
            r#"{"Code":"200","Result":{"success":false}}"#,
            r#"{"Success":"FALSE"}"#,
            r#"{"success":0}"#,
            r#"{"isSuccess":"0"}"#,
            r#"{"isSuccess":"N"}"#,
            r#"{"Success":"no"}"#,
        ] {
            check(refused, None, true);
        }
        check(r#"{"error_code":"Broken","error_msg":"x"}"#, Some("Broken"), false);
        check(r#"{"errors":[{"code":"Broken"}]}"#, Some("Broken"), false);
        check(r#"{"Module":{"ErrCode":"Broken"}}"#, Some("Broken"), false);
    }

    #[test]
    fn what_leaves_doubts() {
        let check = |answer: &str, expect: bool| {
            assert_eq!(Said::of(&Json::read(answer.as_bytes()).unwrap()).is_doubtful(), expect, "{answer}");
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
            r#"{"Desktops":[{"Error":"x"}]}"#,
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
        ] {
            check(doubtful, true);
        }
    }
}
