//! The ID token: its signature (JWS) and the claims that decide whether it is for this sign-in (OpenID Connect Core,
//! section 3.1.3.7). Only those claims have a type here. All others are the provider's to spell.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use cloud::Secret;
use jiff::Timestamp;
use ring::{
    hmac,
    signature::{self, RsaPublicKeyComponents, UnparsedPublicKey},
};
use serde_json::{Map, Value};

/// A public key of the provider (JWK). Members that verification does not use are not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    id: Option<String>,
    algorithm: Option<String>,
    material: Material,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// The uncompressed point.
    Elliptic {
        curve: Curve,
        point: Vec<u8>,
    },
    Edwards(Vec<u8>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Curve {
    P256,
    P384,
}

/// What a token has to fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    /// Now, in seconds since 1970 UTC.
    pub(super) now: i64,
}

/// Why a token is not believed. The texts contain names that the provider gave, and no other values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TokenError {
    #[error("it is not a signed token")]
    Malformed,
    #[error("it is signed by the method {0}, which is not supported")]
    Algorithm(String),
    /// The keys may have changed since they were fetched.
    #[error("its signature is not the provider's")]
    Signature,
    #[error("it is of the issuer {found}, and not of {expected}")]
    Issuer { found: String, expected: String },
    #[error("it is for another client")]
    Audience,
    #[error("it was issued to another client (azp)")]
    AuthorizedParty,
    #[error("it has expired")]
    Expired,
    #[error("it is not valid yet (nbf)")]
    NotYet,
    #[error("it was made for another sign-in (nonce)")]
    Nonce,
    #[error("it has no usable {0}")]
    Missing(&'static str),
}

/// Difference between the provider's clock and ours that does not matter, in seconds.
const CLOCK_SKEW: i64 = 60;
/// The longest name of the provider's in a log line.
const MAX_SHOWN: usize = 200;

impl Key {
    /// The key in this JWK. `None` if it is not for signatures, or of a kind that is not supported.
    pub(super) fn of(jwk: &Value) -> Option<Self> {
        // Empty is as good as absent.
        let text = |name: &str| jwk.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let bytes = |name: &str| BASE64.decode(text(name)?.trim_end_matches('=')).ok();
        if text("use").is_some_and(|usage| usage == "enc") {
            return None;
        }
        let material = match (text("kty")?, text("crv")) {
            ("RSA", _) => {
                Material::Rsa { n: without_leading_zeros(bytes("n")?), e: without_leading_zeros(bytes("e")?) }
            }
            ("EC", Some("P-256")) => elliptic(Curve::P256, 32, &bytes("x")?, &bytes("y")?)?,
            ("EC", Some("P-384")) => elliptic(Curve::P384, 48, &bytes("x")?, &bytes("y")?)?,
            ("OKP", Some("Ed25519")) => Material::Edwards(bytes("x")?),
            _ => return None,
        };
        Some(Self { id: text("kid").map(str::to_owned), algorithm: text("alg").map(str::to_owned), material })
    }

    /// Whether the signature is this key's.
    fn verifies(&self, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Rsa { n, e } => {
                let scheme = match algorithm {
                    "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
                    "RS384" => &signature::RSA_PKCS1_2048_8192_SHA384,
                    "RS512" => &signature::RSA_PKCS1_2048_8192_SHA512,
                    "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
                    "PS384" => &signature::RSA_PSS_2048_8192_SHA384,
                    "PS512" => &signature::RSA_PSS_2048_8192_SHA512,
                    _ => return false,
                };
                RsaPublicKeyComponents { n, e }.verify(scheme, signed, signature).is_ok()
            }
            Material::Elliptic { curve, point } => {
                let scheme = match (algorithm, curve) {
                    ("ES256", Curve::P256) => &signature::ECDSA_P256_SHA256_FIXED,
                    ("ES384", Curve::P384) => &signature::ECDSA_P384_SHA384_FIXED,
                    _ => return false,
                };
                UnparsedPublicKey::new(scheme, point).verify(signed, signature).is_ok()
            }
            Material::Edwards(key) => {
                algorithm == "EdDSA"
                    && UnparsedPublicKey::new(&signature::ED25519, key).verify(signed, signature).is_ok()
            }
        }
    }
}

/// ring wants numbers without leading zeros. Some providers pad them.
fn without_leading_zeros(bytes: Vec<u8>) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes[zeros..].to_vec()
}

fn elliptic(curve: Curve, length: usize, x: &[u8], y: &[u8]) -> Option<Material> {
    let fits = x.len() == length && y.len() == length;
    fits.then(|| Material::Elliptic { curve, point: [&[4], x, y].concat() })
}

/// The claims of a token that is signed by one of the keys, or by the client's secret (HS256).
pub(super) fn verify(token: &str, keys: &[Key], secret: Option<&Secret>) -> Result<Map<String, Value>, TokenError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (head, payload) = signed.split_once('.').ok_or(TokenError::Malformed)?;
    let object = |part: &str| serde_json::from_slice::<Map<String, Value>>(&BASE64.decode(part).ok()?).ok();
    let head = object(head).ok_or(TokenError::Malformed)?;
    let signature = BASE64.decode(signature).map_err(|_| TokenError::Malformed)?;
    let algorithm = head.get("alg").and_then(Value::as_str).unwrap_or_default();
    // An extension that has to be understood (RFC 7515, section 4.1.11), and none is.
    if head.contains_key("crit") {
        return Err(TokenError::Algorithm("with extensions (crit)".to_owned()));
    }
    let is_signed = match algorithm {
        "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "EdDSA" => {
            let id = head.get("kid").and_then(Value::as_str).filter(|id| !id.is_empty());
            let named = |key: &&Key| id.is_none() || key.id.is_none() || key.id.as_deref() == id;
            let fits = |key: &&Key| key.algorithm.as_deref().is_none_or(|only| only == algorithm);
            keys.iter().filter(named).filter(fits).any(|key| key.verifies(algorithm, signed.as_bytes(), &signature))
        }
        // The provider's public keys are never taken for secrets.
        "HS256" => secret.is_some_and(|secret| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
            hmac::verify(&key, signed.as_bytes(), &signature).is_ok()
        }),
        other => return Err(TokenError::Algorithm(shown(other))),
    };
    if !is_signed {
        return Err(TokenError::Signature);
    }
    object(payload).ok_or(TokenError::Malformed)
}

/// Checks that the claims of a verified token are for this sign-in.
pub(super) fn check(claims: &Map<String, Value>, expected: Expected<'_>) -> Result<(), TokenError> {
    let issuer = claims.get("iss").and_then(Value::as_str).ok_or(TokenError::Missing("iss"))?;
    if issuer != expected.issuer {
        return Err(TokenError::Issuer { found: shown(issuer), expected: expected.issuer.to_owned() });
    }
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => return Err(TokenError::Missing("aud")),
    };
    if !audiences.contains(&expected.client_id) {
        return Err(TokenError::Audience);
    }
    match claims.get("azp") {
        // With several audiences only `azp` says which of them asked for the token.
        None | Some(Value::Null) if audiences.iter().all(|audience| *audience == expected.client_id) => {}
        Some(Value::String(party)) if party == expected.client_id => {}
        _ => return Err(TokenError::AuthorizedParty),
    }
    let expires = claims.get("exp").and_then(seconds).ok_or(TokenError::Missing("exp"))?;
    if expires.saturating_add(CLOCK_SKEW) <= expected.now {
        return Err(TokenError::Expired);
    }
    match claims.get("nbf") {
        None | Some(Value::Null) => {}
        // A restriction that cannot be read is not ignored.
        Some(from) => {
            let from = seconds(from).ok_or(TokenError::Missing("nbf"))?;
            if from > expected.now.saturating_add(CLOCK_SKEW) {
                return Err(TokenError::NotYet);
            }
        }
    }
    if claims.get("nonce").and_then(Value::as_str) != Some(expected.nonce) {
        return Err(TokenError::Nonce);
    }
    Ok(())
}

/// A time in seconds since 1970 UTC: a number, the text of one, or a date.
fn seconds(value: &Value) -> Option<i64> {
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "saturates, and fractions do not matter")]
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|number| number as i64)),
        Value::String(text) => {
            text.trim().parse().ok().or_else(|| text.trim().parse::<Timestamp>().ok().map(Timestamp::as_second))
        }
        _ => None,
    }
}

/// A name of the provider's for the log, of bounded length and on one line.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use ring::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
    };
    use serde_json::json;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn claims() -> Value {
        json!({ "iss": "https://login.example", "aud": "deskbuy", "sub": "7", "exp": NOW + 300, "nonce": "n" })
    }

    fn judged(changes: &Value) -> Result<(), TokenError> {
        let mut claims = claims();
        for (name, change) in changes.as_object().unwrap() {
            claims[name] = change.clone();
        }
        let expected = Expected { issuer: "https://login.example", client_id: "deskbuy", nonce: "n", now: NOW };
        check(claims.as_object().unwrap(), expected)
    }

    #[test]
    fn a_token_is_for_this_client_and_this_sign_in() {
        let check = |changes: Value, expect: Result<(), TokenError>| assert_eq!(judged(&changes), expect, "{changes}");
        check(json!({}), Ok(()));
        check(json!({ "aud": ["deskbuy"] }), Ok(()));
        check(json!({ "aud": ["deskbuy", "project"], "azp": "deskbuy" }), Ok(()));
        check(json!({ "aud": ["deskbuy", 7], "azp": null }), Ok(()));
        check(json!({ "azp": "deskbuy" }), Ok(()));
        check(json!({ "azp": "other" }), Err(TokenError::AuthorizedParty));
        check(json!({ "azp": "" }), Err(TokenError::AuthorizedParty));
        check(json!({ "azp": ["deskbuy"] }), Err(TokenError::AuthorizedParty));
        check(json!({ "aud": ["deskbuy", "other"], "azp": "other" }), Err(TokenError::AuthorizedParty));
        check(json!({ "aud": ["deskbuy", "other"] }), Err(TokenError::AuthorizedParty));
        check(json!({ "aud": "other", "azp": "deskbuy" }), Err(TokenError::Audience));
        check(json!({ "aud": [] }), Err(TokenError::Audience));
        check(json!({ "aud": null }), Err(TokenError::Missing("aud")));
        check(json!({ "nonce": "m" }), Err(TokenError::Nonce));
        check(json!({ "nonce": null }), Err(TokenError::Nonce));
        check(json!({ "iss": null }), Err(TokenError::Missing("iss")));
        let (found, expected) = ("https://login.example/".to_owned(), "https://login.example".to_owned());
        check(json!({ "iss": found }), Err(TokenError::Issuer { found, expected }));
    }

    #[test]
    fn a_token_has_its_time() {
        let check = |changes: Value, expect: Result<(), TokenError>| assert_eq!(judged(&changes), expect, "{changes}");
        check(json!({ "exp": NOW - 30 }), Ok(()));
        check(json!({ "exp": NOW - 61 }), Err(TokenError::Expired));
        check(json!({ "exp": 1.8e9 }), Ok(()));
        check(json!({ "exp": (NOW + 5).to_string() }), Ok(()));
        check(json!({ "exp": null }), Err(TokenError::Missing("exp")));
        check(json!({ "exp": "soon" }), Err(TokenError::Missing("exp")));
        check(json!({ "nbf": NOW + 30 }), Ok(()));
        check(json!({ "nbf": NOW + 3_600 }), Err(TokenError::NotYet));
        check(json!({ "nbf": (NOW + 3_600).to_string() }), Err(TokenError::NotYet));
        check(json!({ "nbf": "2027-01-15T09:00:00Z" }), Err(TokenError::NotYet));
        check(json!({ "nbf": "2026-01-01T00:00:00Z" }), Ok(()));
        check(json!({ "nbf": "tomorrow" }), Err(TokenError::Missing("nbf")));
        check(json!({ "nbf": null }), Ok(()));
        // None of ours to judge.
        check(json!({ "updated_at": "2026-01-01T00:00:00Z", "amr": "pwd", "iat": "now", "address": "x" }), Ok(()));
    }

    /// A token with this header and the claims, and the signature of `sign`.
    fn token(head: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
        let signed = format!("{}.{}", BASE64.encode(head.to_string()), BASE64.encode(claims().to_string()));
        format!("{signed}.{}", BASE64.encode(sign(signed.as_bytes())))
    }

    #[test]
    fn only_the_providers_signature_counts() {
        let random = SystemRandom::new();
        let pair = |document: &ring::pkcs8::Document| {
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap()
        };
        let generate = || EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let (ours, other) = (pair(&generate()), pair(&generate()));
        let point = ours.public_key().as_ref();
        let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": "one", "x": BASE64.encode(&point[1..33]),
            "y": BASE64.encode(&point[33..]), "x5c": "odd", "key_ops": 7 });
        let edwards = Ed25519KeyPair::from_pkcs8(Ed25519KeyPair::generate_pkcs8(&random).unwrap().as_ref()).unwrap();
        let okp = json!({ "kty": "OKP", "crv": "Ed25519", "x": BASE64.encode(edwards.public_key().as_ref()) });
        let keys: Vec<_> = [&json!({ "kty": "oct" }), &json!(7), &jwk, &okp].into_iter().filter_map(Key::of).collect();
        assert_eq!(keys.len(), 2);
        let secret = Secret::from("a secret of the client");
        let by = |pair: &EcdsaKeyPair, text: &[u8]| pair.sign(&random, text).unwrap().as_ref().to_vec();
        let check = |head: Value, sign: &dyn Fn(&[u8]) -> Vec<u8>, expect: Result<(), TokenError>| {
            let found =
                verify(&token(&head, sign), &keys, Some(&secret)).map(|found| assert_eq!(json!(found), claims()));
            assert_eq!(found, expect, "{head}");
        };
        check(json!({ "alg": "ES256", "kid": "one" }), &|text| by(&ours, text), Ok(()));
        check(json!({ "alg": "ES256", "kid": 7 }), &|text| by(&ours, text), Ok(()));
        check(json!({ "alg": "ES256", "kid": "two" }), &|text| by(&ours, text), Err(TokenError::Signature));
        check(json!({ "alg": "ES256", "kid": "one" }), &|text| by(&other, text), Err(TokenError::Signature));
        check(json!({ "alg": "ES384", "kid": "one" }), &|text| by(&ours, text), Err(TokenError::Signature));
        check(json!({ "alg": "EdDSA" }), &|text| edwards.sign(text).as_ref().to_vec(), Ok(()));
        let none = || Err(TokenError::Algorithm("none".to_owned()));
        check(json!({ "alg": "none" }), &|_| Vec::new(), none());
        check(json!({}), &|_| Vec::new(), Err(TokenError::Algorithm(String::new())));
        let crit = Err(TokenError::Algorithm("with extensions (crit)".to_owned()));
        check(json!({ "alg": "ES256", "kid": "one", "crit": ["b64"] }), &|text| by(&ours, text), crit);
        let hmac_by =
            |key: &[u8], text: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec();
        check(json!({ "alg": "HS256" }), &|text| hmac_by(secret.expose().as_bytes(), text), Ok(()));
        // A public key, taken for a secret.
        check(json!({ "alg": "HS256" }), &|text| hmac_by(point, text), Err(TokenError::Signature));
        for malformed in ["", "a.b", "a.b.c", "e30.e30.", "..."] {
            assert!(verify(malformed, &keys, None).is_err(), "{malformed}");
        }
    }
}
