//! Signatures of messages, each as its receiver's documentation has it. All are HMAC-SHA256 in Base64.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use ring::hmac::{HMAC_SHA256, Key, sign};

/// The beginning of a webhook's secret that is written in Base64, as Standard Webhooks has it.
pub(super) const BASE64_SECRET: &str = "whsec_";

fn hmac(key: &[u8], message: &str) -> String {
    BASE64.encode(sign(&Key::new(HMAC_SHA256, key), message.as_bytes()))
}

/// The key of a webhook's secret. `None` if it says that it is Base64 and is not.
pub(super) fn webhook_key(secret: &str) -> Option<Vec<u8>> {
    match secret.strip_prefix(BASE64_SECRET) {
        Some(encoded) => BASE64.decode(encoded).ok(),
        None => Some(secret.as_bytes().to_vec()),
    }
}

/// Of a webhook (Standard Webhooks 1.0): over identifier, seconds since 1970 and body.
pub(super) fn webhook(secret: &str, id: &str, timestamp: i64, body: &str) -> String {
    let key = webhook_key(secret).unwrap_or_default();
    format!("v1,{}", hmac(&key, &format!("{id}.{timestamp}.{body}")))
}

/// Of `DingTalk`: the secret is the key and a part of the message, after milliseconds since 1970.
pub(super) fn dingtalk(secret: &str, timestamp: i64) -> String {
    hmac(secret.as_bytes(), &format!("{timestamp}\n{secret}"))
}

/// Of Feishu: what `DingTalk` signs is the key here, after seconds since 1970, and the message is empty.
pub(super) fn feishu(secret: &str, timestamp: i64) -> String {
    hmac(format!("{timestamp}\n{secret}").as_bytes(), "")
}
