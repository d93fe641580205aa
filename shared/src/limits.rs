//! Limits of what may be bought and changed, and what is left of them: the answer of `GET /api/limits`, and members of
//! the problem when one is exceeded.

use serde::{Deserialize, Serialize};

use crate::{
    ids::TypeItemId,
    prices::{Amount, Currency},
};

/// The limits that hold for a caller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Limits {
    /// The longest period of one order, in months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_period: Option<u8>,
    /// The types that may be bought, if not all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<TypeItemId>>,
    /// The others, each with what is left.
    pub limits: Vec<Limit>,
    /// What may be ordered without an approver, if not everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<WithoutApproval>,
}

/// What may be ordered without an approver. An order beyond one of these waits for one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct WithoutApproval {
    /// Nothing: every order waits.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub never: bool,
    /// The most desktops of one order, bought and renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desktops: Option<u32>,
    /// The longest period, in months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_period: Option<u8>,
    /// Types that wait.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_types: Vec<TypeItemId>,
    /// The most money of one order, by the operator's prices. What has no price waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
}

impl WithoutApproval {
    /// Whether so many desktops, for so many months if they have a period, are beyond it, whatever their types and prices.
    #[must_use]
    pub fn is_exceeded_by(&self, desktops: usize, months: Option<u8>) -> bool {
        let are_too_many = self.desktops.is_some_and(|most| desktops > most as usize);
        let is_too_long = months.zip(self.longest_period).is_some_and(|(months, longest)| months > longest);
        self.never || are_too_many || is_too_long
    }
}

/// A limit and what is left of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Limit {
    /// What is counted.
    pub unit: Unit,
    /// The time in which it is counted.
    pub per: Span,
    /// Whose orders are counted.
    pub whose: Whose,
    /// The limit.
    pub limit: Quantity,
    /// What is left.
    pub left: Quantity,
    /// The currency of a sum of money, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Desktops bought.
    Desktops,
    /// Desktops bought and months of renewals, together.
    DesktopsAndMonths,
    /// Desktops released.
    Releases,
    /// Users created or changed.
    Users,
    /// Months of one order.
    Months,
    /// Money, by the operator's prices and in their currency.
    Amount,
}

impl Unit {
    /// In English, for details of problems.
    #[must_use]
    pub const fn as_text(self) -> &'static str {
        match self {
            Self::Desktops => "desktops",
            Self::DesktopsAndMonths => "desktops and months of renewals",
            Self::Releases => "releases",
            Self::Users => "changes of users",
            Self::Months => "months",
            Self::Amount => "money",
        }
    }
}

/// The time in which a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// One order, however many operations it has.
    Order,
    /// 24 hours.
    Day,
    /// 30 days.
    Month,
}

/// Whose orders a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// Those of one person, or of one API token.
    Person,
    /// Those of all together.
    Everybody,
}

/// How much. On the wire a number, or a decimal text for money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// A number of things.
    Number(u32),
    /// A sum of money.
    Money(Amount),
}

impl Quantity {
    /// Whether it is not enough for so much more. Things and money are never compared.
    #[must_use]
    pub fn is_less_than(self, wanted: Self) -> bool {
        match (self, wanted) {
            (Self::Number(left), Self::Number(wanted)) => left < wanted,
            (Self::Money(left), Self::Money(wanted)) => left < wanted,
            _ => false,
        }
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(out),
            Self::Money(amount) => amount.fmt(out),
        }
    }
}

impl Serialize for Quantity {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u32(*number),
            Self::Money(amount) => amount.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;
        impl serde::de::Visitor<'_> for NumberOrText {
            type Value = Quantity;
            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("a number, or a sum of money as a text")
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Quantity, E> {
                Ok(Quantity::Number(u32::try_from(number).unwrap_or(u32::MAX)))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Quantity, E> {
                text.parse().map(Quantity::Money).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(NumberOrText)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_money_are_read_back() {
        let limit = |limit, left| Limit {
            unit: Unit::Amount,
            per: Span::Month,
            whose: Whose::Everybody,
            limit,
            left,
            currency: None,
        };
        let money = |text: &str| Quantity::Money(text.parse().unwrap());
        let check = |limit: &Limit, expect: &str| {
            assert_eq!(serde_json::to_string(limit).unwrap(), expect);
            assert_eq!(serde_json::from_str::<Limit>(expect).unwrap(), *limit);
        };
        check(
            &limit(Quantity::Number(5), Quantity::Number(0)),
            r#"{"unit":"amount","per":"month","whose":"everybody","limit":5,"left":0}"#,
        );
        check(
            &limit(money("400000000.5"), money("0")),
            r#"{"unit":"amount","per":"month","whose":"everybody","limit":"400000000.5","left":"0"}"#,
        );
    }
}
