//! What an upstream's error means: its `Code` becomes one of ours, and what is known of the call's effect. Calling
//! again is for [`super::client`] and the order driver to do; the words for people are the page's.

mod another_try;
mod rules;
#[cfg(test)]
mod tests;

use std::time::Duration;

use shared::{Action, Class, Code, Outcome, Problem, actions::RenewDesktop};

use super::{
    answer::{OpenAnswer, Reading},
    decode::{DecodeError, Identifiers, Said, is_doubtful, is_partly_failed},
};

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
    /// What an answer names that says at the same time that nothing was done.
    pub named: Identifiers,
    /// For the log and the operator only, and fit for it: status, the upstream's code, its redacted message.
    pub note: String,
}

/// What is known of the effect of an attempt that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing left this machine.
    NotSent,
    /// Turned away for now: nothing happened, and later it may go through.
    Busy,
    /// Refused for good: nothing happened on this attempt. It says nothing about an earlier one, with the same token or
    /// not: checks of stock, balance or permission may come before the check of the token.
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
        let named = Identifiers::default();
        Self { action, class, code, effect, field, request_id, retry_after, clock_ahead, named, note }
    }

    /// Whether a read may be asked again at once, after a pause.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.effect, Effect::NotSent | Effect::Busy | Effect::Unknown)
    }

    /// Whether the cause was on our side and is gone: nothing happened, and the same call may go through now.
    #[must_use]
    pub fn is_mended(&self) -> bool {
        self.code == Code::ClockSkew && self.effect == Effect::Busy
    }

    /// What a caller may know of the effect. A read has none, whatever became of it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self.effect {
            Effect::NotSent => Outcome::NotSent,
            _ if self.class == Class::Read => Outcome::Rejected,
            Effect::Busy | Effect::Refused | Effect::Absent => Outcome::Rejected,
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

/// Whether an answer is an error, and which. `parameters` are those sent: what they hold is kept out of the note.
#[must_use]
pub fn classify(
    action: &'static str,
    class: Class,
    answer: &OpenAnswer<'_>,
    parameters: &[(String, String)],
) -> Option<CallError> {
    let said = answer.json.as_ref().map(Said::of);
    let named = answer.json.as_ref().filter(|_| class == Class::WriteWithToken).map(Identifiers::of);
    let mut named = named.unwrap_or_default();
    if action == RenewDesktop::NAME {
        // It is in the request, so it may be no more than an echo.
        named.desktop_id = None;
    }
    let (ours, effect) = judge(action, class, answer, said.as_ref(), &named, parameters)?;
    let said = said.unwrap_or_default();
    let message = match &said.message {
        // It may echo the access key, or all that was signed: token and e-mail included.
        Some(_) if ours == Code::CredentialsRefused => " [message withheld]".to_owned(),
        Some(message) => format!(" {}", redacted(message, parameters)),
        None => String::new(),
    };
    let code = said.code.as_deref().unwrap_or("-");
    Some(CallError {
        action,
        class,
        code: ours,
        effect,
        field: said.code.as_deref().and_then(|code| blamed(code, ours, parameters)),
        request_id: answer.request_id(),
        retry_after: answer.raw.retry_after,
        clock_ahead: answer.raw.clock_ahead(),
        named,
        note: format!("HTTP {} {}{message}", answer.raw.status, redacted(code, parameters)),
    })
}

/// What an answer means, if not success. The order of the questions is the point: what proves that a write was carried
/// out comes before what says that it was not, and only a refusal that is known as one says that.
fn judge(
    action: &str,
    class: Class,
    answer: &OpenAnswer<'_>,
    said: Option<&Said>,
    named: &Identifiers,
    parameters: &[(String, String)],
) -> Option<(Code, Effect)> {
    let status = answer.raw.status;
    let is_success = (200..300).contains(&status);
    let is_throttled = status == 429;
    let throttled = (Code::Throttled, Effect::Busy);
    let trouble = match status {
        408 | 504 => Code::UpstreamTimeout,
        _ => Code::UpstreamUnavailable,
    };
    let is_trouble = status >= 500 || status == 408;
    // Of what is no JSON, only what it names counts.
    let Some(said) = said.filter(|_| answer.reading == Reading::Strict || !named.is_empty()) else {
        // HTML, nothing, half a document: a gateway on the way, or worse.
        return Some(match status {
            429 => throttled,
            _ if is_trouble => (trouble, Effect::Unknown),
            _ => (Code::UpstreamUnintelligible, Effect::Unknown),
        });
    };
    let known = known(action, said, parameters);
    if !named.is_empty() {
        let is_refused = known.is_some_and(|(_, effect)| effect != Effect::Unknown);
        // It was carried out, unless the same answer says that it was not.
        let is_part = answer.reading == Reading::Part;
        let is_partly_failed = answer.json.as_ref().is_some_and(is_partly_failed);
        return (is_refused || said.is_refused || is_throttled || is_part || is_partly_failed)
            .then_some((Code::UpstreamUnintelligible, Effect::Unknown));
    }
    if is_trouble && (class != Class::Read || known.is_none()) {
        let code = known.map(|(code, _)| code).filter(|code| *code == Code::Throttled);
        return Some((code.unwrap_or(trouble), Effect::Unknown));
    }
    if is_throttled {
        return Some(throttled);
    }
    let is_error = said.is_refused || said.code.is_some();
    match (known, class) {
        // Told in one breath that it went well and that it did not.
        (Some((_, effect)), Class::WriteOnce | Class::WriteWithToken)
            if said.is_confirmed && effect != Effect::Unknown =>
        {
            Some((Code::UpstreamUnintelligible, Effect::Unknown))
        }
        (Some(known), _) => Some(known),
        (None, Class::Read) if is_error => Some((Code::UpstreamRejected, Effect::Refused)),
        (None, Class::WriteOnce) if said.is_refused => Some((Code::UpstreamRejected, Effect::Refused)),
        // Without a token, success is all that there is to tell it by.
        (None, Class::WriteOnce) if answer.json.as_ref().is_some_and(|json| is_doubtful(said, json)) => {
            Some((Code::UpstreamUnintelligible, Effect::Unknown))
        }
        // A code that nobody here knows, a purchase that is said to have failed without a reason, or one that has gone
        // well and yet names nothing.
        (None, Class::WriteWithToken) => Some((Code::UpstreamUnintelligible, Effect::Unknown)),
        (None, _) if is_error || !is_success => Some((Code::UpstreamUnintelligible, Effect::Unknown)),
        (None, _) => None,
    }
}

/// What is known of the codes or the message of an answer. Trouble in one of them counts before a refusal in another.
fn known(action: &str, said: &Said, parameters: &[(String, String)]) -> Option<(Code, Effect)> {
    let user = parameters.iter().find(|(name, _)| name == "UserName").map(|(_, value)| value.as_str());
    // A directory's error may come without a code, at HTTP 200.
    let directory = [&said.code, &said.message].into_iter().flatten().find_map(|text| directory_error(text, user));
    let message = said.message.as_deref().unwrap_or_default();
    let meaning = |code: &str| rules::meaning(action, code, message, parameters);
    let trouble = || said.codes.iter().filter_map(|code| meaning(code)).find(|(_, effect)| *effect == Effect::Unknown);
    directory.or_else(trouble).or_else(|| meaning(said.code.as_deref()?))
}

/// Whether a code, of whatever service, is about trouble that passes or about too many calls.
#[must_use]
pub fn is_passing(code: &str) -> bool {
    rules::meaning("", code, "", &[]).is_some_and(|(_, effect)| matches!(effect, Effect::Busy | Effect::Unknown))
}

/// An answer of success whose members are not what they should be.
#[must_use]
pub fn unreadable(action: &'static str, class: Class, answer: &OpenAnswer<'_>, error: &DecodeError) -> CallError {
    CallError {
        request_id: answer.request_id(),
        ..CallError::without_answer(action, class, Code::UpstreamUnintelligible, Effect::Unreadable, error.to_string())
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
/// Otherwise the one that the meaning of the code is about.
fn blamed(code: &str, ours: Code, parameters: &[(String, String)]) -> Option<String> {
    let mut parts = code.split('.');
    let first = parts.next()?;
    let about = match ours {
        Code::SoldOut => Some("ZoneId"),
        Code::QuotaExceeded => Some("ChargeType"),
        Code::VSwitchUnavailable => Some("VSwitchId"),
        Code::ImageUnavailable => Some("ImageId"),
        Code::UserWithoutEmail => Some("UserName"),
        _ => None,
    };
    let candidates = [parts.next(), first.strip_prefix("Invalid"), first.strip_prefix("Missing"), about];
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
