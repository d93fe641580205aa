//! Order fields: the operator's definitions, what is checked of the values of an order, and changes of them. The vocabulary is
//! in [`shared::order::fields`].

use std::sync::Arc;

use regex_lite::Regex;
use shared::{
    Code,
    ids::ClientToken,
    order::{
        NewOrder, Operation, Order,
        fields::{FieldValues, OrderField, ValueFault},
    },
};

use crate::{Orders, Principal, Viewer, journal::ChangeFieldsError};

/// A field as the operator defines it, with what only the proxy knows of it.
#[derive(Clone, Debug)]
pub struct FieldRule {
    /// What the page is told.
    pub field: OrderField,
    /// What a value has to match as a whole, compiled by [`whole`].
    pub pattern: Option<Regex>,
    /// The claim whose value a person's orders begin with.
    pub default_claim: Option<String>,
    /// Whether values tell of people, so that not everybody who is told of an order is told of them.
    pub personal_data: bool,
}

/// The operator's order fields, in the order in which they are shown. None by default.
#[derive(Clone, Debug, Default)]
pub struct OrderFieldRules(Arc<[FieldRule]>);

/// Why the values of an order are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRefused {
    /// The field's key.
    pub key: String,
    /// What is wrong: a missing, an invalid or an unknown parameter.
    pub code: Code,
}

/// The largest compiled pattern, in bytes.
const LARGEST_PATTERN: usize = 1 << 16;

/// A pattern that matches whole values.
pub fn whole(pattern: &str) -> Result<Regex, regex_lite::Error> {
    // By itself first: `a)(b` is none, but would be one in brackets.
    let compiled = |text: &str| regex_lite::RegexBuilder::new(text).size_limit(LARGEST_PATTERN).build();
    compiled(pattern)?;
    compiled(&format!("^(?:{pattern})$"))
}

impl FromIterator<FieldRule> for OrderFieldRules {
    fn from_iter<I: IntoIterator<Item = FieldRule>>(rules: I) -> Self {
        Self(rules.into_iter().collect())
    }
}

/// Equal where they ask for the same.
impl PartialEq for OrderFieldRules {
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().map(|rule| &rule.field).eq(other.0.iter().map(|rule| &rule.field))
    }
}

impl Eq for OrderFieldRules {}

impl OrderFieldRules {
    /// The rules.
    pub fn iter(&self) -> impl Iterator<Item = &FieldRule> {
        self.0.iter()
    }

    /// Whether the operator asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn rule(&self, key: &str) -> Option<&FieldRule> {
        self.0.iter().find(|rule| rule.field.key == key)
    }

    /// Checks the values of a new order. Only a purchase has to have those that are required: renewals and releases take what
    /// they do not say from the purchase of their desktop.
    pub(crate) fn check(&self, order: &NewOrder) -> Result<(), FieldRefused> {
        for (key, value) in &order.fields {
            self.check_value(key, value)?;
        }
        if let Operation::Create(_) = order.operation {
            let is_missing = |rule: &&FieldRule| rule.field.required && !order.fields.contains_key(&rule.field.key);
            if let Some(rule) = self.0.iter().find(is_missing) {
                return Err(FieldRefused { key: rule.field.key.clone(), code: Code::MissingParameter });
            }
        }
        Ok(())
    }

    /// Checks changes of values, where an empty one takes one away.
    pub(crate) fn check_changes(&self, changes: &FieldValues) -> Result<(), FieldRefused> {
        changes.iter().try_for_each(|(key, value)| self.check_value(key, value))
    }

    fn check_value(&self, key: &str, value: &str) -> Result<(), FieldRefused> {
        let refused = |code| FieldRefused { key: key.to_owned(), code };
        let rule = self.rule(key).ok_or_else(|| refused(Code::UnknownParameter))?;
        rule.check(value).map_err(|fault| refused(fault.into()))
    }
}

impl FieldRule {
    /// Checks a value. None is an empty one.
    pub fn check(&self, value: &str) -> Result<(), ValueFault> {
        self.field.check(value)?;
        let fits = value.is_empty() || self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(value));
        if fits { Ok(()) } else { Err(ValueFault::Invalid) }
    }
}

impl Orders {
    /// Changes values of an order's fields, as far as the viewer may, and returns the order as it is then. What is not named stays.
    pub async fn change_fields(
        &self,
        token: &ClientToken,
        changes: FieldValues,
        principal: &Principal,
        viewer: Viewer<'_>,
    ) -> Result<Order, ChangeFieldsError> {
        let written = self.driver.journal().change_fields(token, changes, principal, viewer).await?;
        if !written.keys.is_empty() {
            let (keys, by) = (written.keys.join(" "), principal.name.as_deref());
            tracing::info!(target: "audit", by, token = token.as_str(), keys, "order fields are changed");
            let _ = self.driver.changes().send(token.clone());
        }
        Ok(written.order)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rules() -> OrderFieldRules {
        let field = |key: &str, required: bool| OrderField {
            key: key.to_owned(),
            required,
            max_length: 20,
            ..OrderField::default()
        };
        let pattern = whole(r"[A-Z]{2}-\d+").ok();
        [
            FieldRule { field: field("cost_centre", true), pattern, default_claim: None, personal_data: true },
            FieldRule { field: field("ticket", false), pattern: None, default_claim: None, personal_data: true },
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn a_pattern_is_one_and_matches_the_whole() {
        for broken in ["a)(b", "[", r"\p{Han}", "(?=a)"] {
            assert!(whole(broken).is_err(), "{broken}");
        }
        let check = |pattern: &str, text: &str, expect: bool| {
            assert_eq!(whole(pattern).unwrap().is_match(text), expect, "{pattern} {text}");
        };
        check("a|b", "a", true);
        check("a|b", "ab", false);
        check(r"\d{4}", "4711", true);
        check(r"\d{4}", "x4711", false);
        // As in the browser, a digit is one of ten.
        check(r"\d{4}", "٤٧١١", false);
    }

    #[test]
    fn what_an_order_has_to_have() {
        let check = |action: &str, fields: serde_json::Value, expect: Result<(), (&str, Code)>| {
            let order = match action {
                "CreateDesktop" => json!({ "TypeItemId": "t", "ChargeType": "POSTPAY", "VpcId": "v", "ZoneId": "z",
                    "VSwitchId": "s", "ImageId": "i", "UserName": "u", "UserGroup": "Users" }),
                _ => json!({ "DesktopId": "d" }),
            };
            let mut order = order.as_object().unwrap().clone();
            let more =
                json!({ "Action": action, "RegionId": "cn-hangzhou", "ClientToken": "t", "OrderFields": fields });
            order.extend(more.as_object().unwrap().clone());
            let found = rules().check(&NewOrder::from_object(order).unwrap());
            assert_eq!(found, expect.map_err(|(key, code)| FieldRefused { key: key.to_owned(), code }), "{fields}");
        };
        check("CreateDesktop", json!({ "cost_centre": "CC-1" }), Ok(()));
        check("CreateDesktop", json!({ "cost_centre": "CC-1", "ticket": "x" }), Ok(()));
        check("CreateDesktop", json!({ "ticket": "x" }), Err(("cost_centre", Code::MissingParameter)));
        check("CreateDesktop", json!({ "cost_centre": "  " }), Err(("cost_centre", Code::MissingParameter)));
        check("CreateDesktop", json!({ "cost_centre": "cc-1" }), Err(("cost_centre", Code::InvalidParameter)));
        check("CreateDesktop", json!({ "cost_centre": "CC-1", "who": "x" }), Err(("who", Code::UnknownParameter)));
        check("DeleteDesktop", json!({}), Ok(()));
        check("DeleteDesktop", json!({ "cost_centre": "x" }), Err(("cost_centre", Code::InvalidParameter)));
    }
}
