//! The objects around what an answer says: the answer itself, and those in it that only wrap, such as `Data`. Which code
//! and message an answer has, and whether it says no without any, is read here.

use super::tolerant::{member, nested};
use crate::json::{Json, Members};

/// Members that wrap an answer, in any case; and any member whose name ends in `Response` or `Result`.
const WRAPPERS: &[&str] = &["Data", "Result", "Response", "Body", "Error", "Model", "Content", "Payload"];
/// How deep wrappers may stand in one another.
const DEPTH: u8 = 4;

const CODES: &[&str] = &["Code", "ErrorCode", "ErrCode"];
const MESSAGES: &[&str] = &["Message", "ErrorMessage", "ErrorMsg", "ErrMsg", "Msg"];
/// Members that say by a truth value whether it went well.
const VERDICTS: &[&str] = &["Success", "IsSuccess", "Successful", "Succeeded"];
/// Members that may be such a truth value, or something else.
const VALUES: &[&str] = &["Data", "Result"];
/// What they say when it did not, beside `false`.
const FAILURES: &[&str] = &["false", "fail", "failed", "failure"];
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
            said.code = said.code.take().or_else(|| codes.into_iter().find(is_error));
            said.message = said.message.take().or_else(|| messages.into_iter().find(|text| !text.is_empty()));
            let verdict = |name: &&str| member(members, name).and_then(verdict);
            let value = |name: &&str| member(members, name).filter(|value| !is_number(value)).and_then(self::verdict);
            let mut verdicts = VERDICTS.iter().filter_map(verdict).chain(VALUES.iter().filter_map(value));
            said.is_confirmed |= verdicts.clone().any(|went_well| went_well);
            said.is_refused |= verdicts.any(|went_well| !went_well);
        });
        said
    }
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
        ] {
            check(refused, None, true);
        }
    }
}
