//! Amounts, and what purchases cost by them.

use proptest::prelude::*;

use super::{currency::CurrencyError, decimal::DecimalError, *};

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn price(charge_type: ChargeType, currency: &str, each: &str, discounts: &[(u64, &str)]) -> Price {
    let discount = |&(months, percent): &(u64, &str)| Discount {
        period: months.try_into().unwrap(),
        percent_off: percent.parse().unwrap(),
    };
    Price {
        region: "cn-hangzhou".parse().unwrap(),
        type_item_id: "desktop.n1.small".parse().unwrap(),
        charge_type,
        currency: currency.parse().unwrap(),
        amount: amount(each),
        discounts: discounts.iter().map(discount).collect(),
    }
}

#[test]
fn amounts_are_read_exactly_and_written_as_short_as_they_are() {
    let check = |text: &str, expect: Result<&str, DecimalError>| {
        assert_eq!(text.parse::<Amount>().map(|amount| amount.to_string()), expect.map(str::to_owned), "{text}");
    };
    check("0", Ok("0"));
    check("306", Ok("306"));
    check("306.00", Ok("306"));
    check("0.85", Ok("0.85"));
    check("0.0001", Ok("0.0001"));
    check("007.50", Ok("7.5"));
    check("1.000000", Ok("1"));
    check("100000000", Ok("100000000"));
    check("0.00001", Err(DecimalError::TooFine));
    check("100000000.0001", Ok("100000000.0001"));
    assert_eq!(Amount::of_price("100000000"), Ok(Amount::HIGHEST));
    assert_eq!(Amount::of_price("100000000.0001"), Err(DecimalError::TooMuch));
    check("99999999999999999999999", Err(DecimalError::TooMuch));
    for text in ["", ".5", "5.", "-1", "+1", "1e3", "1,5", "1 ", "1.2.3", "inf", "１"] {
        check(text, Err(DecimalError::NotDecimal));
    }
}

/// What is written must be read: one order that is not costs the whole list.
#[test]
fn sums_of_the_highest_price_are_read_back() {
    let longest = *Period::ALL.last().unwrap();
    let cost = price(ChargeType::PrePay, "CNY", "100000000", &[]).cost(u16::MAX, Some(longest));
    assert_eq!(cost.per_desktop.to_string(), "3600000000");
    let renewals = (0..1_000).fold(Amount::ZERO, |sum, _| sum.plus(cost.per_desktop));
    for amount in [cost.per_desktop, cost.total, renewals, Amount::of_ten_thousandths(u64::MAX)] {
        let text = serde_json::to_string(&amount).unwrap();
        assert_eq!(serde_json::from_str::<Amount>(&text).unwrap(), amount, "{text}");
    }
}

#[test]
fn a_precision_is_the_least_number_of_decimals() {
    let check = |text: &str, expect: &str| assert_eq!(format!("{:.2}", amount(text)), expect);
    check("306", "306.00");
    check("0.5", "0.50");
    check("0.085", "0.085");
    assert_eq!(format!("{:.9}", amount("1")), "1.0000");
}

#[test]
fn percentages() {
    let check = |text: &str, expect: Option<&str>| {
        assert_eq!(text.parse::<Percent>().ok().map(|percent| percent.to_string()).as_deref(), expect, "{text}");
    };
    check("15", Some("15"));
    check("37.50", Some("37.5"));
    check("0.05", Some("0.05"));
    check("99.99", Some("99.99"));
    for text in ["0", "0.00", "100", "150", "0.001", "-5", "15%", ""] {
        check(text, None);
    }
}

#[test]
fn currencies() {
    let decimals = |text: &str| text.parse::<Currency>().map(Currency::decimals);
    assert_eq!((decimals("CNY"), decimals("JPY"), decimals("KWD")), (Ok(2), Ok(0), Ok(3)));
    for text in ["", "cny", "CN", "CNYX", "C1Y", "人"] {
        assert_eq!(decimals(text), Err(CurrencyError), "{text}");
    }
}

#[test]
fn costs() {
    let check = |price: &Price, desktops: u16, months: Option<u64>, expect: [&str; 3]| {
        let cost = price.cost(desktops, months.map(|months| months.try_into().unwrap()));
        let found = [cost.per_desktop, cost.total, cost.saving].map(|amount| amount.to_string());
        assert_eq!(found, expect, "{desktops} desktops for {months:?}");
    };
    let hourly = price(ChargeType::PostPay, "CNY", "0.0333", &[]);
    check(&hourly, 1, None, ["0.0333", "0.0333", "0"]);
    check(&hourly, 100, None, ["0.0333", "3.33", "0"]);

    let monthly = price(ChargeType::PrePay, "CNY", "199.99", &[(12, "15"), (24, "37.5")]);
    check(&monthly, 1, None, ["199.99", "199.99", "0"]);
    check(&monthly, 3, Some(1), ["199.99", "599.97", "0"]);
    // 2399.88 less 359.982 is 2039.898; the total is three of what one costs.
    check(&monthly, 1, Some(12), ["2039.9", "2039.9", "359.98"]);
    check(&monthly, 3, Some(12), ["2039.9", "6119.7", "1079.94"]);
    check(&monthly, 1, Some(24), ["2999.85", "2999.85", "1799.91"]);
    check(&monthly, 0, Some(24), ["2999.85", "0", "0"]);
    // A discount is for its own period only.
    check(&monthly, 1, Some(36), ["7199.64", "7199.64", "0"]);
    check(&monthly, 1, Some(9), ["1799.91", "1799.91", "0"]);

    // Half a coin is rounded up: 5 less a tenth is 4.5.
    let yen = price(ChargeType::PrePay, "JPY", "5", &[(1, "10")]);
    check(&yen, 2, Some(1), ["5", "10", "0"]);
    let dinar = price(ChargeType::PrePay, "KWD", "0.005", &[(1, "10")]);
    check(&dinar, 1, Some(1), ["0.005", "0.005", "0"]);
}

#[test]
fn the_form_on_the_wire() {
    let book = PriceBook {
        example: true,
        prices: vec![
            price(ChargeType::PrePay, "CNY", "306.50", &[(12, "15")]),
            price(ChargeType::PostPay, "CNY", "0.85", &[]),
        ],
    };
    let text = r#"{"example":true,"prices":[{"region":"cn-hangzhou","type_item_id":"desktop.n1.small","charge_type":"PREPAY","currency":"CNY","amount":"306.5","discounts":[{"period":12,"percent_off":"15"}]},{"region":"cn-hangzhou","type_item_id":"desktop.n1.small","charge_type":"POSTPAY","currency":"CNY","amount":"0.85"}]}"#;
    assert_eq!(serde_json::to_string(&book).unwrap(), text);
    assert_eq!(serde_json::from_str::<PriceBook>(text).unwrap(), book);
    assert_eq!(serde_json::to_string(&PriceBook::default()).unwrap(), r#"{"prices":[]}"#);
}

#[test]
fn a_price_is_for_its_region_type_and_billing_kind() {
    let one = price(ChargeType::PrePay, "CNY", "1", &[]);
    let book = PriceBook { example: false, prices: vec![one.clone()] };
    let find = |region: &str, kind: &str, charge_type| {
        book.price(&region.parse().unwrap(), &kind.parse().unwrap(), charge_type)
    };
    assert_eq!(find("cn-hangzhou", "desktop.n1.small", ChargeType::PrePay), Some(&one));
    assert_eq!(find("cn-beijing", "desktop.n1.small", ChargeType::PrePay), None);
    assert_eq!(find("cn-hangzhou", "desktop.n1.large", ChargeType::PrePay), None);
    assert_eq!(find("cn-hangzhou", "desktop.n1.small", ChargeType::PostPay), None);
}

/// Hundredths of a unit as a decimal text.
fn hundredths(number: u64) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

/// Any price that can be written, in ten-thousandths.
fn prices() -> impl Strategy<Value = u64> {
    0..=100_000_000_u64 * 10_000
}

proptest! {
    #[test]
    fn what_is_written_is_read(number in prices()) {
        let text = format!("{}.{:04}", number / 10_000, number % 10_000);
        let read = amount(&text);
        prop_assert_eq!(amount(&read.to_string()), read);
        let decimals = usize::from(read.decimals());
        let digits = format!("{read:.4}");
        prop_assert_eq!(&digits, &text);
        prop_assert!(digits[digits.len() - (4 - decimals)..].bytes().all(|digit| digit == b'0'));
    }

    /// Against the same in wide whole numbers, the highest price, the longest period and the most desktops included.
    #[test]
    fn costs_are_exact(coins in 0..=10_000_000_000_u64, off in 1..10_000_u64, desktops: u16, at in 0..12_usize) {
        let period = Period::ALL[at];
        let off_text = hundredths(off);
        let monthly = price(ChargeType::PrePay, "CNY", &hundredths(coins), &[(u64::from(period.months()), &off_text)]);
        let cost = monthly.cost(desktops, Some(period));

        let full = u128::from(coins) * u128::from(period.months());
        let each = (full * u128::from(10_000 - off) * 2 + 10_000) / 20_000;
        let total = each * u128::from(desktops);
        let text = |number: u128| format!("{}.{:02}", number / 100, number % 100);
        prop_assert_eq!(format!("{:.2}", cost.per_desktop), text(each));
        prop_assert_eq!(format!("{:.2}", cost.total), text(total));
        prop_assert_eq!(format!("{:.2}", cost.saving), text(full * u128::from(desktops) - total));
    }
}
