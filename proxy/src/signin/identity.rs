//! The identity of a signed-in person, from the provider's claims.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use shared::{ids::OwnerId, typed::is_invisible};

use super::{claims, rules::Rules};

/// An identity. It travels in the session cookie, so it holds only what is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// `sub`: unique at the provider, and never reassigned.
    pub subject: String,
    /// The e-mail address in lower case, if it is trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The name that the page shows.
    pub name: String,
    /// The claim rules that matched at sign-in, in their text form. They are compared with the current rules at each
    /// request, so a rule that the operator removes has no effect any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
    /// The account to buy for, from the claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<OwnerId>,
    /// The name of that claim, if one was configured at sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_claim: Option<String>,
    /// The values of claims that the operator wants kept, by the claims' names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claimed: BTreeMap<String, String>,
}

/// A required claim is missing or unusable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the provider's claims have no usable {0}")]
pub struct ClaimMissing(&'static str);

/// The longest subject, in bytes (OpenID Connect Core, section 2).
const MAX_SUBJECT_LENGTH: usize = 255;

/// The longest other claim, in bytes. A cookie holds about 4,000 characters.
const MAX_CLAIM_LENGTH: usize = 200;

/// The most of all kept claims together, in bytes.
const MAX_CLAIMED_LENGTH: usize = 600;

/// What to take from the claims.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The rules whose claims the identity keeps.
    pub rules: &'a Rules,
    /// The claim with the account to buy for.
    pub owner_claim: Option<&'a str>,
    /// The claim with the name to show, if it is not one of the usual ones.
    pub name_claim: Option<&'a str>,
    /// Claims whose values the identity keeps.
    pub kept_claims: &'a [String],
    /// Whether addresses count that the provider has not verified.
    pub trust_email: bool,
}

impl Identity {
    /// The identity in these claims. An e-mail address counts if the provider says that it is verified, or if the
    /// operator trusts the provider's addresses.
    pub fn of(claims: &Map<String, Value>, reading: &Reading<'_>) -> Result<Self, ClaimMissing> {
        let text = |name: &str| claims::text(claims, name);
        // To the letter: with a blank more it is somebody else.
        let subject = claims.get("sub").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        let subject = subject.filter(|text| text.len() <= MAX_SUBJECT_LENGTH).ok_or(ClaimMissing("sub"))?;
        let verified = match claims.get("email_verified") {
            Some(Value::Bool(verified)) => *verified,
            Some(Value::String(verified)) => verified.eq_ignore_ascii_case("true"),
            _ => false,
        };
        let email = text("email").filter(|text| is_address(text) && text.len() <= MAX_CLAIM_LENGTH);
        let email = email.filter(|_| verified || reading.trust_email).map(str::to_lowercase);
        let shown = reading.name_claim.and_then(text).or_else(|| text("name")).or_else(|| text("preferred_username"));
        let shown = shown.or(email.as_deref()).unwrap_or(subject);
        // An unreadable account must not fall back to another account.
        let owner_id = match reading.owner_claim.and_then(|name| claims::find(claims, name)) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.parse().map_err(|_| ClaimMissing("account number"))?),
            Some(Value::Number(number)) => {
                Some(number.to_string().parse().map_err(|_| ClaimMissing("account number"))?)
            }
            Some(_) => return Err(ClaimMissing("account number")),
        };
        Ok(Self {
            subject: subject.to_owned(),
            name: shown.chars().take(MAX_CLAIM_LENGTH / 2).collect(),
            grants: reading.rules.iter().filter(|rule| rule.is_claimed(claims)).map(ToString::to_string).collect(),
            email,
            owner_id,
            owner_claim: reading.owner_claim.map(str::to_owned),
            claimed: claimed(claims, reading.kept_claims),
        })
    }

    /// Whether one of these rules matches.
    #[must_use]
    pub fn fits(&self, rules: &Rules) -> bool {
        rules.fit(self.email.as_deref(), &self.grants)
    }

    /// The name in the journal: the trusted e-mail address for people to read, or else the unique `sub`. A `sub` that
    /// looks like an address is marked, so that nobody is named like somebody else.
    #[must_use]
    pub fn journal_name(&self) -> Cow<'_, str> {
        // Programs are named `token:`, operators by what they run as.
        let is_like_another = |subject: &str| {
            subject.contains(|c: char| c == '@' || is_blank(c))
                || ["sub:", "token:"].iter().any(|kind| subject.starts_with(kind))
        };
        match &self.email {
            Some(email) => email.into(),
            None if is_like_another(&self.subject) => format!("sub:{}", self.subject).into(),
            None => (&self.subject).into(),
        }
    }
}

/// Whether a text is an e-mail address of one domain, which everybody reads alike.
fn is_address(text: &str) -> bool {
    text.matches('@').count() == 1 && !text.contains(is_blank)
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || is_invisible(c)
}

/// The values of these claims, as far as a cookie has room for them.
fn claimed(claims: &Map<String, Value>, names: &[String]) -> BTreeMap<String, String> {
    let mut room = MAX_CLAIMED_LENGTH;
    let mut kept = BTreeMap::new();
    for name in names {
        let one = |found: &Value| match found {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let value = claims::find(claims, name).and_then(|found| match found {
            // Some providers make a list of every attribute.
            Value::Array(items) if items.len() == 1 => one(&items[0]),
            found => one(found),
        });
        let fits = |value: &String| !value.is_empty() && name.len() + value.len() <= room;
        if let Some(value) = value.filter(fits) {
            room -= name.len() + value.len();
            kept.insert(name.clone(), value);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(claims: &Value, trust_email: bool) -> Result<Identity, ClaimMissing> {
        let rules = Rules::default();
        let reading = Reading {
            rules: &rules,
            owner_claim: Some("account"),
            name_claim: Some("who.name"),
            kept_claims: &["organisation.department".to_owned(), "cost_centre".to_owned()],
            trust_email,
        };
        Identity::of(claims.as_object().unwrap(), &reading)
    }

    #[test]
    fn an_address_counts_once_it_was_verified() {
        let check = |verified: Value, trust: bool, expect: &str| {
            let claims = json!({ "sub": "7", "email": "Ann@Example.com", "email_verified": verified });
            assert_eq!(of(&claims, trust).unwrap().journal_name(), expect, "{claims}");
        };
        check(json!(true), false, "ann@example.com");
        check(json!("true"), false, "ann@example.com");
        check(json!(false), false, "7");
        check(json!(null), false, "7");
        check(json!(null), true, "ann@example.com");
    }

    #[test]
    fn the_account_to_buy_for_is_the_claims() {
        let check = |account: Value, expect: Option<Option<&str>>| {
            let found = of(&json!({ "sub": "7", "account": account }), false).ok();
            let found = found.map(|identity| identity.owner_id.map(|id| id.to_string()));
            assert_eq!(found, expect.map(|id| id.map(str::to_owned)), "{account}");
        };
        check(json!("1234567890123456"), Some(Some("1234567890123456")));
        check(json!(42), Some(Some("42")));
        check(json!(null), Some(None));
        check(json!("me"), None);
        check(json!(["42"]), None);
    }

    #[test]
    fn nobody_is_named_like_somebody_else() {
        let check = |claims: Value, shown: &str, journal: &str| {
            let identity = of(&claims, false).unwrap();
            assert_eq!((identity.name.as_str(), &*identity.journal_name()), (shown, journal), "{claims}");
        };
        check(json!({ "sub": "7", "name": "Ann", "who": { "name": "Ann Lee" } }), "Ann Lee", "7");
        check(json!({ "sub": "7", "name": 7, "preferred_username": "ann" }), "ann", "7");
        check(json!({ "sub": "ann@example.com" }), "ann@example.com", "sub:ann@example.com");
        check(json!({ "sub": "token:terraform" }), "token:terraform", "sub:token:terraform");
        check(json!({ "sub": "sub:token:terraform" }), "sub:token:terraform", "sub:sub:token:terraform");
        check(json!({ "sub": " 7" }), " 7", "sub: 7");
        check(json!({ "sub": "7\u{200b}" }), "7\u{200b}", "sub:7\u{200b}");
        for odd in ["ann@evil@example.com", "ann\n@example.com", "ann \u{200b}@example.com", "ann"] {
            check(json!({ "sub": "7", "email": odd, "email_verified": true }), "7", "7");
        }
    }

    #[test]
    fn claims_for_the_form_are_kept_as_far_as_there_is_room() {
        let check = |department: Value, cost_centre: Value, expect: &[(&str, &str)]| {
            let claims =
                json!({ "sub": "7", "organisation": { "department": department }, "cost_centre": cost_centre });
            let expect = expect.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(of(&claims, false).unwrap().claimed, expect, "{claims}");
        };
        check(json!(" IT "), json!(4711), &[("organisation.department", "IT"), ("cost_centre", "4711")]);
        check(json!(["IT"]), json!(["a", "b"]), &[("organisation.department", "IT")]);
        check(json!("x".repeat(600)), json!("4711"), &[("cost_centre", "4711")]);
        check(json!(null), json!(""), &[]);
    }

    #[test]
    fn a_subject_is_required() {
        assert_eq!(of(&json!({ "email": "a@example.com" }), true), Err(ClaimMissing("sub")));
        assert!(of(&json!({ "sub": "x".repeat(255) }), true).is_ok());
        assert_eq!(of(&json!({ "sub": "x".repeat(256) }), true), Err(ClaimMissing("sub")));
    }

    #[test]
    fn rules_match_email_domain_and_claims() {
        let check = |rule: &str, claims: Value, expect: bool| {
            let rules: Rules = [rule.parse().unwrap()].into_iter().collect();
            let reading =
                Reading { rules: &rules, owner_claim: None, name_claim: None, kept_claims: &[], trust_email: false };
            let identity = Identity::of(claims.as_object().unwrap(), &reading).unwrap();
            assert_eq!(identity.fits(&rules), expect, "{rule} {claims}");
        };
        let ann = json!({ "sub": "1", "email": "Ann@Example.com", "email_verified": true, "groups": ["a", "buyers"] });
        check("*", json!({ "sub": "1" }), true);
        check("ann@example.com", ann.clone(), true);
        check("bob@example.com", ann.clone(), false);
        check("@example.com", ann.clone(), true);
        check("@ample.com", ann.clone(), false);
        check("@example.com", json!({ "sub": "1", "email": "ann@sub.example.com", "email_verified": true }), false);
        check("@example.com", json!({ "sub": "1", "email": "ann@example.com" }), false);
        check("@example.com", json!({ "sub": "1", "email": "ann@example.com", "email_verified": false }), false);
        check("@example.com", json!({ "sub": "ann@example.com" }), false);
        check("groups=buyers", ann.clone(), true);
        check("groups=buy", ann.clone(), false);
        check("groups=Buyers", ann, false);
        check("role=buyer", json!({ "sub": "1", "role": "buyer" }), true);
        check("staff=true", json!({ "sub": "1", "staff": true }), true);
        check("role=buyer", json!({ "sub": "1", "role": { "buyer": "buyer" } }), false);
        check("role=buyer", json!({ "sub": "1" }), false);
    }
}
