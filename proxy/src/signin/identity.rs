//! A person, as the provider's claims tell.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use shared::ids::OwnerId;

use super::rules::Rules;

/// A person. It travels in the session cookie, so it holds what is needed and no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// `sub`: never given to another person by the same provider.
    pub subject: String,
    /// The address in lower case, where it can be relied on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What the page calls the person.
    pub name: String,
    /// Those rules about claims that fitted at the sign-in, as they were written. Asked again at each request, so that
    /// a rule that the operator takes away is gone from then on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
    /// The account to buy for, where a claim says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<OwnerId>,
    /// Which claim was asked for it, if any was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_claim: Option<String>,
}

/// A claim that must be there is not, or is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the provider's claims have no usable {0}")]
pub struct ClaimMissing(&'static str);

/// A cookie holds about 4,000 characters.
const LONGEST: usize = 200;

impl Identity {
    /// The person of these claims. An address counts if the provider says that it was verified, or if the operator says
    /// that the provider's addresses can be relied on anyway.
    pub fn of(
        claims: &Map<String, Value>,
        rules: &Rules,
        owner_claim: Option<&str>,
        trust_email: bool,
    ) -> Result<Self, ClaimMissing> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let subject = text("sub").filter(|text| text.len() <= LONGEST).ok_or(ClaimMissing("sub"))?;
        let verified = match claims.get("email_verified") {
            Some(Value::Bool(verified)) => *verified,
            Some(Value::String(verified)) => verified == "true",
            _ => false,
        };
        let email = text("email").filter(|text| text.contains('@') && text.len() <= LONGEST);
        let email = email.filter(|_| verified || trust_email).map(str::to_lowercase);
        let shown = text("name").or_else(|| text("preferred_username")).or(email.as_deref()).unwrap_or(subject);
        // Whose claim cannot be read must not buy for another's account by error.
        let owner_id = match owner_claim.and_then(|name| claims.get(name)) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.parse().map_err(|_| ClaimMissing("account number"))?),
            Some(Value::Number(number)) => {
                Some(number.to_string().parse().map_err(|_| ClaimMissing("account number"))?)
            }
            Some(_) => return Err(ClaimMissing("account number")),
        };
        Ok(Self {
            subject: subject.to_owned(),
            name: shown.chars().take(LONGEST / 2).collect(),
            grants: rules.iter().filter(|rule| rule.is_claimed(claims)).map(ToString::to_string).collect(),
            email,
            owner_id,
            owner_claim: owner_claim.map(str::to_owned),
        })
    }

    /// Whether one of these rules fits the person.
    #[must_use]
    pub fn fits(&self, rules: &Rules) -> bool {
        rules.fit(self.email.as_deref(), &self.grants)
    }

    /// The name in the journal: people read the address, and where there is none that can be relied on, what the
    /// provider never gives to another.
    #[must_use]
    pub fn journal_name(&self) -> &str {
        self.email.as_deref().unwrap_or(&self.subject)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(claims: &Value, trust_email: bool) -> Result<Identity, ClaimMissing> {
        Identity::of(claims.as_object().unwrap(), &Rules::default(), Some("account"), trust_email)
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
    fn nobody_without_a_subject() {
        assert_eq!(of(&json!({ "email": "a@example.com" }), true), Err(ClaimMissing("sub")));
        assert_eq!(of(&json!({ "sub": "x".repeat(201) }), true), Err(ClaimMissing("sub")));
    }

    #[test]
    fn who_is_let_in() {
        let check = |rule: &str, claims: Value, expect: bool| {
            let rules: Rules = [rule.parse().unwrap()].into_iter().collect();
            let identity = Identity::of(claims.as_object().unwrap(), &rules, None, false).unwrap();
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
