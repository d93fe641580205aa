//! Rules about who may look, buy or approve: by e-mail address, by its domain, or by a claim such as a group. How lists of rules
//! are written is in [`super::rule_list`], where claims are found in [`super::claims`].

use std::{fmt, str::FromStr};

use serde_json::{Map, Value};
use shared::typed::is_invisible;

use super::claims;

/// A rule that matches people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `*`: everyone who can sign in at the provider.
    Everyone,
    /// `ann@example.com`.
    Email(String),
    /// `@example.com`: every address of the domain, without subdomains.
    Domain(String),
    /// `groups=desktop-buyers`: people whose claim has this value, or a list with it.
    Claim {
        /// The claim, or the path to it.
        name: String,
        /// The value.
        value: String,
    },
}

/// A list of rules, of which one has to match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules(Vec<Rule>);

/// Why a text is not a rule. The texts follow the name of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRule {
    /// Of no known form.
    #[error("has something that is neither an address, @ and a domain, claim=value nor *")]
    Form,
    /// Quotes that a shell would have taken away.
    #[error("has quotes around a rule or a value: docker's --env-file and systemd keep them, so leave them out")]
    Quotes,
    /// A separator of another notation.
    #[error("has a separator other than a comma between rules; or write one rule a line, in a file")]
    Separator,
    /// `groups=*` would match the text `*`.
    #[error(
        "has a claim's value with * at an end, which stands for nothing there: write each value, or * alone for everyone"
    )]
    Wildcard,
    /// A remark behind a rule would be a part of its value.
    #[error("has a remark behind a rule: write it in a line of its own, which begins with #")]
    Remark,
    /// What nobody sees would be a part of the value.
    #[error("has a claim's value with a control character, or with an invisible one at an end")]
    Invisible,
    /// As an ordinary claim it would count although the provider has not verified it.
    #[error("has email=…, which would let in unverified addresses: write the address alone, or @ and a domain")]
    Address,
    /// The commas may belong to a value.
    #[error(
        "has a value that looks like a part of a name such as CN=Buyers,ou=Groups,dc=corp, and commas separate rules: \
         write one rule a line, in a file (--buyers-file, --viewers-file, --approvers-file)"
    )]
    Ambiguous,
}

impl FromStr for Rule {
    type Err = NoRule;
    fn from_str(text: &str) -> Result<Self, NoRule> {
        let text = text.trim();
        if text == "*" {
            return Ok(Self::Everyone);
        }
        if is_quoted(text) {
            return Err(NoRule::Quotes);
        }
        if let Some((name, value)) = text.split_once('=') {
            let (name, value) = (name.trim(), value.trim());
            // `!=`, `==` and the like are no notation of ours.
            let is_name = !name.is_empty()
                && !name.contains(|c: char| c.is_whitespace() || "!<>~,;\"'*(){}[]（）【】".contains(c));
            if !is_name || value.is_empty() || value.starts_with(['=', '~']) {
                return Err(NoRule::Form);
            }
            if is_quoted(value) {
                return Err(NoRule::Quotes);
            }
            if name == "email" {
                return Err(NoRule::Address);
            }
            if value.starts_with('*') || value.ends_with('*') {
                return Err(NoRule::Wildcard);
            }
            if value.contains(" # ") {
                return Err(NoRule::Remark);
            }
            if value.contains(char::is_control) || value.starts_with(is_invisible) || value.ends_with(is_invisible) {
                return Err(NoRule::Invisible);
            }
            if has_another_rule(value) {
                return Err(NoRule::Separator);
            }
            return Ok(Self::Claim { name: name.to_owned(), value: value.to_owned() });
        }
        if text.contains(|c: char| c.is_whitespace() || ";|，；、".contains(c)) && text.contains('@') {
            return Err(NoRule::Separator);
        }
        let (user, domain) = text.split_once('@').ok_or(NoRule::Form)?;
        let is_odd = |c: char| c.is_control() || "*,<>()[]\\:/\"".contains(c);
        if domain.is_empty() || domain.contains('@') || domain.contains('\'') || text.contains(is_odd) {
            return Err(NoRule::Form);
        }
        let text = text.to_lowercase();
        Ok(if user.is_empty() { Self::Domain(text) } else { Self::Email(text) })
    }
}

/// Whether a value goes on with another rule behind a comma, or behind a line end that is written as `\n`. The value of a
/// distinguished name goes on in the same way, but begins with an attribute too.
fn has_another_rule(value: &str) -> bool {
    let begins_rule = |part: &str| {
        let part = part.trim();
        let name = part.split_once('=').map(|(name, _)| name);
        part.is_empty()
            || part.starts_with('@')
            || name.is_some_and(|name| !name.contains(|c: char| c == ',' || c.is_whitespace()))
    };
    let mut parts = value.split(',');
    let is_name = parts.next().is_some_and(|first| first.contains('='));
    (!is_name && parts.any(begins_rule)) || value.split("\\n").skip(1).any(begins_rule)
}

/// Whether a text begins or ends with a quotation mark.
fn is_quoted(text: &str) -> bool {
    const MARKS: [char; 8] = ['"', '\'', '`', '“', '”', '‘', '’', '＂'];
    text.starts_with(MARKS) || text.ends_with(MARKS)
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
    pub(super) fn is_claimed(&self, claims: &Map<String, Value>) -> bool {
        let Self::Claim { name, value } = self else { return false };
        claims::all(claims, name).into_iter().any(|found| claims::says(name, found, value))
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

    /// Why none of the rules matches, for the log: names of claims, and no values.
    pub(super) fn explain(&self, claims: &Map<String, Value>, email: Option<&str>) -> String {
        let mut reasons: Vec<String> = Vec::new();
        let mut add = |reason: String| {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        };
        for rule in self.iter() {
            match rule {
                Rule::Everyone => {}
                Rule::Email(_) | Rule::Domain(_) => add(match (email, claims.get("email")) {
                    (Some(_), _) => "no rule names the claim email's address or domain".to_owned(),
                    (None, Some(Value::String(_))) => "the claim email is not verified (email_verified)".to_owned(),
                    (None, _) => "there is no claim email".to_owned(),
                }),
                Rule::Claim { name, .. } => add(if claims::all(claims, name).is_empty() {
                    format!("there is no claim {name}")
                } else {
                    format!("the claim {name} has none of the values in rules")
                }),
            }
        }
        reasons.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_read_back() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(text.parse::<Rule>().ok().map(|rule| rule.to_string()).as_deref(), expect, "{text}");
        };
        check("*", Some("*"));
        check(" Ann@Example.com ", Some("ann@example.com"));
        check("o'brien@example.com", Some("o'brien@example.com"));
        check("@Example.com", Some("@example.com"));
        check("groups = desk buyers", Some("groups=desk buyers"));
        check("https://claims.example/role=buyer", Some("https://claims.example/role=buyer"));
        check("groups=CN=Desktop Buyers,ou=Groups,dc=corp", Some("groups=CN=Desktop Buyers,ou=Groups,dc=corp"));
        for value in [
            r"CORP\nurses",
            "Sales, EMEA",
            "C#",
            "Team #1",
            "a*b",
            "R&D",
            r"CN=CORP\nurses,OU=Groups",
            r"CN=Buyers\, Desktop,OU=Groups",
        ] {
            let rule = format!("groups={value}");
            check(&rule, Some(&rule));
        }
        check("", None);
        check("ann", None);
        check("@", None);
        check("*@example.com", None);
        check("@*.example.com", None);
        check("a@b@example.com", None);
        check("=x", None);
        check("groups=", None);
    }

    #[test]
    fn what_looks_like_a_mistake_is_no_rule() {
        let check = |text: &str, expect: NoRule| assert_eq!(text.parse::<Rule>(), Err(expect), "{text}");
        check("\"@example.com\"", NoRule::Quotes);
        check("'groups=buyers'", NoRule::Quotes);
        check("groups=\"desk buyers\"", NoRule::Quotes);
        check("“groups=buyers”", NoRule::Quotes);
        check("ann@example.com;bob@example.com", NoRule::Separator);
        check("ann@example.com bob@example.com", NoRule::Separator);
        check("ann@example.com，bob@example.com", NoRule::Separator);
        check("groups=*", NoRule::Wildcard);
        check("groups=buyers-*", NoRule::Wildcard);
        check("groups=buyers # all of them", NoRule::Remark);
        check("groups=buyers\u{200b}", NoRule::Invisible);
        check("groups=buy\0ers", NoRule::Invisible);
        check("groups=buyers,", NoRule::Separator);
        check("groups=buyers,roles=staff", NoRule::Separator);
        check("groups=Desktop Buyers, ou=Groups, dc=corp", NoRule::Separator);
        check("groups=buyers,@example.com", NoRule::Separator);
        check(r"groups=buyers\nroles=staff", NoRule::Separator);
        check(r"groups=buyers\n@example.com", NoRule::Separator);
        check(r"groups=buyers\n", NoRule::Separator);
        check("email=ann@example.com", NoRule::Address);
        check("{groups=buyers}", NoRule::Form);
        check("(groups=buyers)", NoRule::Form);
        check("（groups=buyers）", NoRule::Form);
        check("groups==buyers", NoRule::Form);
        check("groups!=buyers", NoRule::Form);
        check("Ann <ann@example.com>", NoRule::Separator);
        check("mailto:ann@example.com", NoRule::Form);
        check("groups:buyers", NoRule::Form);
    }

    #[test]
    fn the_reasons_name_claims_and_no_values() {
        let rules: Rules = ["groups=secret-group", "realm_access.roles=x", "@corp.example"]
            .iter()
            .map(|rule| rule.parse().unwrap())
            .collect();
        let claims = json!({ "groups": ["staff"], "email": "ann@example.com" });
        assert_eq!(
            rules.explain(claims.as_object().unwrap(), None),
            "the claim groups has none of the values in rules; there is no claim realm_access.roles; the claim email is \
             not verified (email_verified)"
        );
    }
}
