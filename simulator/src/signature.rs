//! The RPC signature, version 1.0, from the gateway's side. The client's signer is implemented separately on purpose,
//! so that neither implementation can hide a bug of the other.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;

/// The parameter that the signature does not cover.
const SIGNATURE: &str = "Signature";

/// Everything but `A-Z a-z 0-9 - _ . ~` is encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The string that client and gateway both sign: the method, and all parameters but the signature, sorted by name.
/// Includes empty values, since one of the official clients sends some.
pub(crate) fn string_to_sign(method: &str, parameters: &[(String, String)]) -> String {
    let mut signed: Vec<_> = parameters.iter().filter(|(name, _)| name != SIGNATURE).collect();
    signed.sort_unstable();
    let joined: Vec<String> =
        signed.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    format!("{method}&{}&{}", encode("/"), encode(&joined.join("&")))
}

/// Whether the signature, in Base64, is valid for this secret. Compares in constant time.
pub(crate) fn is_valid(signature: &str, string_to_sign: &str, secret: &str) -> bool {
    let Ok(signature) = BASE64_STANDARD.decode(signature) else { return false };
    // HMAC accepts keys of any length, so this does not fail.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(format!("{secret}&").as_bytes()) else { return false };
    mac.update(string_to_sign.as_bytes());
    mac.verify_slice(&signature).is_ok()
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Vector {
        method: &'static str,
        id: &'static str,
        secret: &'static str,
        parameters: &'static [(&'static str, &'static str)],
        signature: &'static str,
    }

    fn vectors() -> [Vector; 4] {
        [
            Vector {
                method: "GET",
                id: "testid",
                secret: "testsecret",
                parameters: &[
                    ("Action", "DescribeDedicatedHosts"),
                    ("Format", "JSON"),
                    ("RegionId", "cn-beijing"),
                    ("SignatureNonce", "edb2b34af0af9a6d14deaf7c1a5315eb"),
                    ("Timestamp", "2023-03-13T08:34:30Z"),
                    ("Version", "2014-05-26"),
                ],
                signature: "9NaGiOspFP5UPcwX8Iwt2YJXXuk=",
            },
            Vector {
                method: "GET",
                id: "testid",
                secret: "testsecret",
                parameters: &[
                    ("Action", "DescribeRegions"),
                    ("Format", "XML"),
                    ("SignatureNonce", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"),
                    ("Timestamp", "2016-02-23T12:46:24Z"),
                    ("Version", "2014-05-26"),
                ],
                signature: "OLeaidS1JvxuMvnyHOwuJ+uX5qY=",
            },
            Vector {
                method: "GET",
                id: "testId",
                secret: "testSecret",
                parameters: &[
                    ("Action", "SendSms"),
                    ("Format", "XML"),
                    ("OutId", "123"),
                    ("PhoneNumbers", "15300000001"),
                    ("RegionId", "cn-hangzhou"),
                    ("SignName", "阿里云短信测试专用"),
                    ("SignatureNonce", "45e25e9b-0a6f-4070-8c85-2956eda1b466"),
                    ("TemplateCode", "SMS_71390007"),
                    ("TemplateParam", "{\"customer\":\"test\"}"),
                    ("Timestamp", "2017-07-12T02:42:19Z"),
                    ("Version", "2017-05-25"),
                ],
                signature: "zJDF+Lrzhj/ThnlvIToysFRq6t4=",
            },
            Vector {
                method: "POST",
                id: "STS.testid",
                secret: "stssecret",
                parameters: &[
                    ("Action", "CreateUser"),
                    ("Email", "a+b'c@例子.com"),
                    ("Format", "JSON"),
                    ("SecurityToken", "CAIS+tok/en=="),
                    ("SignatureNonce", "133ca8ff3b57ef7c1f926238d9f19067"),
                    ("Timestamp", "2018-06-01T08:00:00Z"),
                    ("UserName", "张 三*~"),
                    ("Version", "2017-03-01"),
                ],
                signature: "1iCK9/k0o2RNmyY7B9DMiCUe71M=",
            },
        ]
    }

    fn text_of(vector: &Vector) -> String {
        let common = [
            ("AccessKeyId", vector.id),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
            ("Signature", "?"),
        ];
        let parameters: Vec<_> =
            common.iter().chain(vector.parameters).map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        string_to_sign(vector.method, &parameters)
    }

    #[test]
    fn published_vectors() {
        for vector in vectors() {
            let text = text_of(&vector);
            assert!(is_valid(vector.signature, &text, vector.secret), "{text}");
            assert!(!is_valid(vector.signature, &text, "another"), "{text}");
            assert!(!is_valid(vector.signature, &text.replace("Action", "action"), vector.secret), "{text}");
        }
    }

    #[test]
    fn published_text() {
        assert_eq!(
            text_of(&vectors()[0]),
            "GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeDedicatedHosts%26Format%3DJSON%26RegionId%3Dcn-beijing\
             %26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3Dedb2b34af0af9a6d14deaf7c1a5315eb\
             %26SignatureVersion%3D1.0%26Timestamp%3D2023-03-13T08%253A34%253A30Z%26Version%3D2014-05-26"
        );
    }

    #[test]
    fn empty_values_are_signed() {
        let parameters = [("SignatureType".to_owned(), String::new()), ("B".to_owned(), "1".to_owned())];
        assert_eq!(string_to_sign("GET", &parameters), "GET&%2F&B%3D1%26SignatureType%3D");
    }

    #[test]
    fn no_text_of_another_kind_is_a_signature() {
        for signature in ["", "=", "not base64!", "AAAA", "9NaGiOspFP5UPcwX8Iwt2YJXXuk", "签名"] {
            assert!(!is_valid(signature, &text_of(&vectors()[0]), "testsecret"), "{signature}");
        }
    }
}
