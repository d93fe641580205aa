//! Reads what is meant as JSON and is not: with comments, trailing commas, other quotes, raw control characters, something
//! before, between or behind its values, or cut off. And XML, the upstream's format for requests without `Format=JSON`.
//! For answers that may name what was bought, which is not to be overlooked.

use std::borrow::Cow;

use super::{Json, Members, long_numbers::loses_digits};

/// How deep values are looked into.
const DEPTH: u8 = 32;
/// More values than any answer has one behind the other.
const MOST: usize = 256;
/// Longer than any answer to a purchase.
const LONGEST: usize = 1 << 20;

/// The values of a text, and whether nothing of it is cut off or stands in a page for people. Several are each a `Data`
/// of one object.
pub fn read(text: &str) -> Option<(Json<'static>, bool)> {
    let text = text
        .get(..LONGEST)
        .unwrap_or(text)
        .trim_start_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}');
    let is_markup = text.starts_with('<');
    if is_markup && let Some(json) = document(text) {
        return Some((json, true));
    }
    let mut reader = Reader { rest: text, is_cut: false };
    let mut values = Vec::new();
    while values.len() < MOST {
        reader.skip();
        match reader.rest.chars().next() {
            None => break,
            Some('{' | '[') => values.extend(reader.value(DEPTH)),
            Some(letter) => reader.rest = &reader.rest[letter.len_utf8()..],
        }
    }
    let is_whole = !reader.is_cut && !is_markup;
    let one = if values.len() == 1 { values.pop() } else { None };
    let of = |value| (Cow::Borrowed("Data"), value);
    let json = one.or_else(|| (!values.is_empty()).then(|| Json::Object(values.into_iter().map(of).collect())))?;
    Some((json, is_whole))
}

struct Reader<'t> {
    rest: &'t str,
    /// Whether the text ended within a value.
    is_cut: bool,
}

impl Reader<'_> {
    /// Passes over blanks and comments.
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let end = if self.rest.starts_with("/*") {
                self.rest.find("*/").map(|at| at + 2)
            } else if self.rest.starts_with("//") {
                self.rest.find('\n')
            } else {
                return;
            };
            self.rest = end.and_then(|end| self.rest.get(end..)).unwrap_or_default();
        }
    }

    fn take(&mut self, letter: char) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(letter);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// The value that begins here; none where it is cut off, or too deep.
    fn value(&mut self, depth: u8) -> Option<Json<'static>> {
        let depth = depth.checked_sub(1)?;
        if self.take('{') {
            return Some(self.object(depth));
        }
        if self.take('[') {
            return Some(self.list(depth));
        }
        match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => self.text(quote).map(|text| Json::Text(text.into())),
            _ => self.word().map(scalar),
        }
    }

    fn object(&mut self, depth: u8) -> Json<'static> {
        let mut members = Members::new();
        while !self.take('}') {
            if self.rest.is_empty() {
                self.is_cut = true;
                break;
            }
            if self.take(',') {
                continue;
            }
            let name = match self.rest.chars().next() {
                Some(quote @ ('"' | '\'')) => self.text(quote),
                _ => self.word().map(str::to_owned),
            };
            let value = if self.take(':') { self.value(depth) } else { Some(Json::Null) };
            match (name, value) {
                (Some(name), Some(value)) => members.push((name.into(), value)),
                _ if self.rest.is_empty() => self.is_cut = true,
                // Something that is in no JSON.
                _ => self.pass(),
            }
        }
        Json::Object(members)
    }

    fn list(&mut self, depth: u8) -> Json<'static> {
        let mut items = Vec::new();
        while !self.take(']') {
            if self.rest.is_empty() {
                self.is_cut = true;
                break;
            }
            if self.take(',') {
                continue;
            }
            match self.value(depth) {
                Some(item) => items.push(item),
                None if self.rest.is_empty() => self.is_cut = true,
                None => self.pass(),
            }
        }
        Json::List(items)
    }

    /// Passes over one letter, so that reading goes on.
    fn pass(&mut self) {
        let letter = self.rest.chars().next().map_or(0, char::len_utf8);
        self.rest = &self.rest[letter..];
    }

    /// A text in quotes; none if its end is not there.
    fn text(&mut self, quote: char) -> Option<String> {
        let mut text = String::new();
        let mut letters = self.rest[quote.len_utf8()..].chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => match letters.next()? {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'u' => {
                        let digits = letters.as_str().get(..4);
                        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                        text.push(code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER));
                        if code.is_some() {
                            letters = letters.as_str()[4..].chars();
                        }
                    }
                    other => text.push(other),
                },
                letter if letter == quote => {
                    self.rest = letters.as_str();
                    return Some(text);
                }
                letter => text.push(letter),
            }
        }
        self.rest = "";
        self.is_cut = true;
        None
    }

    /// Letters up to the next sign of JSON; none if there are none, or if more might have come.
    fn word(&mut self) -> Option<&str> {
        let is_end = |letter: char| letter.is_whitespace() || "{}[],:;()\"'".contains(letter);
        let Some(end) = self.rest.find(is_end) else {
            self.rest = "";
            self.is_cut = true;
            return None;
        };
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }
}

fn scalar(word: &str) -> Json<'static> {
    match word {
        "null" | "undefined" => Json::Null,
        "true" => Json::Bool(true),
        "false" => Json::Bool(false),
        _ => match serde_json::from_str(word) {
            Ok(number) if !loses_digits(word) => Json::Number(number),
            _ => Json::Text(word.to_owned().into()),
        },
    }
}

/// An XML document: elements are members, and texts their values. None if it is not well-formed, or a page for people.
fn document(text: &str) -> Option<Json<'static>> {
    let (name, value, rest) = element(prolog(text)?, DEPTH)?;
    let is_page =
        ["html", "head", "body", "pre", "div", "p", "center"].iter().any(|tag| tag.eq_ignore_ascii_case(name));
    (!is_page && prolog(rest).is_some_and(str::is_empty)).then(|| Json::Object(vec![(name.to_owned().into(), value)]))
}

/// What comes after declarations, comments and blanks.
fn prolog(mut text: &str) -> Option<&str> {
    loop {
        text = text.trim_start();
        let end = match text {
            _ if text.starts_with("<?") => "?>",
            _ if text.starts_with("<!--") => "-->",
            _ if text.starts_with("<!") && !text.starts_with("<![") => ">",
            _ => return Some(text),
        };
        text = text.split_once(end)?.1;
    }
}

/// The element at the beginning of a text, and what comes after it.
fn element(text: &str, depth: u8) -> Option<(&str, Json<'static>, &str)> {
    let depth = depth.checked_sub(1)?;
    let (tag, mut rest) = text.strip_prefix('<')?.split_once('>')?;
    let name = tag.split(|letter: char| letter.is_whitespace() || letter == '/').next()?;
    let local = name.rsplit(':').next().filter(|local| local.starts_with(|c: char| c.is_ascii_alphabetic()))?;
    if tag.ends_with('/') {
        return Some((local, Json::Null, rest));
    }
    let (mut members, mut own) = (Members::new(), String::new());
    loop {
        if let Some(inner) = rest.strip_prefix("<![CDATA[") {
            let (raw, behind) = inner.split_once("]]>")?;
            own.push_str(raw);
            rest = behind;
        } else if let Some(inner) = rest.strip_prefix("</") {
            let (end, behind) = inner.split_once('>')?;
            let value =
                if members.is_empty() { Json::Text(own.trim().to_owned().into()) } else { Json::Object(members) };
            return (end.trim() == name).then_some((local, value, behind));
        } else if rest.starts_with("<!--") || rest.starts_with("<?") {
            rest = prolog(rest)?;
        } else if rest.starts_with('<') {
            let (name, value, behind) = element(rest, depth)?;
            members.push((name.to_owned().into(), value));
            rest = behind;
        } else {
            let end = rest.find('<')?;
            own.push_str(&unescaped(&rest[..end]));
            rest = &rest[end..];
        }
    }
}

fn unescaped(text: &str) -> String {
    const NAMED: [(&str, &str); 5] = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    NAMED.iter().fold(text.to_owned(), |text, (name, letter)| text.replace(name, letter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expect: Option<(&str, bool)>) {
        let found = read(text);
        let expect = expect.map(|(json, is_whole)| (Json::read(json.as_bytes()).unwrap().into_owned(), is_whole));
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn what_is_not_quite_json() {
        let ids = r#"{"OrderId":"1","DesktopId":"d-1"}"#;
        for text in [
            r#"{"OrderId":"1","DesktopId":"d-1",}"#,
            r#"/* {} */ {"OrderId":"1", // [
                "DesktopId":"d-1"}"#,
            r#"callback({"OrderId":"1","DesktopId":"d-1"});"#,
            ")]}',\n{\"OrderId\":\"1\",\"DesktopId\":\"d-1\"}",
            "event: message\ndata: {\"OrderId\":\"1\",\"DesktopId\":\"d-1\"}\n\n",
            "{'OrderId':'1',DesktopId:'d-1'}",
            "\u{feff} {OrderId : \"1\" , , \"DesktopId\" : \"d-1\"}\0\0",
        ] {
            check(text, Some((ids, true)));
        }
        check(
            "{\"a\":\"b\n\\x\\u0041\\ud800\",\"b\":NaN,\"c\":007}",
            Some(("{\"a\":\"b\\nxA\u{fffd}\",\"b\":\"NaN\",\"c\":\"007\"}", true)),
        );
        check("{\"a\":99999999999999999999,\"b\":1e999}", Some((r#"{"a":"99999999999999999999","b":"1e999"}"#, true)));
        check("{\"a\":1}\n[2]", Some((r#"{"Data":{"a":1},"Data":[2]}"#, true)));
        check("no value", None);
        check("", None);
    }

    #[test]
    fn what_is_cut_off_is_told_as_far_as_it_is_there() {
        check(r#"{"a":"1","b":"2"#, Some((r#"{"a":"1"}"#, false)));
        check(r#"{"a":"1","b":2"#, Some((r#"{"a":"1"}"#, false)));
        check(r#"{"a":"1","b":[2,3"#, Some((r#"{"a":"1","b":[2]}"#, false)));
        check(r#"{"a":{"b":"1"},"c"#, Some((r#"{"a":{"b":"1"}}"#, false)));
    }

    #[test]
    fn xml_and_pages() {
        check(
            "<?xml version=\"1.0\"?>\n<!-- x --><R xmlns=\"u\"><n:OrderId>1</n:OrderId><D><I>d &amp; e</I><I/><J><![CDATA[<]]></J></D></R>\n",
            Some((r#"{"R":{"OrderId":"1","D":{"I":"d & e","I":null,"J":"<"}}}"#, true)),
        );
        check("<R><OrderId>1</R>", None);
        check("<R><OrderId>1</OrderId>", None);
        check("<html><body>1</body></html>", None);
        check(r#"<html><pre>{"OrderId":"1"}</pre></html>"#, Some((r#"{"OrderId":"1"}"#, false)));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "([{}\\[\\],:\"'\\\\/*<>!?&; a1é\n-]|CDATA|--|u12){0,40}") {
            let _ = read(&text);
        }

        #[test]
        fn what_is_json_is_read_as_it_is(name in "[a-z]{1,4}", text in any::<String>(), number in any::<i64>()) {
            let json = serde_json::json!({ name: [text, number, null, true], "o": {} }).to_string();
            prop_assert_eq!(read(&json), Some((Json::read(json.as_bytes()).unwrap().into_owned(), true)));
        }
    }
}
