//! The shape of a JSON document: what its members are called and of which types they are, and none of its values.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::Value;

/// A shape. Of the items of a list it is one shape that covers them all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    scalars: BTreeSet<&'static str>,
    object: Option<Object>,
    /// The shape of the items; that of nothing for a list that is empty.
    list: Option<Box<Shape>>,
    /// A text that holds a document of its own.
    packed: Option<Box<Shape>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Object {
    /// Objects that this one covers.
    of: usize,
    /// With the number of objects that have the member.
    members: BTreeMap<String, (usize, Shape)>,
}

/// Names that are shown in any case: those of lists, their items, and what every answer may have.
const KNOWN: [&str; 37] = [
    "Available",
    "Code",
    "CidrBlock",
    "Cpu",
    "Data",
    "DesktopTypeItem",
    "DesktopTypeItems",
    "Email",
    "EndPoint",
    "Gpu",
    "Image",
    "ImageId",
    "ImageName",
    "Images",
    "Item",
    "Items",
    "LocalName",
    "Memory",
    "Message",
    "Name",
    "Region",
    "RegionId",
    "Regions",
    "RequestId",
    "Result",
    "Status",
    "Success",
    "Total",
    "TypeItemId",
    "User",
    "Users",
    "VSwitch",
    "VSwitchId",
    "VSwitches",
    "Zone",
    "ZoneId",
    "Zones",
];
/// Nesting beyond this is not looked into.
const DEEPEST: u8 = 12;

impl Shape {
    /// The shape of this document.
    pub(super) fn of(value: &Value) -> Self {
        let mut shape = Self::default();
        shape.cover(value, DEEPEST);
        shape
    }

    fn cover(&mut self, value: &Value, depth: u8) {
        let Some(below) = depth.checked_sub(1) else {
            self.scalars.insert("…");
            return;
        };
        let scalar = match value {
            Value::Object(members) => {
                let object = self.object.get_or_insert_default();
                object.of += 1;
                for (name, value) in members {
                    let (count, shape) = object.members.entry(shown(name)).or_default();
                    *count += 1;
                    shape.cover(value, below);
                }
                return;
            }
            Value::Array(items) => {
                let shape = self.list.get_or_insert_default();
                for item in items {
                    shape.cover(item, below);
                }
                return;
            }
            Value::String(text) => match serde_json::from_str(text) {
                Ok(inner @ (Value::Object(_) | Value::Array(_))) => {
                    self.packed.get_or_insert_default().cover(&inner, below);
                    return;
                }
                // Numbers and truth values as texts are what a reader has to be ready for.
                Ok(Value::Number(_)) => "text with a number",
                Ok(Value::Bool(_)) => "text with a truth value",
                _ if text.is_empty() => "empty text",
                _ => "text",
            },
            Value::Number(number) if number.is_f64() => "decimal number",
            Value::Number(_) => "number",
            Value::Bool(_) => "truth value",
            Value::Null => "null",
        };
        self.scalars.insert(scalar);
    }

    fn write(&self, out: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        let mut is_first = true;
        let mut or = |out: &mut fmt::Formatter<'_>| {
            let first = std::mem::take(&mut is_first);
            if first { Ok(()) } else { out.write_str(" or ") }
        };
        for scalar in &self.scalars {
            or(out)?;
            out.write_str(scalar)?;
        }
        if let Some(packed) = &self.packed {
            or(out)?;
            out.write_str("text with JSON: ")?;
            packed.write(out, indent)?;
        }
        if let Some(items) = &self.list {
            or(out)?;
            if **items == Self::default() {
                out.write_str("empty list")?;
            } else {
                out.write_str("list of ")?;
                items.write(out, indent)?;
            }
        }
        if let Some(object) = &self.object {
            or(out)?;
            object.write(out, indent)?;
        }
        Ok(())
    }
}

impl Object {
    fn write(&self, out: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        if self.members.is_empty() {
            return out.write_str("{}");
        }
        out.write_str("{\n")?;
        for (name, (count, shape)) in &self.members {
            let sometimes = if *count < self.of { " (not in all)" } else { "" };
            write!(out, "{:1$}{name}{sometimes}: ", "", indent + 2)?;
            shape.write(out, indent + 2)?;
            out.write_str("\n")?;
        }
        write!(out, "{:indent$}}}", "")
    }
}

/// Several lines, the first of which begins where the writer is; lines after it are indented by the width.
impl fmt::Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(out, out.width().unwrap_or_default())
    }
}

/// A member's name, unless it may be a value in a name's place, as where users are listed by their names.
pub(super) fn shown(name: &str) -> String {
    const LONGEST: usize = 40;
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    // Members of the OpenAPI are words with capitals in them; what people and things are called is not.
    let is_name = name.len() <= LONGEST && name.chars().all(is_word) && name.chars().any(|c| c.is_ascii_uppercase());
    // Some write them in another case.
    let is_known = KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name));
    if is_name || is_known { name.to_owned() } else { "[name withheld]".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn shapes() {
        let check = |value: Value, expect: &str| assert_eq!(Shape::of(&value).to_string(), expect, "{value}");
        check(json!(null), "null");
        check(json!("x"), "text");
        check(json!(""), "empty text");
        check(json!("17"), "text with a number");
        check(json!("true"), "text with a truth value");
        check(json!(17), "number");
        check(json!(1.5), "decimal number");
        check(json!({}), "{}");
        check(json!([]), "empty list");
        check(json!([1, "x", null]), "list of null or number or text");
        check(json!("[{\"Id\":1}]"), "text with JSON: list of {\n  Id: number\n}");
    }

    #[test]
    fn items_of_a_list_have_one_shape() {
        let users = json!({ "Total": 2, "Users": { "User": [{ "Name": "a", "Email": "a@b.cn" }, { "Name": "b" }] } });
        assert_eq!(
            Shape::of(&users).to_string(),
            "{\n  Total: number\n  Users: {\n    User: list of {\n      Email (not in all): text\n      Name: text\n    }\n  }\n}"
        );
    }

    #[test]
    fn names_that_may_be_values_are_withheld() {
        let check = |name: &str, expect: bool| assert_eq!(shown(name) == name, expect, "{name}");
        check("RequestId", true);
        check("requestId", true);
        check("VSwitchId", true);
        check("code", true);
        check("zones", true);
        check("zhangsan", false);
        check("zhang.san", false);
        check("张三", false);
        check("a@b.cn", false);
        check("m-bp1sys0000000000000001", false);
        check(&"A".repeat(41), false);
    }

    fn documents() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            "SECRET[a-z]{0,5}".prop_map(Value::from),
            (1_000_000_i64..).prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(16, 64, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map("[A-Z][a-z]{0,5}|secret[a-z]{1,5}", inner.clone(), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
                // A document within a text.
                inner.prop_map(|value| Value::from(value.to_string())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_value_is_shown(document in documents()) {
            let shown = Shape::of(&document).to_string();
            prop_assert!(!shown.to_lowercase().contains("secret"), "{}", shown);
            prop_assert!(!shown.chars().any(|c| c.is_ascii_digit()), "{}", shown);
        }
    }
}
