//! The objects around what an answer says: the answer itself, and those in it that only wrap, such as `Data`. Which code
//! and message an answer has, and whether it says no without any, is read here. What else may speak against its success is
//! in [`super::doubt`].

use std::borrow::Cow;

use super::members::{member, nested};
use crate::json::{Json, Members};

/// Members that wrap an answer, in any case; and any member whose name ends in `Response`, `Result` or
/// `Results`.
const WRAPPERS: &[&str] =
    &["Data", "Result", "Response", "Body", "Error", "Errors", "Model", "Module", "Content", "Payload"];
/// How deep wrappers may stand in one another.
pub(super) const DEPTH: u8 = 4;

const CODES: &[&str] = &["Code", "ErrorCode", "ErrCode", "Error_Code", "Err_Code"];
/// Codes that say less: what fails is named beside them, if at all.
const RETURN_CODES: &[&str] = &["ResultCode", "ReturnCode", "RetCode", "Errno", "Ret", "SubCode", "Sub_Code"];
/// What may be a code, or only what the call is about. It names nothing, and leaves a doubt.
pub(super) const TOPIC: &str = "BizCode";
/// Codes that are those of HTTP, so that all of the two hundreds are good ones. That an answer came is no success yet.
const STATUS_CODES: &[&str] = &["StatusCode", "HttpStatusCode", "HttpStatus", "HttpCode"];
const MESSAGES: &[&str] = &[
    "Message",
    "ErrorMessage",
    "ErrorMsg",
    "ErrMsg",
    "Msg",
    "Error_Message",
    "Error_Msg",
    "Error_Description",
    "Reason",
    "Detail",
];
/// Members that say by a truth value whether it went well.
const VERDICTS: &[&str] = &["Success", "IsSuccess", "Successful", "Succeeded", "Succeed", "Ok"];
/// Members that may be such a truth value, or something else.
const VALUES: &[&str] = &["Data", "Result"];
/// What they say when it did.
const TRUTHS: &[&str] = &["true", "yes", "y", "t", "on", "ok", "success"];
/// What they say when it did not, beside `false`.
const FAILURES: &[&str] = &["false", "no", "n", "f", "off"];
/// Words for it that are clear wherever they stand alone.
const FAILURE_WORDS: &[&str] = &["fail", "failed", "failure", "error", "denied", "rejected", "refused", "forbidden"];
/// Codes that mean success, in any case. An empty one says nothing.
const SUCCESS: &[&str] = &["", "0", "200", "OK", "Success", "Successful", "Succeed", "Succeeded"];

/// What an answer says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Its first code that does not mean success: one that names what fails, wherever it stands, before one of HTTP or a
    /// return code.
    pub code: Option<String>,
    /// All of its codes that do not mean success.
    pub codes: Vec<String>,
    /// Its first message.
    pub message: Option<String>,
    /// Whether it says that it did not go well, other than by a code.
    pub is_refused: bool,
    /// Whether it says in so many words that it went well.
    pub is_confirmed: bool,
    /// Its first code that means success.
    pub good_code: Option<String>,
}

impl Said {
    /// What this answer says.
    #[must_use]
    pub fn of(answer: &Json<'_>) -> Self {
        let (mut said, mut other) = (Self::default(), None);
        visit(answer, DEPTH, &mut |members| {
            let texts = |names: &[&str]| names.iter().filter_map(|name| scalar(members, name)).collect::<Vec<_>>();
            let named = |names| codes_of(members, names).filter(|(code, _)| !code.trim().is_empty());
            let first =
                |names, wanted: bool| named(names).find(|(_, is_good)| *is_good == wanted).map(|(code, _)| code);
            said.good_code = said.good_code.take().or(first(CODES, true)).or(first(RETURN_CODES, true));
            said.code = said.code.take().or(first(CODES, false));
            other = other.take().or(first(RETURN_CODES, false)).or(first(STATUS_CODES, false));
            said.codes.extend(codes(members).filter(|(_, is_good)| !is_good).map(|(code, _)| code));
            let messages =
                texts(MESSAGES).into_iter().chain(texts(VALUES).into_iter().filter(|text| is_sentence(text)));
            said.message = said.message.take().or_else(|| messages.into_iter().find(|text| !text.is_empty()));
            let value = |name: &&str| member(members, name).filter(|value| !is_number(value)).and_then(verdict);
            let mut verdicts = verdicts(members).chain(VALUES.iter().filter_map(value));
            said.is_confirmed |= verdicts.clone().any(|went_well| went_well);
            said.is_refused |= verdicts.any(|went_well| !went_well);
        });
        said.code = said.code.or(other);
        said
    }
}

/// The first object with a member: the answer itself, or one in it that only wraps.
pub(super) fn holding<'t>(answer: &'t Json<'t>, name: &str) -> Option<Cow<'t, Json<'t>>> {
    held(answer, name, DEPTH)
}

fn held<'t>(value: &'t Json<'t>, name: &str, depth: u8) -> Option<Cow<'t, Json<'t>>> {
    let depth = depth.checked_sub(1)?;
    match value {
        Json::Object(members) if member(members, name).is_some() => Some(Cow::Borrowed(value)),
        Json::Object(members) => {
            let wraps = |outer: &str| is_wrapper(outer) || outer.eq_ignore_ascii_case("AvailableResource");
            members.iter().filter(|(outer, _)| wraps(outer)).find_map(|(_, inner)| held(inner, name, depth))
        }
        // An item that names its zone is one of a list, and may be about another.
        Json::List(items) if items.len() == 1 && holding_zone(&items[0]).is_none() => held(&items[0], name, depth),
        Json::Text(text) => {
            let inner = nested(text)?;
            let found = held(&inner, name, depth)?;
            Some(Cow::Owned(found.into_owned().into_owned()))
        }
        _ => None,
    }
}

fn holding_zone<'t>(item: &'t Json<'t>) -> Option<&'t Json<'t>> {
    match item {
        Json::Object(members) => member(members, "ZoneId"),
        _ => None,
    }
}

/// The codes of an object, each with whether it means success.
pub(super) fn codes(members: &Members<'_>) -> impl Iterator<Item = (String, bool)> {
    [CODES, RETURN_CODES, STATUS_CODES].into_iter().flat_map(|names| codes_of(members, names))
}

fn codes_of<'t>(members: &'t Members<'_>, names: &'static [&'static str]) -> impl Iterator<Item = (String, bool)> + 't {
    let is_status = names == STATUS_CODES;
    let codes = names.iter().filter_map(|name| scalar(members, name));
    codes
        .map(move |code| (is_success(&code) || (is_status && is_two_hundred(&code)), code))
        .map(|(is_good, code)| (code, is_good))
}

/// Whether a code means success, or says nothing.
pub fn is_success(code: &str) -> bool {
    let code = code.trim();
    SUCCESS.iter().any(|ok| ok.eq_ignore_ascii_case(code)) || code.bytes().all(|digit| digit == b'0')
}

fn is_two_hundred(code: &str) -> bool {
    code.trim().parse::<u16>().is_ok_and(|status| (200..300).contains(&status))
}

/// The truth values of an object that say whether it went well.
fn verdicts<'t>(members: &'t Members<'t>) -> impl Iterator<Item = bool> + Clone {
    VERDICTS.iter().filter_map(|name| member(members, name).and_then(verdict))
}

pub(super) fn is_failure_word(text: &str) -> bool {
    FAILURE_WORDS.iter().any(|word| word.eq_ignore_ascii_case(text.trim()))
}

/// Whether a value is a message rather than an identifier or a date.
fn is_sentence(text: &str) -> bool {
    let text = text.trim();
    nested(text).is_none() && text.contains([' ', '！']) && text.chars().any(char::is_alphabetic)
}

/// Whether a member says by a truth value whether it went well.
pub(super) fn is_verdict(name: &str) -> bool {
    VERDICTS.iter().any(|verdict| verdict.eq_ignore_ascii_case(name))
}

/// Whether a member is a code.
pub(super) fn is_code(name: &str) -> bool {
    let is_one = |names: &[&str]| names.iter().any(|code| code.eq_ignore_ascii_case(name));
    is_one(CODES) || is_one(RETURN_CODES) || is_one(STATUS_CODES)
}

/// Whether it went well, if the value says anything about it.
pub(super) fn verdict(value: &Json<'_>) -> Option<bool> {
    let is = |text: &str, word: &str| word.eq_ignore_ascii_case(text.trim());
    match value {
        Json::Bool(flag) => Some(*flag),
        Json::Text(text) if is_failure_word(text) || FAILURES.iter().any(|no| is(text, no)) => Some(false),
        Json::Text(text) if TRUTHS.iter().any(|yes| is(text, yes)) => Some(true),
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
pub(super) fn visit(value: &Json<'_>, depth: u8, see: &mut dyn FnMut(&Members<'_>)) {
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
    let is_one = WRAPPERS.iter().any(|wrapper| wrapper.eq_ignore_ascii_case(name));
    is_one || ["Response", "Result", "Results"].iter().any(|end| ends(end))
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
        check(r#"{"StatusCode":500}"#, Some("500"), false);
        check(r#"{"HttpStatusCode":"204","RetCode":0}"#, None, false);
        check(r#"{"ResultCode":"FAIL"}"#, Some("FAIL"), false);
        check(r#"{"errno":5}"#, Some("5"), false);
        check(r#"{"Code":"200","ErrorCode":"Broken"}"#, Some("Broken"), false);
        check(r#"{"Error":{"Code":"Broken"}}"#, Some("Broken"), false);
        check(r#"{"Data":"{\"errorCode\":\"Broken\"}"}"#, Some("Broken"), false);
        check(
            r#"{"StatusCode":400,"Data":{"Code":"OperationDenied.NoStock"}}"#,
            Some("OperationDenied.NoStock"),
            false,
        );
        check(r#"{"RetCode":-1,"Error":{"Code":"QuotaExceeded"}}"#, Some("QuotaExceeded"), false);
        check(r#"{"ResultCode":"0000","BizCode":"CloudDesktop"}"#, None, false);
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
            r#"{"ok":false}"#,
            r#"{"Success":"F"}"#,
            r#"{"Success":"error"}"#,
            r#"{"Result":"REFUSED"}"#,
            r#"{"Results":[{"Success":false}]}"#,
        ] {
            check(refused, None, true);
        }
        check(r#"{"error_code":"Broken","error_msg":"x"}"#, Some("Broken"), false);
        check(r#"{"errors":[{"code":"Broken"}]}"#, Some("Broken"), false);
        check(r#"{"Module":{"ErrCode":"Broken"}}"#, Some("Broken"), false);
    }
}
