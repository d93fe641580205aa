//! What a receiver's answer says: whether it has taken the message. Robots say HTTP 200 also where they have not.

use std::time::Duration;

use axum::{
    body::Bytes,
    http::{Response, StatusCode, header},
};
use jiff::Timestamp;
use orders::DeliveryFault;
use serde_json::Value;

use super::Kind;

/// The pause after a robot's rate limit. It counts by the minute.
const RATE_LIMIT_PAUSE: Duration = Duration::from_mins(1);
/// The pause after that of `DingTalk`, which then takes nothing for ten minutes.
const DINGTALK_PAUSE: Duration = Duration::from_mins(10);
/// The codes of robots that mean too many messages: of `DingTalk`, and those of `WeCom` and of Feishu.
const DINGTALK_RATE_LIMITED: i64 = 130_101;
const RATE_LIMITED: [i64; 3] = [45_009, 9_499, 11_232];
/// Characters of a robot's own words that are kept.
const LONGEST_WORDS: usize = 200;

/// Whether the message was taken.
pub(super) fn read(kind: Kind, answer: &Response<Bytes>) -> Result<(), DeliveryFault> {
    let status = answer.status();
    if !status.is_success() {
        let may_ask = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status);
        let asked = answer.headers().get(header::RETRY_AFTER).filter(|_| may_ask);
        let retry_after = asked.and_then(|value| cloud::retry_after(value.to_str().ok()?, Timestamp::now()));
        let redirect = if status.is_redirection() { ", which is not followed" } else { "" };
        let text = format!("answered HTTP {}{redirect}", status.as_u16());
        return Err(DeliveryFault { text, retry_after, is_throttled: status == StatusCode::TOO_MANY_REQUESTS });
    }
    let names: [&str; 2] = match kind {
        Kind::Webhook => return Ok(()),
        Kind::DingTalk | Kind::WeCom => ["errcode", "errmsg"],
        Kind::Feishu => ["code", "msg"],
    };
    let fault = |text| DeliveryFault { text, retry_after: None, is_throttled: false };
    let members: Value = serde_json::from_slice(answer.body())
        .map_err(|_| fault("answered HTTP 200 with what is no JSON, as no robot does".to_owned()))?;
    // An earlier form of Feishu's answer.
    let code = members.get(names[0]).or_else(|| members.get("StatusCode").filter(|_| kind == Kind::Feishu));
    let code = code.and_then(|code| code.as_i64().or_else(|| code.as_str()?.parse().ok()));
    match code {
        Some(0) => Ok(()),
        Some(code) => {
            let said: String = members[names[1]].as_str().unwrap_or_default().chars().take(LONGEST_WORDS).collect();
            let said = said.replace(char::is_control, " ");
            let retry_after = match code {
                DINGTALK_RATE_LIMITED => Some(DINGTALK_PAUSE),
                code => RATE_LIMITED.contains(&code).then_some(RATE_LIMIT_PAUSE),
            };
            let text = format!("answered {} {code}: {said}", names[0]);
            Err(DeliveryFault { text, retry_after, is_throttled: retry_after.is_some() })
        }
        None => Err(fault(format!("answered HTTP 200 without {}", names[0]))),
    }
}
