//! Code snippets that place an order with another client: through this proxy, or straight at the cloud. They hold no
//! secrets; each client finds its credentials by its own conventions.
//!
//! A snippet carries the orders' tokens, so that running it and placing the order here buys once.

use serde_json::{Map, Value};

use crate::order::fields::ORDER_FIELDS;

/// What the code is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// `curl`, to this proxy.
    Curl,
    /// Alibaba Cloud's command line, `aliyun`.
    Cli,
    /// Python with `aliyun-python-sdk-core`.
    Python,
    /// Java with `aliyun-java-sdk-core`.
    Java,
}

impl Client {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Curl, Self::Cli, Self::Python, Self::Java];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Cli => "Alibaba Cloud CLI",
            Self::Python => "Python",
            Self::Java => "Java",
        }
    }
}

/// What shows an API token to this proxy. The token is in the reader's environment, and in no code.
const TOKEN: &str = "\n  --header \"Authorization: Bearer $DESKBUY_TOKEN\" \\";

/// The cloud's version of the product that takes orders.
const VERSION: &str = "2017-03-01";

/// The code that places these orders, each as [`crate::order::NewOrder::to_object`] writes it; all are of one action and
/// one region, as a review has them. `origin` is where this proxy is, such as `https://desks.example.com`
/// or `https://intra.example.com/deskbuy`. `needs_token` says whether people sign in there, so that a program has to show an
/// API token.
#[must_use]
pub fn snippet(client: Client, origin: &str, needs_token: bool, orders: &[Map<String, Value>]) -> String {
    let template = match client {
        Client::Curl => include_str!("snippet/curl.sh"),
        Client::Cli => include_str!("snippet/cli.sh"),
        Client::Python => include_str!("snippet/order.py"),
        Client::Java => include_str!("snippet/Order.java"),
    };
    let filled = |orders: &[String], region: &str, action: &str| {
        // User input is inserted last, so that nothing in it is taken for a placeholder.
        let places = [
            ("{origin}", origin),
            ("{token}", if needs_token { TOKEN } else { "" }),
            ("{version}", VERSION),
            ("{endpoint}", &["clouddesktop.", region, ".aliyuncs.com"].concat()),
            ("{region}", region),
            ("{action}", action),
            ("{orders}", &orders.join(",\n")),
        ];
        places.iter().fold(template.to_owned(), |text, (place, with)| text.replace(place, with))
    };
    let Some(first) = orders.first() else { return String::new() };
    let (region, action) = (text(first.get("RegionId")), text(first.get("Action")));
    let written = orders.iter().map(|order| write(client, order, &action));
    match client {
        // A call each.
        Client::Cli => written.map(|order| filled(&[order], &region, &action)).collect::<Vec<_>>().join("\n"),
        _ => filled(&written.collect::<Vec<_>>(), &region, &action),
    }
}

/// An order's members in the way that the template wants them.
fn write(client: Client, order: &Map<String, Value>, action: &str) -> String {
    let whole = client == Client::Curl;
    // Upstream the action is named apart, a release has no token, and order fields are not known.
    let ours =
        |name: &str| matches!(name, "Action" | ORDER_FIELDS) || (name == "ClientToken" && action == "DeleteDesktop");
    let members = order.iter().filter(|(name, _)| whole || !ours(name));
    let member = |(name, value): (&String, &Value)| match client {
        Client::Curl => [&quoted(name), ": ", &value.to_string()].concat(),
        Client::Cli => ["--", name, " ", &in_shell(&text(Some(value)))].concat(),
        Client::Python => [&quoted(name), ": ", &quoted(&text(Some(value)))].concat(),
        Client::Java => [&quoted(name), ", ", &quoted(&text(Some(value)))].concat(),
    };
    let (before, between, after) = match client {
        Client::Cli => ("", " \\\n  ", ""),
        Client::Curl => ("  { ", ",\n    ", " }"),
        Client::Python => ("    {\n        ", ",\n        ", ",\n    }"),
        Client::Java => ("            {\n                ", ",\n                ", "\n            }"),
    };
    [before, &members.map(member).collect::<Vec<_>>().join(between), after].concat()
}

fn text(value: Option<&Value>) -> String {
    value.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).unwrap_or_default()
}

/// A text as one word of a POSIX shell.
fn in_shell(text: &str) -> String {
    ["'", &text.replace('\'', r"'\''"), "'"].concat()
}

/// A text as a literal of JSON, and so of Python and Java: what JSON escapes, both understand.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::order::{NewOrder, NewOrders};

    /// A user whose name every quoting has to get right.
    const USER: &str = r#"o'b "$(x) \n 伟"#;

    fn order(user: &str) -> Map<String, Value> {
        let members = serde_json::json!({
            "Action": "CreateDesktop", "RegionId": "cn-hangzhou", "ClientToken": "t-1", "TypeItemId": "desktop.n1.small",
            "ChargeType": "PREPAY", "Period": 3, "VpcId": "vpc-1", "ZoneId": "cn-hangzhou-b", "VSwitchId": "vsw-1",
            "ImageId": "m-1", "ImageType": "default", "UserName": user, "UserGroup": "Users",
            "OrderFields": { "ticket": "it's 7" },
        });
        let Value::Object(members) = members else { unreachable!() };
        NewOrder::from_object(members).unwrap().to_object()
    }

    /// What a shell hands to the command of a snippet: its arguments, and its input if that is asked for.
    fn arguments(command: &str, snippet: &str) -> Vec<String> {
        let script = format!("{command}() {{ printf '%s\\0' \"$@\"; case $* in *@-) cat;; esac; }}\n{snippet}\n");
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_terminator('\0').map(str::to_owned).collect()
    }

    #[test]
    fn a_shell_hands_curl_the_very_orders() {
        let orders = [order("zhang.san"), order(USER)];
        let arguments = arguments("curl", &snippet(Client::Curl, "https://desks.example.com", false, &orders));
        let expect =
            ["https://desks.example.com/api/orders", "--header", "Content-Type: application/json", "--data", "@-"];
        assert_eq!(arguments[..5], expect);
        let body: NewOrders = serde_json::from_str(&arguments[5]).unwrap();
        assert_eq!(body.operations, orders);
        assert_eq!(arguments.len(), 6);
    }

    #[test]
    fn a_token_is_taken_from_the_environment() {
        let text = snippet(Client::Curl, "https://desks.example.com", true, &[order(USER)]);
        let arguments = arguments("curl", &["DESKBUY_TOKEN='a b'\n", &text].concat());
        assert_eq!(arguments[3..5], ["--header", "Authorization: Bearer a b"]);
        assert_eq!(arguments.len(), 8);
    }

    #[test]
    fn a_shell_hands_the_command_line_each_parameter() {
        let arguments = arguments("aliyun", &snippet(Client::Cli, "", true, &[order(USER)]));
        let value =
            |name: &str| arguments.iter().position(|argument| argument == name).map(|at| arguments[at + 1].as_str());
        assert_eq!(arguments[..2], ["clouddesktop", "CreateDesktop"]);
        assert_eq!(value("--endpoint"), Some("clouddesktop.cn-hangzhou.aliyuncs.com"));
        assert_eq!(value("--UserName"), Some(USER));
        assert_eq!(value("--Period"), Some("3"));
        assert_eq!(value("--ClientToken"), Some("t-1"));
        assert_eq!((value("--Action"), value("--OrderFields")), (None, None), "the cloud knows neither");
    }

    #[test]
    fn literals_hold_any_text() {
        for client in [Client::Python, Client::Java] {
            let text = snippet(client, "", true, &[order(USER)]);
            assert!(text.contains(r#""o'b \"$(x) \\n 伟""#), "{text}");
            assert!(!text.contains("secret") && !text.contains("ticket"), "{text}");
        }
    }
}
