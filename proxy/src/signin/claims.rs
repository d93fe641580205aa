//! Claims: where one is found, and which values it has. Providers nest them (Keycloak's `realm_access.roles`), name them
//! by addresses, and write lists as arrays or as texts.

use serde_json::{Map, Value};

/// The claim of this name, or at this path. A literal name comes first, so that `https://example.com/roles` is one; a
/// member's name may itself have dots.
pub(super) fn find<'c>(claims: &'c Map<String, Value>, path: &str) -> Option<&'c Value> {
    if let Some(found) = claims.get(path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(at, _)| match claims.get(&path[..at]) {
        Some(Value::Object(members)) => find(members, &path[at + 1..]),
        _ => None,
    })
}

/// What there is of this name or at this path, and through lists of objects: `groups.name` is that of each group.
pub(super) fn all<'c>(claims: &'c Map<String, Value>, path: &str) -> Vec<&'c Value> {
    if let Some(found) = claims.get(path) {
        return vec![found];
    }
    let below = |at: usize| -> Vec<&'c Value> {
        let within =
            |value: &'c Value| value.as_object().map(|members| all(members, &path[at + 1..])).unwrap_or_default();
        match claims.get(&path[..at]) {
            Some(Value::Array(items)) => items.iter().flat_map(within).collect(),
            found => found.into_iter().flat_map(within).collect(),
        }
    };
    path.match_indices('.').map(|(at, _)| below(at)).find(|found| !found.is_empty()).unwrap_or_default()
}

/// The text of the claim, trimmed, if it has one.
pub(super) fn text<'c>(claims: &'c Map<String, Value>, path: &str) -> Option<&'c str> {
    find(claims, path)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// The claims of a token, and those of the userinfo endpoint that it does not have: what is signed takes precedence, member by
/// member. `null` is as good as absent.
pub(super) fn with_said(claims: Map<String, Value>, mut said: Map<String, Value>) -> Map<String, Value> {
    for (name, value) in claims {
        let value = match (value, said.get_mut(&name)) {
            (Value::Null, Some(_)) => continue,
            (Value::Object(claims), Some(Value::Object(said))) => {
                Value::Object(with_said(claims, std::mem::take(said)))
            }
            (value, _) => value,
        };
        said.insert(name, value);
    }
    said
}

/// What the userinfo endpoint says, without its word on the address where the token has another one: that word is on its own.
pub(super) fn without_foreign_word(claims: &Map<String, Value>, mut said: Map<String, Value>) -> Map<String, Value> {
    let address = |claims: &Map<String, Value>| claims.get("email").filter(|found| !found.is_null()).cloned();
    if let (Some(signed), Some(other)) = (address(claims), address(&said))
        && signed != other
    {
        said.remove("email_verified");
    }
    said
}

/// Whether the claim's value is this one, or a list with it.
pub(super) fn says(name: &str, found: &Value, value: &str) -> bool {
    match found {
        // Zitadel's roles: by each of them the organizations that give it, with their domains.
        Value::Object(members) => members
            .get(value)
            .and_then(Value::as_object)
            .is_some_and(|given| !given.is_empty() && given.values().all(Value::is_string)),
        Value::Array(items) => items.iter().any(|item| is(item, value)),
        Value::String(text) => text == value || listed(name, text).any(|item| item == value),
        found => is(found, value),
    }
}

fn is(found: &Value, value: &str) -> bool {
    match found {
        Value::String(text) => text == value,
        Value::Bool(flag) => value == if *flag { "true" } else { "false" },
        Value::Number(number) => number.as_i64().is_some_and(|number| value.parse() == Ok(number)),
        _ => false,
    }
}

/// The items of a list in a text: separated by commas, or else by spaces. A space separates only where the claim's name
/// is one of a list: the title `Head of buyers` is not the title `buyers`. A distinguished name has commas of its own.
fn listed<'t>(name: &str, text: &'t str) -> impl Iterator<Item = &'t str> {
    let by_commas = text.contains(',');
    let is_list = !text.contains('=') && (by_commas || names_a_list(name));
    let split = move |c: char| if by_commas { c == ',' } else { c.is_ascii_whitespace() };
    text.split(split).map(str::trim).filter(move |_| is_list)
}

/// Whether the claim's name is one of a list, such as `groups`, `roles`, `scope` or `https://example.com/roles`.
fn names_a_list(name: &str) -> bool {
    const ONES: [&str; 7] = ["scope", "scp", "role", "group", "team", "memberof", "permission"];
    let last = name.rsplit(['.', '/', ':', '_']).next().unwrap_or(name).to_ascii_lowercase();
    last.ends_with('s') || ONES.contains(&last.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_found_by_its_name_or_its_path() {
        let claims = json!({
            "groups": 1,
            "realm_access": { "roles": 2 },
            "resource_access": { "desk.example": { "roles": 3 } },
            "https://example.com/roles": 4,
            "https://example.com/app": { "roles": 5 },
            "a.b": 6,
            "a": { "b": 7, "c": 8 },
            "text": "x",
        });
        let check = |path: &str, expect: Option<i64>| {
            let found = find(claims.as_object().unwrap(), path).and_then(Value::as_i64);
            assert_eq!(found, expect, "{path}");
        };
        check("groups", Some(1));
        check("realm_access.roles", Some(2));
        check("resource_access.desk.example.roles", Some(3));
        check("https://example.com/roles", Some(4));
        check("https://example.com/app.roles", Some(5));
        check("a.b", Some(6));
        check("a.c", Some(8));
        for nothing in ["", ".", "a.", ".a", "a.b.c", "text.x", "roles", "realm_access.roles.0"] {
            check(nothing, None);
        }
    }

    #[test]
    fn a_path_goes_through_lists_of_objects() {
        let claims = json!({
            "groups": [{ "id": 1, "name": "buyers" }, 7, { "name": "staff" }, { "id": 2 }, [{ "name": "deeper" }]],
            "org": { "teams": [{ "roles": [{ "name": "a" }, { "name": "b" }] }, { "roles": [{ "name": "c" }] }] },
            "a.b": [],
            "a": { "b": 1 },
        });
        let check = |path: &str, expect: Value| {
            let found = all(claims.as_object().unwrap(), path);
            assert_eq!(json!(found), expect, "{path}");
        };
        check("groups.name", json!(["buyers", "staff"]));
        check("groups.id", json!([1, 2]));
        check("org.teams.roles.name", json!(["a", "b", "c"]));
        check("a.b", json!([[]]));
        for nothing in ["groups.0", "groups.name.x", "groups.", "org.roles", "x"] {
            check(nothing, json!([]));
        }
    }

    #[test]
    fn one_word_on_an_address_is_not_for_another_address() {
        let check = |token: Value, said: Value, expect: Value| {
            let object = |value: &Value| value.as_object().unwrap().clone();
            let found = without_foreign_word(&object(&token), object(&said));
            assert_eq!(found.get("email_verified"), expect.as_bool().map(Value::Bool).as_ref(), "{token} {said}");
        };
        let said = json!({ "email": "a@x.example", "email_verified": true });
        check(json!({ "email": "a@x.example" }), said.clone(), json!(true));
        check(json!({ "email": null }), said.clone(), json!(true));
        check(json!({}), said.clone(), json!(true));
        check(json!({ "email": "a@x.example" }), json!({ "email_verified": true }), json!(true));
        check(json!({ "email": "b@x.example" }), said, json!(null));
    }

    #[test]
    fn userinfo_says_what_the_token_does_not() {
        let check = |token: Value, said: Value, expect: Value| {
            let object = |value: &Value| value.as_object().unwrap().clone();
            assert_eq!(Value::Object(with_said(object(&token), object(&said))), expect, "{token} {said}");
        };
        check(json!({ "a": 1 }), json!({ "a": 2, "b": 3 }), json!({ "a": 1, "b": 3 }));
        check(json!({ "groups": null }), json!({ "groups": ["x"] }), json!({ "groups": ["x"] }));
        check(json!({ "groups": [] }), json!({ "groups": ["x"] }), json!({ "groups": [] }));
        check(json!({ "groups": null }), json!({}), json!({ "groups": null }));
        check(
            json!({ "realm_access": { "verify": true, "roles": null }, "a": { "b": 1 } }),
            json!({ "realm_access": { "roles": ["x"], "verify": false }, "a": 2 }),
            json!({ "realm_access": { "roles": ["x"], "verify": true }, "a": { "b": 1 } }),
        );
    }

    #[test]
    fn a_claim_has_values() {
        let check =
            |name: &str, found: Value, expect: bool| assert_eq!(says(name, &found, "buyers"), expect, "{found}");
        check("groups", json!("buyers"), true);
        check("groups", json!(["staff", "buyers"]), true);
        check("groups", json!("staff buyers"), true);
        check("groups", json!("staff,buyers"), true);
        check("groups", json!("staff, buyers"), true);
        check("realm_access.roles", json!("buyers staff"), true);
        check("https://example.com/role", json!("buyers staff"), true);
        check("scope", json!("openid buyers"), true);
        check("department", json!("staff,buyers"), true);
        check("groups", json!("staff desk-buyers"), false);
        check("groups", json!("desk buyers, staff"), false);
        check("title", json!("Head of buyers"), false);
        check("groups", json!("CN=buyers,ou=Groups"), false);
        check("groups", json!("CN=staff, buyers"), false);
        check("groups", json!(["staff buyers"]), false);
        check("groups", json!({ "buyers": "buyers" }), false);
        check("urn:zitadel:iam:org:project:roles", json!({ "buyers": { "7": "corp.example" }, "x": {} }), true);
        check("urn:zitadel:iam:org:project:roles", json!({ "staff": { "buyers": "buyers" } }), false);
        for none in [json!({}), json!({ "active": false }), json!(null), json!(true), json!(["7"])] {
            check("groups", json!({ "buyers": none }), false);
        }
        check("groups", json!(null), false);
        assert!(says("staff", &json!(true), "true") && says("level", &json!(7), "7"));
    }
}
