//! Numbers of more digits than a machine's number holds. `serde_json` rounds them, and a rounded order number names
//! another order; its own remedy, `arbitrary_precision`, changes how every number of the whole program is read. So such
//! numbers are put between quotation marks before the text is read.

/// The most digits that every kind of number here keeps.
const SAFE_DIGITS: usize = 15;

/// The text with its long numbers as texts; nothing where there are none, as with nearly every answer.
pub(super) fn quoted(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out: Option<String> = None;
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = end_of_text(bytes, at),
            b'-' | b'0'..=b'9' => {
                let end = at + bytes[at..].iter().take_while(|byte| is_of_number(**byte)).count();
                let number = &text[at..end];
                if loses_digits(number) {
                    let out = out.get_or_insert_with(|| String::with_capacity(text.len() + 16));
                    out.push_str(&text[copied..at]);
                    out.push('"');
                    out.push_str(number);
                    out.push('"');
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    out.map(|mut out| {
        out.push_str(&text[copied..]);
        out
    })
}

/// The place behind the text that begins here.
fn end_of_text(bytes: &[u8], begin: usize) -> usize {
    let mut at = begin + 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        if bytes[at + found] == b'"' {
            return at + found + 1;
        }
        at += found + 2;
    }
    bytes.len()
}

const fn is_of_number(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')
}

/// Whether a number would lose digits as a machine's number.
pub(super) fn loses_digits(number: &str) -> bool {
    let digits = number.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).filter(u8::is_ascii_digit).count();
    let is_well_formed = || serde_json::from_str::<serde_json::Number>(number).is_ok();
    digits > SAFE_DIGITS && number.parse::<u64>().is_err() && number.parse::<i64>().is_err() && is_well_formed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_would_lose_digits() {
        let check = |text: &str, expect: Option<&str>| assert_eq!(quoted(text).as_deref(), expect, "{text}");
        check("", None);
        check(r#"{"a":18446744073709551615,"b":-9223372036854775808,"c":1.5,"d":1e40}"#, None);
        check(r#"{"a":"99999999999999999999","b\"99999999999999999999":1}"#, None);
        check("[2.1455281007078e13]", None);
        check("18446744073709551616", Some("\"18446744073709551616\""));
        check("[1,214552810070782123.0, 2]", Some("[1,\"214552810070782123.0\", 2]"));
        check(r#"{"a":21455281007078212345}"#, Some(r#"{"a":"21455281007078212345"}"#));
        check("[12345678901234567890-1]", None);
        check("\"unfinished 99999999999999999999", None);
        check("\"\\", None);
    }
}
