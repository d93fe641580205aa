//! JSON schemas of the types with their own serde implementations; those of the others are derived. Beside the types' own rules, so that
//! a test compares the two.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{
    Code,
    actions::AcceptLanguage,
    ids::{ClientToken, DesktopId, ImageId, OrderId, OwnerId, RegionId, TypeItemId, VSwitchId, VpcId, ZoneId},
    limits,
    prices::{Amount, Currency, Percent},
    quantity::Quantity,
    user::{Email, ExistingUserName, UserName},
    values::{ChargeType, DesktopType, ImageType, Period, UserGroup},
};

macro_rules! schemas {
    ($($Name:ident: $json:tt;)+) => {$(
        impl JsonSchema for $Name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($Name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($json)
            }
        }
    )+};
}

schemas! {
    RegionId: { "type": "string", "description": "A region, for example `cn-hangzhou`.", "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" };
    ZoneId: { "type": "string", "description": "A zone, for example `cn-hangzhou-b`.", "pattern": "^[!-~]{1,128}$" };
    VpcId: { "type": "string", "description": "A network.", "pattern": "^[!-~]{1,128}$" };
    VSwitchId: { "type": "string", "description": "A vSwitch.", "pattern": "^[!-~]{1,128}$" };
    TypeItemId: { "type": "string", "description": "A desktop type, for example `desktop.n1.small`.", "pattern": "^[!-~]{1,128}$" };
    ImageId: { "type": "string", "description": "An image.", "pattern": "^[!-~]{1,128}$" };
    DesktopId: { "type": "string", "description": "A desktop.", "pattern": "^[!-~]{1,128}$" };
    OrderId: { "type": "string", "description": "The vendor's number of an order.", "pattern": "^[!-~]{1,128}$" };
    ClientToken: { "type": "string", "description": "The idempotency key of an order, a UUID by custom.", "pattern": "^[!-~]{1,64}$" };
    OwnerId: { "type": "string", "description": "The account that a reseller buys for.", "pattern": "^[0-9]{1,20}$" };
    UserName: { "type": "string", "description": "The name of a user to be created: no control or invisible characters, no blanks at its ends.", "minLength": 1, "maxLength": 16 };
    ExistingUserName: { "type": "string", "description": "The name of a user.", "minLength": 1, "maxLength": 256 };
    Email: { "type": "string", "description": "An e-mail address.", "format": "email", "minLength": 5, "maxLength": 254 };
    Quantity: { "type": "number", "description": "A quantity, exact to a thousandth.", "minimum": 0, "maximum": 1_000_000_000 };
    Amount: { "type": "string", "description": "A sum of money, as a decimal text.", "pattern": "^[0-9]+(\\.[0-9]{1,4})?$" };
    Percent: { "type": "string", "description": "A part in percent, as a decimal text.", "pattern": "^[0-9]{1,2}(\\.[0-9]{1,2})?$" };
    Currency: { "type": "string", "description": "A currency (ISO 4217).", "pattern": "^[A-Z]{3}$" };
    Period: { "type": "integer", "description": "Months of a subscription.", "enum": (Period::ALL.iter().map(|period| period.months()).collect::<Vec<_>>()) };
    ChargeType: { "type": "string", "description": "The billing kind: pay as you go, or subscription.", "enum": (spelt(ChargeType::ALL, ChargeType::as_str)) };
    ImageType: { "type": "string", "description": "Whose image it is: the product's, or the account's own.", "enum": (spelt(ImageType::ALL, ImageType::as_str)) };
    UserGroup: { "type": "string", "description": "The group in which the user signs in.", "enum": (spelt(UserGroup::ALL, UserGroup::as_str)) };
    DesktopType: { "type": "string", "description": "A family of desktop types.", "enum": (spelt(DesktopType::ALL, DesktopType::as_str)) };
    AcceptLanguage: { "type": "string", "description": "The language of names.", "enum": (spelt(AcceptLanguage::ALL, AcceptLanguage::as_str)) };
    Code: { "type": "string", "description": "What went wrong. A code never changes its meaning; there may be new ones.", "enum": (spelt(Code::ALL, Code::as_str)) };
}

impl JsonSchema for limits::Quantity {
    fn schema_name() -> Cow<'static, str> {
        "LimitQuantity".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number of things, or a sum of money as a decimal text.",
            "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,4})?$" }],
        })
    }
}

fn spelt<T: Copy>(all: &[T], spelling: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().copied().map(spelling).collect()
}
