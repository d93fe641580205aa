//! Fuzz targets: what is signed, and what is made of answers.

use http::HeaderMap;
use jiff::Timestamp;
use proptest::{collection::btree_map, prelude::*, test_runner::TestCaseResult};
use shared::{Action, actions::NAMES, with_action};

use super::{
    access_key::AccessKey,
    answer::{OpenAnswer, RawAnswer},
    decode::decode,
    errors::classify,
    json::Json,
    signer::{Method, Stamp, sign},
};
use fuzz::{edited, run};

/// The signature by the vendor's description, written once more: sort, encode, join, encode again, HMAC.
fn reference(method: &str, pairs: &[(String, String)], secret: &str) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use hmac::{Hmac, KeyInit, Mac};
    fn encode(text: &str) -> String {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        let character = |byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        text.bytes().map(character).collect()
    }
    let mut pairs: Vec<_> = pairs.iter().filter(|(name, _)| name != "Signature").collect();
    pairs.sort_by(|(a, _), (b, _)| a.as_bytes().cmp(b.as_bytes()));
    let joined = pairs.iter().map(|(name, value)| encode(name) + "=" + &encode(value)).collect::<Vec<_>>().join("&");
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(format!("{secret}&").as_bytes()).unwrap();
    mac.update(format!("{method}&%2F&{}", encode(&joined)).as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

#[test]
fn canonicalisation() {
    // Names in which every order of sorting differs from the next, and any values.
    let pairs = btree_map("[A-Za-z0-9_.~%é ]{1,12}x", any::<String>(), 0..10);
    let inputs = (pairs, any::<String>(), proptest::option::of(any::<String>()), any::<bool>());
    run("canonicalisation", &inputs, |(pairs, secret, token, by_get)| {
        let (method, name) = if by_get { (Method::Get, "GET") } else { (Method::Post, "POST") };
        let credentials = AccessKey {
            access_key_id: "id".into(),
            access_key_secret: secret.as_str().into(),
            security_token: token.as_deref().map(Into::into),
        };
        let stamp = Stamp { nonce: "n".to_owned(), timestamp: "t".to_owned() };
        let pairs: Vec<_> = pairs.into_iter().collect();
        let signed = sign(method, &pairs, &credentials, stamp);
        prop_assert!(signed.bytes().all(|byte| byte.is_ascii_graphic()));
        let read: Vec<_> = form_urlencoded::parse(signed.as_bytes()).into_owned().collect();
        for pair in &pairs {
            prop_assert!(read.contains(pair), "{:?} is lost", pair);
        }
        prop_assert_eq!(read.len(), pairs.len() + 7 + usize::from(token.is_some()));
        let signature = read.iter().find(|(name, _)| name == "Signature").map(|(_, value)| value.clone());
        prop_assert_eq!(signature, Some(reference(name, &read, &secret)));
        Ok(())
    });
}

const ANSWERS: &[&str] = &[
    r#"{"RequestId":"R-1","Zones":{"Zone":[{"ZoneId":"cn-hangzhou-b","LocalName":" B ","ZoneType":"x"}]}}"#,
    r#"{"RequestId":"R-1","zones":"[{\"zoneid\":\"cn-hangzhou-b\"},{\"ZoneId\":\"c\"}]"}"#,
    r#"{"Code":200,"Data":[{"TypeItemId":"desktop.n1.small","Cpu":"2","Memory":4,"Gpu":null,"SysDiskSize":"80"}]}"#,
    r#"{"Total":"1","Page":1,"Images":{"Image":[{"ImageId":"m-1","ImageDesciption":"x","Process":"100%"}]}}"#,
    r#"{"Owner":{"OwnerVpcId":"vpc-1","Status":"Active","AdType":""},"Code":"Success"}"#,
    r#"{"Users":[{"UserName":"zhang.san","Email":"SECRET-VALUE"},{"Name":"李四"}]}"#,
    r#"{"TotalCount":1,"VSwitches":{"VSwitch":{"VSwitchId":"v","ZoneId":"z","VpcId":"p","IsDefault":"1"}}}"#,
    r#"{"Available":"true","RequestId":"R-1"}"#,
    r#"{"OrderId":123456789012345678901234567890,"DesktopId":["d-1"],"RequestId":"R-1"}"#,
    r#"{"Code":"Throttling.User","Message":"Request was denied SECRET-VALUE","HostId":"h","RequestId":"R-1"}"#,
    r#"{"Code":"InvalidParameter.ZoneId","Message":"SECRET-VALUE is not valid","RequestId":"R-1"}"#,
    r#"{"Message":"Create user #SECRET-VALUE# failed！","Code":"OK"}"#,
    r#"{"Code":"SignatureDoesNotMatch","Message":"server string to sign is:GET&%2F&SECRET-VALUE"}"#,
    "<html><body>502 Bad Gateway</body></html>",
    "",
];
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "\\u0000",
    "\\ud800",
    "\"Zone\":",
    "\"Code\":",
    "\"Message\":",
    "\"RequestId\":",
    "SECRET-VALUE",
    "[[[[[[[[",
    "{\"a\":{\"a\":",
    "\\\"",
    "！",
    "9999999999999999999",
];

#[test]
fn decoder() {
    let inputs = (edited(ANSWERS, WORDS), proptest::sample::select(NAMES), 100..600_u16);
    run("decoder", &inputs, |(body, name, status)| {
        let raw = RawAnswer::new(status, &HeaderMap::new(), body.into(), Timestamp::UNIX_EPOCH);
        with_action!(name, A => judge::<A>(&raw.open()), _ => Ok(()))
    });
}

/// Whatever comes is read or refused; what was read reads the same once more; and nothing that was sent is in what is
/// told of it.
fn judge<A: Action>(answer: &OpenAnswer<'_>) -> TestCaseResult {
    let sent = ["UserName", "ZoneId"].map(|name| (name.to_owned(), "SECRET-VALUE".to_owned()));
    if let Some(error) = classify(A::NAME, A::CLASS, answer, &sent) {
        // The identifier of its own answer is the upstream's to choose.
        let error = super::CallError { request_id: None, ..error };
        let told = format!("{error} {error:?} {:?}", error.problem());
        prop_assert!(!told.contains("SECRET-VALUE"), "{}", told);
    }
    let Some(json) = &answer.json else { return Ok(()) };
    match decode::<A>(json) {
        Ok(value) => {
            let mut canonical = serde_json::to_value(&value).unwrap();
            if let Some(members) = canonical.as_object_mut() {
                // Our own count. What was left out of the list is not there the second time.
                members.remove("Skipped");
            }
            let written = canonical.to_string();
            let again =
                decode::<A>(&Json::read(written.as_bytes()).unwrap()).map(|value| serde_json::to_value(value).unwrap());
            prop_assert_eq!(again, Ok(canonical));
        }
        Err(error) => prop_assert!(!error.to_string().contains("SECRET-VALUE"), "{}", error),
    }
    Ok(())
}
