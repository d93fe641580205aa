//! Rules about who may look or buy: by e-mail address, by its domain, or by a claim such as a group.

use std::{fmt, str::FromStr};

use serde_json::Value;

/// A rule that matches people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `*`: everyone who can sign in at the provider.
    Everyone,
    /// `ann@example.com`.
    Email(String),
    /// `@example.com`: every address of the domain, without subdomains.
    Domain(String),
    /// `groups=desktop-buyers`: people whose claim has this value, or an array with it.
    Claim {
        /// The claim.
        name: String,
        /// The value.
        value: String,
    },
}

/// A list of rules, of which one has to match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

/// The text is not a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("has something that is neither an address, @ and a domain, claim=value nor *")]
pub struct NoRule;

impl FromStr for Rule {
    type Err = NoRule;
    fn from_str(text: &str) -> Result<Self, NoRule> {
        let text = text.trim();
        if text == "*" {
            return Ok(Self::Everyone);
        }
        if let Some((name, value)) = text.split_once('=') {
            let (name, value) = (name.trim(), value.trim());
            let fits = !name.is_empty() && !value.is_empty();
            return fits.then(|| Self::Claim { name: name.to_owned(), value: value.to_owned() }).ok_or(NoRule);
        }
        let (user, domain) = text.split_once('@').ok_or(NoRule)?;
        if domain.is_empty() || domain.contains(['@', '*']) || user.contains('*') {
            return Err(NoRule);
        }
        let text = text.to_lowercase();
        Ok(if user.is_empty() { Self::Domain(text) } else { Self::Email(text) })
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => out.write_str("*"),
            Self::Email(text) | Self::Domain(text) => out.write_str(text),
            Self::Claim { name, value } => write!(out, "{name}={value}"),
        }
    }
}

impl Rule {
    fn fits(&self, email: Option<&str>, grants: &[String]) -> bool {
        match self {
            Self::Everyone => true,
            Self::Email(text) => email == Some(text),
            Self::Domain(domain) => email.is_some_and(|email| email.ends_with(domain.as_str())),
            Self::Claim { .. } => grants.contains(&self.to_string()),
        }
    }

    /// Whether the claims contain the rule's value.
    pub(super) fn is_claimed(&self, claims: &serde_json::Map<String, Value>) -> bool {
        let Self::Claim { name, value } = self else { return false };
        let says = |found: &Value| match found {
            Value::String(text) => text == value,
            Value::Bool(flag) => value == if *flag { "true" } else { "false" },
            Value::Number(number) => number.as_i64().is_some_and(|number| value.parse() == Ok(number)),
            _ => false,
        };
        match claims.get(name) {
            Some(Value::Array(items)) => items.iter().any(says),
            Some(found) => says(found),
            None => false,
        }
    }
}

impl FromIterator<Rule> for Rules {
    fn from_iter<T: IntoIterator<Item = Rule>>(rules: T) -> Self {
        Self(rules.into_iter().collect())
    }
}

impl Rules {
    /// Whether a rule matches this e-mail address, or is among the claim rules that matched at sign-in.
    #[must_use]
    pub fn fit(&self, email: Option<&str>, grants: &[String]) -> bool {
        self.0.iter().any(|rule| rule.fits(email, grants))
    }

    /// Whether the list is empty, and so matches no person.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rules.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_read_back() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(text.parse::<Rule>().ok().map(|rule| rule.to_string()).as_deref(), expect, "{text}");
        };
        check("*", Some("*"));
        check(" Ann@Example.com ", Some("ann@example.com"));
        check("@Example.com", Some("@example.com"));
        check("groups = desk buyers", Some("groups=desk buyers"));
        check("https://claims.example/role=buyer", Some("https://claims.example/role=buyer"));
        check("", None);
        check("ann", None);
        check("@", None);
        check("*@example.com", None);
        check("a@b@example.com", None);
        check("=x", None);
        check("groups=", None);
    }
}
