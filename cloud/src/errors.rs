//! What an upstream's error means: its `Code` becomes one of ours, and what is known of the call's effect. Calling
//! again is for [`super::client`] and the order driver to do; the words for people are the page's.

#[cfg(test)]
mod tests;

use std::time::Duration;

use shared::{Class, Code, Outcome, Problem};

use super::{answer::OpenAnswer, decode::DecodeError};

/// A call that did not bring the answer that was wanted.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{action}: {code}, {effect:?}")]
pub struct CallError {
    /// The action called.
    pub action: &'static str,
    /// Whether it was a read, or which kind of write.
    pub class: Class,
    /// Our code for it.
    pub code: Code,
    /// What is known of the effect.
    pub effect: Effect,
    /// The parameter to blame, where the upstream names one.
    pub field: Option<String>,
    /// The upstream's `RequestId`.
    pub request_id: Option<String>,
    /// How long the upstream asks to be left alone.
    pub retry_after: Option<Duration>,
    /// Seconds by which the upstream's clock is ahead of this machine's, where it told the time.
    pub clock_ahead: Option<i64>,
    /// For the log only, and fit for it: status, the upstream's code, its redacted message.
    pub note: String,
}

/// What is known of the effect of an attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing left this machine.
    NotSent,
    /// Turned away for now: nothing happened, and later it may go through.
    Busy,
    /// Turned away at the door, for a reason that lies in the account or in this proxy. Nothing happened on this
    /// attempt, and it says nothing about an earlier one with the same token.
    NotAdmitted,
    /// The operation itself was looked at and refused. With a token that holds for earlier attempts too, since a
    /// purchase that did happen is answered again.
    Refused,
    /// Refused, since the desktop that it is about is not there. After an attempt of our own to release it, that is what
    /// was wanted.
    Absent,
    /// It may have happened: no answer, or one without meaning.
    Unknown,
    /// It may have happened: there was an answer of a shape that is not understood, and another will be no better.
    Unreadable,
}

impl CallError {
    /// An error that comes before or instead of an answer.
    #[must_use]
    pub fn without_answer(action: &'static str, class: Class, code: Code, effect: Effect, note: String) -> Self {
        let (field, request_id, retry_after, clock_ahead) = (None, None, None, None);
        Self { action, class, code, effect, field, request_id, retry_after, clock_ahead, note }
    }

    /// Whether a read may be asked again at once, after a pause.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.effect, Effect::NotSent | Effect::Busy | Effect::Unknown)
    }

    /// What a caller may know of the effect. A read has none, whatever became of it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self.effect {
            Effect::NotSent => Outcome::NotSent,
            _ if self.class == Class::Read => Outcome::Rejected,
            Effect::Busy | Effect::NotAdmitted | Effect::Refused | Effect::Absent => Outcome::Rejected,
            Effect::Unknown | Effect::Unreadable => Outcome::Unknown,
        }
    }

    /// The error as callers see it: nothing in it is the upstream's own text.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let mut problem = Problem::new(self.code, self.outcome());
        problem.field.clone_from(&self.field);
        problem.upstream_request_id.clone_from(&self.request_id);
        problem.retry_after = self.retry_after.map(|pause| pause.as_secs().max(1));
        problem
    }
}

/// The rules, first match wins. A rule's text is a code, or the part of it before the first full stop, or with a `*` at
/// its end the beginning of one.
const RULES: &[(&str, Code, Effect)] = &[
    ("InvalidAccessKeyId", Code::CredentialsRefused, Effect::NotAdmitted),
    ("SignatureDoesNotMatch", Code::CredentialsRefused, Effect::NotAdmitted),
    ("IncompleteSignature", Code::CredentialsRefused, Effect::NotAdmitted),
    ("InvalidSecurityToken", Code::CredentialsRefused, Effect::NotAdmitted),
    ("MissingSecurityToken", Code::CredentialsRefused, Effect::NotAdmitted),
    ("InvalidTimeStamp", Code::ClockSkew, Effect::NotAdmitted),
    ("IllegalTimestamp", Code::ClockSkew, Effect::NotAdmitted),
    // An attempt of ours with this nonce did arrive, and its answer is not known.
    ("SignatureNonceUsed", Code::UpstreamUnavailable, Effect::Unknown),
    ("Throttling", Code::Throttled, Effect::Busy),
    ("ServiceUnavailable*", Code::UpstreamUnavailable, Effect::Unknown),
    ("InternalError", Code::UpstreamUnavailable, Effect::Unknown),
    ("UnknownError", Code::UpstreamUnavailable, Effect::Unknown),
    ("InsufficientBalance*", Code::InsufficientBalance, Effect::NotAdmitted),
    ("Forbidden*", Code::Forbidden, Effect::NotAdmitted),
    ("NoPermission*", Code::Forbidden, Effect::NotAdmitted),
    ("IdempotentParameterMismatch", Code::TokenReused, Effect::NotAdmitted),
    // An earlier attempt with the token is still under way.
    ("IdempotentProcessing", Code::UpstreamUnavailable, Effect::Unknown),
    ("InvalidAction", Code::UpstreamRejected, Effect::NotAdmitted),
    ("InvalidVersion", Code::UpstreamRejected, Effect::NotAdmitted),
    ("NoSuchVersion", Code::UpstreamRejected, Effect::NotAdmitted),
    ("UnsupportedOperation", Code::UpstreamRejected, Effect::NotAdmitted),
    // As ECS words these; CloudDesktop's own words are not known.
    ("OperationDenied.OwnerNotActive", Code::OwnerNotActive, Effect::Refused),
    ("IncorrectVSwitchStatus", Code::VSwitchUnavailable, Effect::Refused),
    ("InvalidVSwitchId.IpNotEnough", Code::VSwitchUnavailable, Effect::Refused),
    ("IncorrectImageStatus", Code::ImageUnavailable, Effect::Refused),
    ("InvalidUserName.EmailMissing", Code::UserWithoutEmail, Effect::Refused),
    // Only of a desktop is it known what its absence means; an absent image is a refusal like any other.
    ("InvalidDesktopId.NotFound", Code::InvalidParameter, Effect::Absent),
    ("InvalidDesktop.NotFound", Code::InvalidParameter, Effect::Absent),
    ("DesktopNotFound", Code::InvalidParameter, Effect::Absent),
    ("Missing*", Code::MissingParameter, Effect::Refused),
    ("Invalid*", Code::InvalidParameter, Effect::Refused),
];

/// What codes for a lack of stock have in them; products differ in where.
const SOLD_OUT: &[&str] = &["NoStock", "OutOfStock", "SoldOut", "ResourceNotAvailable", "NotEnoughResource"];

/// The codes that mean success.
const SUCCESS: &[&str] = &["200", "OK", "Success"];

/// Whether an answer is an error, and which. `parameters` are those sent: what they hold is kept out of the note.
#[must_use]
pub fn classify(
    action: &'static str,
    class: Class,
    answer: &OpenAnswer<'_>,
    parameters: &[(String, String)],
) -> Option<CallError> {
    let code = answer.text("Code").filter(|code| !SUCCESS.iter().any(|ok| ok.eq_ignore_ascii_case(code)));
    let message = answer.text("Message");
    let user = parameters.iter().find(|(name, _)| name == "UserName").map(|(_, value)| value.as_str());
    let directory = || [&code, &message].into_iter().flatten().find_map(|text| directory_error(text, user));

    let (ours, effect) = match &code {
        _ if answer.json.is_none() => without_json(answer.raw.status),
        Some(code) => directory().or_else(|| by_rule(code)).unwrap_or_else(|| by_status(answer.raw.status)),
        // A directory's error may come without a code, at HTTP 200.
        None => match directory() {
            Some(error) => error,
            None if (200..300).contains(&answer.raw.status) => return None,
            None => without_json(answer.raw.status),
        },
    };
    let message = match &message {
        // It may echo the access key, or all that was signed: token and e-mail included.
        Some(_) if ours == Code::CredentialsRefused => " [message withheld]".to_owned(),
        Some(message) => format!(" {}", redacted(message, parameters)),
        None => String::new(),
    };
    Some(CallError {
        action,
        class,
        code: ours,
        effect,
        field: code.as_deref().and_then(|code| blamed(code, parameters)),
        request_id: answer.request_id(),
        retry_after: answer.raw.retry_after,
        clock_ahead: answer.raw.clock_ahead(),
        note: format!("HTTP {} {}{message}", answer.raw.status, redacted(code.as_deref().unwrap_or("-"), parameters)),
    })
}

/// An answer of success whose members are not what they should be.
#[must_use]
pub fn unreadable(action: &'static str, class: Class, answer: &OpenAnswer<'_>, error: &DecodeError) -> CallError {
    CallError {
        request_id: answer.request_id(),
        ..CallError::without_answer(action, class, Code::UpstreamUnintelligible, Effect::Unreadable, error.to_string())
    }
}

fn by_rule(code: &str) -> Option<(Code, Effect)> {
    if SOLD_OUT.iter().any(|part| code.contains(part)) {
        return Some((Code::SoldOut, Effect::Refused));
    }
    let first = code.split('.').next().unwrap_or(code);
    RULES.iter().find_map(|(rule, ours, effect)| {
        let fits = match rule.strip_suffix('*') {
            Some(start) => code.starts_with(start),
            None => code == *rule || first == *rule,
        };
        fits.then_some((*ours, *effect))
    })
}

/// An error with a code that no rule knows. Whether the operation itself was looked at cannot be told, so no order that
/// is in doubt is settled by it.
fn by_status(status: u16) -> (Code, Effect) {
    if status >= 500 {
        (Code::UpstreamUnavailable, Effect::Unknown)
    } else {
        (Code::UpstreamRejected, Effect::NotAdmitted)
    }
}

/// HTML, nothing, half a document, or JSON that says neither yes nor no: a gateway on the way, or worse.
fn without_json(status: u16) -> (Code, Effect) {
    if status >= 500 {
        (Code::UpstreamUnavailable, Effect::Unknown)
    } else {
        (Code::UpstreamUnintelligible, Effect::Unknown)
    }
}

/// The three errors of `CreateUser` (document 2.6.4). They are sentences, come with HTTP 200, and one is written with
/// a full-width exclamation mark.
fn directory_error(text: &str, user: Option<&str>) -> Option<(Code, Effect)> {
    let text = text.replace('！', "!");
    let text = text.trim();
    let of_user = |text: &str| {
        let name = text.strip_prefix("Create user ")?.strip_suffix(" failed!")?.trim_matches('#');
        (Some(name) == user || name == "userName").then_some(())
    };
    match text {
        "Domain name must be set!" => Some((Code::DirectoryNotSet, Effect::Refused)),
        "AD access failed!" => Some((Code::DirectoryUnreachable, Effect::Refused)),
        _ => of_user(text).map(|()| (Code::UserRefused, Effect::Refused)),
    }
}

/// The parameter that a code names, if we sent one of that name: `InvalidParameter.ZoneId`, `InvalidZoneId.NotFound`.
fn blamed(code: &str, parameters: &[(String, String)]) -> Option<String> {
    let mut parts = code.split('.');
    let first = parts.next()?;
    let candidates = [parts.next(), first.strip_prefix("Invalid"), first.strip_prefix("Missing")];
    let sent = |name: &str| parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    candidates.into_iter().flatten().find_map(sent).map(|(name, _)| name.clone())
}

/// A text of the upstream's made fit for the log: short, on one line, and without any value that was sent.
fn redacted(message: &str, parameters: &[(String, String)]) -> String {
    const LONGEST: usize = 200;
    let mut values: Vec<_> = parameters.iter().map(|(_, value)| value.as_str()).filter(|v| v.len() > 2).collect();
    // Longest first, so that no value leaves a part of another behind.
    values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    let text = values.iter().fold(message.to_owned(), |text, value| text.replace(value, "…"));
    let words = text.split_whitespace().map(|word| if word.contains('@') { "…" } else { word });
    words.collect::<Vec<_>>().join(" ").chars().take(LONGEST).collect()
}
