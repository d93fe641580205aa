//! Sums of money as the languages write them: symbol or code, digits in threes, at least the decimals of a coin and at
//! most those of an amount. As `Intl.NumberFormat` does (CLDR 48), which the proxy has not, and which takes a browser
//! longer for the first sum than all the rest of a form; a test of the page compares the two for every currency
//! that the browser knows (`frontend/src/purchase/price.rs`).

use super::{Amount, Currency};
use crate::language::Language;

/// No line breaks here.
const NO_BREAK_SPACE: char = '\u{a0}';

/// A sum of money, with all of its decimals.
#[must_use]
pub fn money(language: Language, currency: Currency, amount: Amount) -> String {
    let symbol = symbol(language, currency).unwrap_or(currency.as_str());
    let digits = format!("{amount:.*}", usize::from(currency.decimals()));
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut text = String::with_capacity(symbol.len() + digits.len() * 4 / 3 + 2);
    text.push_str(symbol);
    // A code or an abbreviation is set apart, a sign is not.
    if symbol.ends_with(|last: char| last.is_ascii_alphabetic()) {
        text.push(NO_BREAK_SPACE);
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text.push_str(fraction);
    text
}

/// What a currency is written with in place of its code.
fn symbol(language: Language, currency: Currency) -> Option<&'static str> {
    let (chinese, english) = match currency.as_str() {
        "AUD" => ("AU$", "A$"),
        "BRL" => ("R$", "R$"),
        "CAD" => ("CA$", "CA$"),
        "CNY" => ("¥", "CN¥"),
        "EUR" => ("€", "€"),
        "GBP" => ("£", "£"),
        "HKD" => ("HK$", "HK$"),
        "ILS" => ("₪", "₪"),
        "INR" => ("₹", "₹"),
        "JPY" => ("JP¥", "¥"),
        "KRW" => ("₩", "₩"),
        "MXN" => ("MX$", "MX$"),
        "NZD" => ("NZ$", "NZ$"),
        "PHP" => ("PHP", "₱"),
        "TWD" => ("NT$", "NT$"),
        "USD" => ("US$", "$"),
        "VND" => ("₫", "₫"),
        "XAF" => ("FCFA", "FCFA"),
        "XCD" => ("EC$", "EC$"),
        "XOF" => ("F\u{202f}CFA", "F\u{202f}CFA"),
        "XPF" => ("CFPF", "CFPF"),
        _ => return None,
    };
    Some(match language {
        Language::Chinese => chinese,
        Language::English => english,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_as_the_languages_write_them() {
        let check = |currency: &str, amount: &str, chinese: &str, english: &str| {
            let [currency, amount] = [currency, amount];
            let of = |language| money(language, currency.parse().unwrap(), amount.parse().unwrap());
            assert_eq!(of(Language::Chinese), chinese);
            assert_eq!(of(Language::English), english);
        };
        check("CNY", "0.85", "¥0.85", "CN¥0.85");
        check("CNY", "1234567.5", "¥1,234,567.50", "CN¥1,234,567.50");
        check("USD", "1.2345", "US$1.2345", "$1.2345");
        check("JPY", "12", "JP¥12", "¥12");
        check("JPY", "999.5", "JP¥999.5", "¥999.5");
        check("KWD", "0.5", "KWD\u{a0}0.500", "KWD\u{a0}0.500");
        check("IDR", "8500", "IDR\u{a0}8,500.00", "IDR\u{a0}8,500.00");
        check("PHP", "100", "PHP\u{a0}100.00", "₱100.00");
        check("XOF", "1000", "F\u{202f}CFA\u{a0}1,000", "F\u{202f}CFA\u{a0}1,000");
        check("EUR", "100000000", "€100,000,000.00", "€100,000,000.00");
    }
}
