//! The grammar of strange answers: status, code, shape, and where the identifiers stand. Each function draws one answer of
//! a meaning; which meaning an answer has to have is decided in [`super`].

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// Codes of refusals, by which nothing is done. The gateway and the shop check these before they look at a token.
pub(super) const REFUSALS: &[&str] = &[
    "OperationDenied.NoStock",
    "NoInstanceStock",
    "Zone.NotOnSale",
    "InvalidAccountStatus.NotEnoughBalance",
    "InsufficientBalance",
    "Account.Arrearage",
    "QuotaExceed.AfterpayInstance",
    "InvalidVSwitchId.IpNotEnough",
    "InvalidResourceType.NotSupported",
    "InvalidImageId.NotFound",
    "InvalidParameter",
    "MissingParameter",
    "Forbidden.RAM",
    "NoPermission",
    "RealNameAuthenticationError",
    "Forbidden.RiskControl",
    "InvalidApi.NotFound",
    "IncorrectVSwitchStatus",
];

/// Codes that no list of refusals has.
const UNKNOWN: &[&str] =
    &["SomethingNew", "E0001", "500", "-1", "1", "SystemError", "OrderProcessing", "Order.Pending"];

/// Declares the places with the names in the table that the sweep prints.
macro_rules! places {
    ($($Place:ident = $name:literal;)+) => {
        /// Where the identifiers stand.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Place { $($Place),+ }

        impl Place {
            const ALL: &[Self] = &[$(Self::$Place),+];

            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$Place => $name),+ }
            }
        }
    };
}

places! {
    Top = "named at the top";
    Camel = "named in lower camel case";
    Letters = "named in other letters";
    Numbers = "named as a number";
    Data = "named in Data";
    Result = "named in Result";
    Response = "named in …Response";
    Wrapper = "named in some wrapper";
    Twice = "named in two wrappers";
    Text = "named in a text of JSON";
    TextTwice = "named in a text in a text";
    Array = "named in an array";
    Items = "named in items";
    Single = "named in an object for a list";
    DesktopList = "desktop in a list";
    DesktopIds = "desktop in DesktopIds";
    Wrapped = "desktop in a wrapped list";
    Apart = "named in two objects";
    Empty = "named beside empty members";
    OrderOnly = "order only";
    DesktopOnly = "desktop only";
}

impl Place {
    pub(super) fn draw(action: &str, rng: &mut Rng) -> Self {
        let place = Self::ALL[rng.usize(..Self::ALL.len())];
        // A renewal's desktop is the caller's own word.
        if place == Self::DesktopOnly && action != "CreateDesktop" { Self::OrderOnly } else { place }
    }

    /// Whether the order and the desktop are named.
    pub(super) fn names(self) -> (bool, bool) {
        (self != Self::DesktopOnly, self != Self::OrderOnly)
    }
}

/// What was done, at its place, with a status and a code that do not say otherwise.
pub(super) fn named(place: Place, came_to: &Map<String, Value>, action: &str, rng: &mut Rng) -> (u16, Value) {
    let mut body = around(place, came_to, action, rng);
    let status = [200, 200, 200, 200, 201, 202, 400, 409, 500, 503][rng.usize(..10)];
    let code = match rng.u8(..8) {
        0 | 1 => None,
        2 => Some(json!("")),
        3 => Some(Value::Null),
        4 => Some(json!([0, 200, 1][rng.usize(..3)])),
        5 => Some(json!(["OK", "ok", "Success", "success", "SUCCESS", "successful", "200", "0"][rng.usize(..8)])),
        6 => Some(json!(rng.bool())),
        _ => Some(json!(UNKNOWN[rng.usize(..UNKNOWN.len())])),
    };
    if let Some(code) = code {
        put(&mut body, ["Code", "code", "ErrorCode"][rng.usize(..3)], code);
    }
    if rng.bool() {
        put(
            &mut body,
            ["Success", "success"][rng.usize(..2)],
            [json!(true), json!("true"), json!(1)][rng.usize(..3)].clone(),
        );
    }
    if rng.bool() {
        put(&mut body, ["Message", "message"][rng.usize(..2)], json!(["", "successful", "成功", "ok"][rng.usize(..4)]));
    }
    (status, body)
}

/// The same, and a refusal.
pub(super) fn named_and_refused(came_to: &Map<String, Value>, action: &str, rng: &mut Rng) -> (u16, Value) {
    let mut body = around([Place::Top, Place::Camel, Place::Data, Place::Text][rng.usize(..4)], came_to, action, rng);
    match rng.u8(..3) {
        0 => {
            put(&mut body, "Success", json!(false));
            (200, body)
        }
        1 => (429, body),
        _ => {
            put(&mut body, "Code", json!(REFUSALS[rng.usize(..REFUSALS.len())]));
            ([200, 400, 403][rng.usize(..3)], body)
        }
    }
}

/// Done, and nothing says so; without a body it is somebody else's page.
pub(super) fn nameless(action: &str, rng: &mut Rng) -> (u16, Option<Value>) {
    let body = match rng.u8(..16) {
        0 => json!({}),
        1 => json!({ "Success": true }),
        2 => json!({ "Data": true, "Code": "200" }),
        3 => json!({ "Data": null, "Code": "Success" }),
        4 => json!({ "OrderId": "", "DesktopId": "" }),
        5 => json!({ "OrderId": null, "DesktopIds": [] }),
        6 => json!({ "OrderId": 0, "DesktopIds": [null] }),
        7 => json!({ "OrderId": "null", "Result": "{}" }),
        8 => json!([]),
        9 => json!({ "Message": "The order is being processed." }),
        10 => json!({ "Code": UNKNOWN[rng.usize(..UNKNOWN.len())] }),
        11 => json!({ "Data": { "TaskId": "t-1" } }),
        12 => json!({ "Order": { "Id": "1" } }),
        // Names nothing but what was asked for. A purchase was asked for nothing of that name.
        13 if action == "RenewDesktop" => json!({ "DesktopId": "desk-of-the-request", "Success": true }),
        _ => return ([200, 202, 204, 302, 404][rng.usize(..5)], None),
    };
    ([200, 201, 202][rng.usize(..3)], Some(body))
}

/// Nothing is known of what was done; without a body it is somebody else's page.
pub(super) fn vague(rng: &mut Rng) -> (u16, Option<Value>) {
    let trouble = [500, 502, 503, 504, 408][rng.usize(..5)];
    match rng.u8(..5) {
        0 => ([trouble, 200, 404, 302][rng.usize(..4)], None),
        1 => (trouble, Some(json!({}))),
        // In the words of a refusal, which the status does not bear out.
        2 => (trouble, Some(shaped("", REFUSALS[rng.usize(..REFUSALS.len())], rng))),
        3 => (trouble, Some(shaped("", ["InternalError", "ServiceUnavailable", "UnknownError"][rng.usize(..3)], rng))),
        _ => ([200, 400, 403, 409][rng.usize(..4)], Some(json!({ "Code": UNKNOWN[rng.usize(..UNKNOWN.len())] }))),
    }
}

/// Refused by a code, in one of the shapes in which that is said.
pub(super) fn refusal(code: &str, action: &str, rng: &mut Rng) -> (u16, Value) {
    ([200, 400, 403, 404, 409][rng.usize(..5)], shaped(action, code, rng))
}

fn shaped(action: &str, code: &str, rng: &mut Rng) -> Value {
    match rng.u8(..12) {
        0 => json!({ "Code": code, "Message": "The request is refused.", "Recommend": "https://example.test" }),
        1 => json!({ "code": code, "message": "refused", "requestId": "R-1" }),
        2 => json!({ "ErrorCode": code, "ErrorMessage": "refused", "Success": false }),
        3 => json!({ "Success": "false", "Code": code }),
        4 => json!({ "Data": { "Code": code, "Success": false } }),
        5 => json!({ "Error": { "Code": code, "Message": "refused" } }),
        6 => json!({ "Result": json!({ "errorCode": code }).to_string() }),
        7 => json!([{ "Code": code }]),
        8 => json!(json!({ "Code": code }).to_string()),
        9 => json!({ "Code": code, "OrderId": "", "DesktopId": null }),
        10 if !action.is_empty() => json!({ format!("{action}Response"): { "Code": code } }),
        _ => json!({ "errCode": code, "errMsg": "refused", "Data": null }),
    }
}

/// Done, by an action that has nothing to name.
pub(super) fn confirmed(came_to: Map<String, Value>, rng: &mut Rng) -> (u16, Value) {
    let body = match rng.u8(..7) {
        0 => Value::Object(came_to),
        1 => json!({ "Success": true }),
        2 => json!({ "success": "true", "Data": true, "Code": "200" }),
        3 => json!({ "Code": "Success", "Message": "successful" }),
        4 => json!({ "Data": Value::Object(came_to), "Code": 0 }),
        5 => json!({ "Data": null, "ErrorCode": "" }),
        _ => json!({ "Code": null, "Result": {} }),
    };
    ([200, 200, 201, 202][rng.usize(..4)], body)
}

/// The same, and a refusal.
pub(super) fn confirmed_and_refused(rng: &mut Rng) -> (u16, Value) {
    let code = REFUSALS[rng.usize(..REFUSALS.len())];
    let body = if rng.bool() {
        json!({ "Success": true, "Code": code })
    } else {
        json!({ "Data": { "success": "true" }, "Code": code })
    };
    (200, body)
}

/// The text of an answer; some writers put a byte-order mark before it.
pub(super) fn written(body: &Value, rng: &mut Rng) -> String {
    match rng.u8(..10) {
        0 => format!("\u{feff}{body}"),
        1 => format!("\n {body}\n"),
        _ => body.to_string(),
    }
}

/// What is no JSON.
pub(super) fn page(rng: &mut Rng) -> String {
    ["", "<html><body>Please sign in</body></html>", "OK", "null", "{\"OrderId\""][rng.usize(..5)].to_owned()
}

/// Adds a member to an answer, in the object that it is or in the first one that it holds.
fn put(body: &mut Value, name: &str, value: Value) {
    match body {
        Value::Object(members) => {
            members.insert(name.to_owned(), value);
        }
        Value::Array(items) => items.iter_mut().take(1).for_each(|item| put(item, name, value.clone())),
        _ => {}
    }
}

/// The identifiers at their place.
fn around(place: Place, came_to: &Map<String, Value>, action: &str, rng: &mut Rng) -> Value {
    let get = |name: &str| came_to.get(name).cloned();
    let (order, desktop) = (get("OrderId").unwrap_or_default(), get("DesktopId"));
    let both = |order_name: &str, desktop_name: &str| {
        let mut members = Map::new();
        members.insert(order_name.to_owned(), order.clone());
        members.extend(desktop.clone().map(|desktop| (desktop_name.to_owned(), desktop)));
        Value::Object(members)
    };
    let plain = both("OrderId", "DesktopId");
    let with_desktop = |name: &str, value: Value| {
        let mut members = Map::from_iter([("OrderId".to_owned(), order.clone())]);
        members.extend(desktop.is_some().then(|| (name.to_owned(), value)));
        Value::Object(members)
    };
    match place {
        Place::Top => plain,
        Place::Camel => both("orderId", "desktopId"),
        Place::Letters => match rng.u8(..3) {
            0 => both("order_id", "desktop_id"),
            1 => both("ORDERID", "DESKTOPID"),
            _ => both("orderid", "desktopid"),
        },
        Place::Numbers => {
            let number = order.as_str().and_then(|text| text.parse::<u64>().ok()).map_or(order.clone(), Value::from);
            let mut body = plain;
            put(&mut body, "OrderId", number);
            body
        }
        Place::Data => json!({ "Data": plain }),
        Place::Result => json!({ "Result": plain }),
        Place::Response => json!({ format!("{action}Response"): plain }),
        Place::Wrapper => json!({ ["Module", "Value", "model", "body", "payload"][rng.usize(..5)]: plain }),
        Place::Twice => json!({ "Response": { "Result": { "Data": plain } } }),
        Place::Text if rng.bool() => json!({ "Data": plain.to_string() }),
        Place::Text => json!(plain.to_string()),
        Place::TextTwice => json!({ "Result": json!({ "Data": plain.to_string() }).to_string() }),
        Place::Array => json!([plain]),
        Place::Items => json!({ "Data": { "Items": [plain], "Total": 1 } }),
        Place::Single => json!({ "Orders": { "Order": plain } }),
        Place::DesktopList => with_desktop("DesktopId", json!([desktop])),
        Place::DesktopIds => with_desktop("DesktopIds", json!([desktop])),
        Place::Wrapped => with_desktop("DesktopIds", json!({ "DesktopId": [desktop] })),
        Place::Apart => {
            json!({ "Order": { "OrderId": order }, "Desktops": desktop.map(|id| json!([{ "DesktopId": id }])) })
        }
        Place::Empty => json!({ "OrderId": "", "DesktopId": [], "Data": plain, "ErrorCode": null }),
        Place::OrderOnly => json!({ "OrderId": order }),
        Place::DesktopOnly => json!({ "DesktopIds": desktop.map(|id| vec![id]) }),
    }
}
