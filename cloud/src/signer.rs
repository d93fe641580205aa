//! The RPC signature, version 1.0: from an action's parameters to the signed list that goes on the wire. No clock and
//! no randomness here; each attempt brings its own timestamp and nonce.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hmac::{Hmac, KeyInit, Mac};
use memchr::memchr3;
use percent_encoding::percent_encode_byte;
use sha1::Sha1;

use super::access_key::AccessKey;

/// How parameters travel; the method is part of what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// In the query.
    Get,
    /// In a form body.
    Post,
}

impl Method {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// What is new on every attempt.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// `SignatureNonce`: used once and never again.
    pub nonce: String,
    /// `Timestamp`: UTC, `yyyy-MM-ddTHH:mm:ssZ`, no fraction of a second.
    pub timestamp: String,
}

impl Stamp {
    /// The stamp of a moment, by the upstream's clock.
    #[must_use]
    pub fn new(nonce: uuid::Uuid, time: jiff::Timestamp) -> Self {
        // Without a fraction, a time is written in this very form.
        let second = jiff::Timestamp::from_second(time.as_second()).unwrap_or(time);
        Self { nonce: nonce.to_string(), timestamp: second.to_string() }
    }
}

/// The parameters with the common ones and the `Signature` added, form-encoded: the query of a GET, the body of a
/// POST. `parameters` already hold `Action`, `Version` and `RegionId`.
#[must_use]
pub fn sign(
    method: Method,
    parameters: &[(String, String)],
    credentials: &AccessKey,
    Stamp { nonce, timestamp }: Stamp,
) -> String {
    let mut all: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if !parameters.iter().any(|(name, _)| name == "Format") {
        // The upstream's own default is XML.
        all.push(("Format", "JSON"));
    }
    all.extend([
        ("AccessKeyId", credentials.access_key_id.expose()),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureVersion", "1.0"),
        ("SignatureNonce", &nonce),
        ("Timestamp", &timestamp),
    ]);
    all.extend(credentials.security_token.as_ref().map(|token| ("SecurityToken", token.expose())));
    let mut signed = canonical(&mut all);
    let signature = signature(&string_to_sign(method, &signed), credentials);
    signed.push_str("&Signature=");
    encode(&mut signed, &signature);
    signed
}

/// The parameters sorted by name, percent-encoded and joined. This is valid form encoding too, so what is signed and
/// what is sent are one and the same text.
fn canonical(parameters: &mut [(&str, &str)]) -> String {
    parameters.sort_unstable();
    let mut canonical = String::with_capacity(USUAL_LENGTH);
    for (name, value) in parameters {
        if !canonical.is_empty() {
            canonical.push('&');
        }
        encode(&mut canonical, name);
        canonical.push('=');
        encode(&mut canonical, value);
    }
    canonical
}

fn string_to_sign(method: Method, canonical: &str) -> String {
    let mut text = String::with_capacity(2 * USUAL_LENGTH);
    text.push_str(method.as_str());
    text.push_str("&%2F&");
    encode_again(&mut text, canonical);
    text
}

/// Encodes once more. Three characters are left for it, which encoding and joining have put there.
fn encode_again(to: &mut String, canonical: &str) {
    let mut rest = canonical;
    while let Some(place) = memchr3(b'%', b'&', b'=', rest.as_bytes()) {
        let (plain, other) = rest.split_at(place);
        let (encoded, left) = other.split_at(1);
        to.push_str(plain);
        to.extend(encoded.bytes().map(percent_encode_byte));
        rest = left;
    }
    to.push_str(rest);
}

fn signature(text: &str, credentials: &AccessKey) -> String {
    let key = [credentials.access_key_secret.expose(), "&"].concat();
    // HMAC takes keys of any length, so there is no key that this could refuse.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key.as_bytes()) else { return String::new() };
    mac.update(text.as_bytes());
    BASE64.encode(mac.finalize().into_bytes())
}

/// Room for what most calls send, so that the text seldom has to move while it grows.
const USUAL_LENGTH: usize = 512;

/// The unreserved characters of RFC 3986.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = u8::MAX;
    while byte > 0 {
        plain[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
        byte -= 1;
    }
    plain
};

/// Appends a text with all but the unreserved characters encoded. Most of what is sent is plain.
fn encode(to: &mut String, text: &str) {
    let mut rest = text;
    while let Some(plain) = rest.bytes().position(|byte| !PLAIN[usize::from(byte)]) {
        let (plain, other) = rest.split_at(plain);
        let (encoded, left) = other.split_at(other.chars().next().map_or(0, char::len_utf8));
        to.push_str(plain);
        to.extend(encoded.bytes().map(percent_encode_byte));
        rest = left;
    }
    to.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn credentials(id: &str, secret: &str, token: Option<&str>) -> AccessKey {
        AccessKey { access_key_id: id.into(), access_key_secret: secret.into(), security_token: token.map(Into::into) }
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn signature_of(signed: &str) -> String {
        form_urlencoded::parse(signed.as_bytes()).find(|(name, _)| name == "Signature").unwrap().1.into_owned()
    }

    #[test]
    fn published_vectors() {
        let check = |method, key: &AccessKey, nonce: &str, timestamp: &str, list: &[(&str, &str)], expect: &str| {
            let stamp = Stamp { nonce: nonce.into(), timestamp: timestamp.into() };
            assert_eq!(signature_of(&sign(method, &pairs(list), key, stamp)), expect);
        };
        check(
            Method::Get,
            &credentials("testid", "testsecret", None),
            "edb2b34af0af9a6d14deaf7c1a5315eb",
            "2023-03-13T08:34:30Z",
            &[("Action", "DescribeDedicatedHosts"), ("RegionId", "cn-beijing"), ("Version", "2014-05-26")],
            "9NaGiOspFP5UPcwX8Iwt2YJXXuk=",
        );
        check(
            Method::Get,
            &credentials("testid", "testsecret", None),
            "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
            "2016-02-23T12:46:24Z",
            &[("Action", "DescribeRegions"), ("Format", "XML"), ("Version", "2014-05-26")],
            "OLeaidS1JvxuMvnyHOwuJ+uX5qY=",
        );
        check(
            Method::Get,
            &credentials("testId", "testSecret", None),
            "45e25e9b-0a6f-4070-8c85-2956eda1b466",
            "2017-07-12T02:42:19Z",
            &[
                ("Action", "SendSms"),
                ("Format", "XML"),
                ("OutId", "123"),
                ("PhoneNumbers", "15300000001"),
                ("RegionId", "cn-hangzhou"),
                ("SignName", "阿里云短信测试专用"),
                ("TemplateCode", "SMS_71390007"),
                ("TemplateParam", r#"{"customer":"test"}"#),
                ("Version", "2017-05-25"),
            ],
            "zJDF+Lrzhj/ThnlvIToysFRq6t4=",
        );
        check(
            Method::Post,
            &credentials("STS.testid", "stssecret", Some("CAIS+tok/en==")),
            "133ca8ff3b57ef7c1f926238d9f19067",
            "2018-06-01T08:00:00Z",
            &[
                ("Action", "CreateUser"),
                ("Email", "a+b'c@例子.com"),
                ("UserName", "张 三*~"),
                ("Version", "2017-03-01"),
            ],
            "1iCK9/k0o2RNmyY7B9DMiCUe71M=",
        );
    }

    #[test]
    fn the_text_that_is_signed() {
        let mut list = [
            ("Action", "DescribeDedicatedHosts"),
            ("Version", "2014-05-26"),
            ("RegionId", "cn-beijing"),
            ("Format", "JSON"),
            ("AccessKeyId", "testid"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
            ("SignatureNonce", "edb2b34af0af9a6d14deaf7c1a5315eb"),
            ("Timestamp", "2023-03-13T08:34:30Z"),
        ];
        assert_eq!(
            string_to_sign(Method::Get, &canonical(&mut list)),
            "GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeDedicatedHosts%26Format%3DJSON%26RegionId%3Dcn-beijing\
             %26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3Dedb2b34af0af9a6d14deaf7c1a5315eb\
             %26SignatureVersion%3D1.0%26Timestamp%3D2023-03-13T08%253A34%253A30Z%26Version%3D2014-05-26"
        );
    }

    proptest! {
        /// Whatever the values are, who reads the form gets the very parameters back, and each once.
        #[test]
        fn what_is_sent_reads_back(values in proptest::collection::btree_map("[A-Z][a-z]{1,8}x", any::<String>(), 0..8)) {
            let parameters: Vec<_> = values.clone().into_iter().collect();
            let stamp = Stamp { nonce: "n".into(), timestamp: "t".into() };
            let signed = sign(Method::Post, &parameters, &credentials("id", "secret", None), stamp);
            prop_assert!(signed.is_ascii() && !signed.contains('+'));
            let (mut again, mut all) = (String::new(), String::new());
            encode_again(&mut again, &signed);
            encode(&mut all, &signed);
            prop_assert_eq!(again, all);
            let read: Vec<_> = form_urlencoded::parse(signed.as_bytes()).into_owned().collect();
            prop_assert_eq!(read.len(), values.len() + 7);
            for (name, value) in &parameters {
                prop_assert!(read.contains(&(name.clone(), value.clone())));
            }
        }
    }
}
