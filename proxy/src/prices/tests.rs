//! Tests of price books, valid ones and others.

use proptest::prelude::*;

use super::*;

const REGIONS: [&str; 2] = ["cn-hangzhou", "cn-beijing"];

fn served() -> Vec<RegionId> {
    REGIONS.iter().map(|name| name.parse().unwrap()).collect()
}

fn book(text: &str) -> PriceBook {
    read(text, Some(&served())).unwrap()
}

/// The errors as an operator sees them.
fn errors(text: &str) -> Vec<String> {
    let found = read(text, Some(&served())).unwrap_err();
    found.into_iter().map(|FileError { line, what }| format!("{line}: {what}")).collect()
}

#[test]
fn prices_are_read_as_they_are_written() {
    let book = book(
        r#"
        currency = "CNY"

        [[price]]
        region = ["cn-hangzhou", "cn-beijing"]
        type = "desktop.n1.small"
        billing = "PREPAY"
        per_month = 199.90
        percent_off = { 12 = 15, 3 = "2.5" }

        [[price]]
        region = "cn-hangzhou"
        type = "desktop.n1.small"
        billing = "POSTPAY"
        currency = "JPY"
        per_hour = "9.1234"
        "#,
    );
    let text = serde_json::to_string(&book).unwrap();
    let monthly = |region| {
        format!(
            r#"{{"region":"{region}","type_item_id":"desktop.n1.small","charge_type":"PREPAY","currency":"CNY","amount":"199.9","discounts":[{{"period":3,"percent_off":"2.5"}},{{"period":12,"percent_off":"15"}}]}}"#
        )
    };
    let hourly = r#"{"region":"cn-hangzhou","type_item_id":"desktop.n1.small","charge_type":"POSTPAY","currency":"JPY","amount":"9.1234"}"#;
    assert_eq!(text, format!(r#"{{"prices":[{},{},{hourly}]}}"#, monthly("cn-hangzhou"), monthly("cn-beijing")));
}

#[test]
fn an_empty_book_is_a_book() {
    assert_eq!(book(""), PriceBook::default());
    assert_eq!(book("# nothing yet\ncurrency = \"CNY\"\n"), PriceBook::default());
}

#[test]
fn the_example_is_one_and_says_so() {
    let example = read(include_str!("../../../deploy/prices.example.toml"), None).unwrap();
    assert!(example.example);
    assert!(example.prices.len() > 40);
    assert!(ChargeType::ALL.iter().all(|kind| example.prices.iter().any(|price| price.charge_type == *kind)));
    assert!(example.prices.iter().any(|price| !price.discounts.is_empty()));
}

#[test]
fn each_mistake_has_its_line() {
    let text = r#"currency = "yuan"
exampel = true

[[price]]
region = "CN BEIJING"
type = "desktop n1"
billing = "PREPAID"
per_hour = 1e3

[[price]]
region = ["cn-hangzhou", "mars"]
type = "desktop.n1.small"
billing = "PREPAY"
currency = "CNY"
per_hour = 0.85

[[price]]
region = []
billing = "POSTPAY"
currency = "CNY"
per_hour = 0.85
percent_off = { 12 = 15 }

[[price]]
region = "cn-hangzhou"
type = "desktop.n1.large"
billing = "PREPAY"
currency = "CNY"
per_month = 0.005
percent_off = { 10 = 15, 12 = 100, 24 = true }
discount = 3

[[price]]
region = "cn-hangzhou"
type = "desktop.n1.medium"
billing = "PREPAY"
currency = "CNY"
"#;
    let expect = [
        r#"1: `currency` has "yuan", which is not a currency's code of three capital letters, such as CNY"#,
        "2: there is nothing called `exampel`, but example, currency, price",
        r#"5: `region` has "CN BEIJING", which is not a region such as cn-hangzhou"#,
        r#"6: `type` has "desktop n1", which is not a type such as desktop.n1.small"#,
        r#"7: `billing` has "PREPAID", which is neither POSTPAY nor PREPAY"#,
        r#"8: `per_hour` has "1e3", which is not a decimal number such as 0.85"#,
        r#"11: `region` has "mars", which is none of the regions that are served (--regions)"#,
        "15: PREPAY has its price under `per_month`, not under `per_hour`",
        "17: there is no `type`",
        "18: `region` names none",
        "22: `percent_off` is for PREPAY only",
        "29: `per_month` is finer than the coins of CNY",
        r#"30: "10" months are not on sale"#,
        r#"30: `percent_off` has "100", which is not more than 0 and less than 100, with at most two digits behind the point"#,
        "30: `percent_off` is neither a text nor a number",
        "31: there is nothing called `discount`, but region, type, billing, currency, per_hour, per_month, percent_off",
        "33: there is no `per_month`",
    ];
    assert_eq!(errors(text), expect);
}

#[test]
fn prices_that_are_there_twice() {
    let entry = |region: &str, billing: &str, price: &str| {
        format!(
            "[[price]]\nregion = {region}\ntype = \"t\"\nbilling = \"{billing}\"\ncurrency = \"CNY\"\n{price} = 1\n"
        )
    };
    let text = [
        entry(r#"["cn-hangzhou", "cn-beijing"]"#, "PREPAY", "per_month"),
        entry(r#""cn-hangzhou""#, "POSTPAY", "per_hour"),
        entry(r#""cn-beijing""#, "PREPAY", "per_month"),
    ];
    assert_eq!(errors(&text.concat()), ["14: t in cn-beijing, PREPAY has a price already, in line 2"]);
}

#[test]
fn what_is_not_of_the_form() {
    let check = |text: &str, expect: &str| assert_eq!(errors(text), [expect], "{text}");
    check("price = 3", "1: a price begins with [[price]], in two brackets");
    check("\n[price]\nregion = 1", "2: a price begins with [[price]], in two brackets");
    check("price = [3]", "1: a price begins with [[price]], in two brackets");
    check("example = 1", "1: `example` is neither true nor false");
    let entry = "[[price]]\nregion = \"cn-hangzhou\"\ntype = \"t\"\nbilling = \"PREPAY\"\nper_month = 1\n";
    check(entry, "1: there is no `currency`, neither here nor at the top of the file");
    check(&format!("currency = \"CNY\"\n{entry}percent_off = 15"), "7: `percent_off` is not of the form { 12 = 15 }");
    let twice = format!("currency = \"CNY\"\n{entry}percent_off = {{ 12 = 15, 012 = 20 }}");
    check(&twice, "7: \"12\" months stand here twice");
}

#[test]
fn what_is_no_toml() {
    let found = errors(
        "currency = \"CNY\"\n[[price]]\nregion = cn-hangzhou\ntype = \"t\n\nbilling = \"PREPAY\"\nbilling = \"PREPAY\"\n",
    );
    let lines: Vec<_> = found.iter().map(|error| error.split(": ").next().unwrap()).collect();
    assert_eq!(lines, ["3", "4", "7"], "{found:?}");
    assert!(found.iter().all(|error| error.contains("this is no TOML: ")), "{found:?}");
}

proptest! {
    #[test]
    fn nothing_panics(text in any::<String>()) {
        let _ = read(&text, None);
    }

    /// Mutations of a valid text reach more of the parser than random bytes.
    #[test]
    fn nothing_panics_near_the_form(at in 0_usize..4000, with in ".{0,3}") {
        let example = include_str!("../../../deploy/prices.example.toml");
        let at = (0..=at.min(example.len())).rev().find(|at| example.is_char_boundary(*at)).unwrap_or(0);
        let text = format!("{}{with}{}", &example[..at], &example[at..]);
        if let Err(errors) = read(&text, None) {
            let lines = text.lines().count() + 1;
            prop_assert!(errors.iter().all(|error| (1..=lines).contains(&error.line)));
        }
    }
}
