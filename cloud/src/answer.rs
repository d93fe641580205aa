//! What comes back over the wire, before anybody asks what it means: status, JSON, and the headers that matter here.

use std::time::Duration;

use bytes::Bytes;
use http::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

use super::{decode, json::Json};

/// An answer as it arrived.
#[derive(Clone, Debug)]
pub struct RawAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body, whatever it is.
    pub body: Bytes,
    /// How long the upstream asks to be left alone.
    pub retry_after: Option<Duration>,
    /// The upstream's time, as it wrote it.
    date: Option<HeaderValue>,
    /// This machine's time when the answer came.
    came: Timestamp,
    /// Whether its end did not come.
    is_cut: bool,
}

/// An answer that has been looked into.
#[derive(Clone, Debug)]
pub struct OpenAnswer<'a> {
    /// The answer.
    pub raw: &'a RawAnswer,
    /// The body, if it is a JSON object or list; also one that comes as JSON in a text.
    pub json: Option<Json<'a>>,
    /// How it was read.
    pub reading: Reading,
}

/// How an answer was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As JSON.
    Strict,
    /// As something that is meant as JSON, or as XML: what it names is taken, and nothing else that it says.
    Loose,
    /// The same of a part of an answer, of a page for people, or of an answer without success: what it names is kept, and
    /// proves nothing.
    Part,
}

impl RawAnswer {
    /// Reads an answer. `now` is this machine's time when it came.
    #[must_use]
    pub fn new(status: u16, headers: &HeaderMap, body: Bytes, now: Timestamp) -> Self {
        let header = |name: &str| headers.get(name)?.to_str().ok();
        let asked = header("x-acs-retry-after").or_else(|| header(RETRY_AFTER.as_str()));
        Self {
            status,
            body,
            retry_after: asked.and_then(|text| retry_after(text, now)),
            date: headers.get(DATE).cloned(),
            came: now,
            is_cut: false,
        }
    }

    /// The same answer as one whose end did not come.
    #[must_use]
    pub fn cut(self) -> Self {
        Self { is_cut: true, ..self }
    }

    /// Seconds by which the upstream's clock is ahead of this machine's.
    #[must_use]
    pub fn clock_ahead(&self) -> Option<i64> {
        let there = time(self.date.as_ref()?.to_str().ok()?)?;
        Some(there.as_second() - self.came.as_second())
    }

    /// Looks into it.
    #[must_use]
    pub fn open(&self) -> OpenAnswer<'_> {
        self.opened(Json::read(&self.body))
    }

    /// Looks into the answer to a read, which has no effect to be wrong about: a text in another encoding, or one value that
    /// is in no JSON (`NaN`, `1e400`, a comma too many), costs the entry that it stands in. What is cut off is not read.
    #[must_use]
    pub fn open_for_read(&self) -> OpenAnswer<'_> {
        let strict = self.open();
        if strict.json.is_some() || self.is_cut {
            return strict;
        }
        let text = String::from_utf8_lossy(&self.body);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let lossy = self.opened(Json::read_text(text).map(Json::into_owned));
        if lossy.json.is_some() || !text.trim_start().starts_with(['{', '[']) {
            return lossy;
        }
        let loose = Json::read_loosely(&self.body).filter(|(_, is_whole)| *is_whole);
        self.opened(loose.map(|(json, _)| json))
    }

    /// Looks into an answer that may name what was bought, which is not to be overlooked: also where something stands
    /// behind the JSON, where a message is in another encoding, or where it is no JSON at all.
    #[must_use]
    pub fn open_leniently(&self) -> OpenAnswer<'_> {
        let whole = self.open();
        if whole.json.is_some() {
            return whole;
        }
        let first = self.opened(Json::read_first(&String::from_utf8_lossy(&self.body)).map(Json::into_owned));
        let names = |json: &Json<'_>| !decode::Identifiers::of(json).is_empty();
        if first.json.as_ref().is_some_and(names) && !self.is_cut {
            return first;
        }
        match Json::read_loosely(&self.body).filter(|(json, _)| names(json)) {
            Some((json, is_whole)) => {
                let is_sure = is_whole && !self.is_cut && (200..300).contains(&self.status);
                let reading = if is_sure { Reading::Loose } else { Reading::Part };
                OpenAnswer { raw: self, json: Some(json), reading }
            }
            None => first,
        }
    }

    fn opened<'a>(&'a self, json: Option<Json<'a>>) -> OpenAnswer<'a> {
        let json = match json {
            Some(Json::Text(text)) => Json::read_text(&text).map(Json::into_owned),
            json => json,
        };
        let json = json.filter(|json| matches!(json, Json::Object(_) | Json::List(_)));
        OpenAnswer { raw: self, json, reading: Reading::Strict }
    }
}

impl OpenAnswer<'_> {
    /// A member of the body as a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        decode::text(self.json.as_ref()?, name)
    }

    /// The upstream's `RequestId`, unless what stands there cannot be one: it goes into headers and logs.
    #[must_use]
    pub fn request_id(&self) -> Option<String> {
        let fits = |id: &String| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        self.text("RequestId").filter(fits)
    }
}

fn time(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text).ok()
}

/// The pause that a `Retry-After` asks for: a number of seconds or a time. An hour at most.
#[must_use]
pub fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    const LONGEST: u64 = 3600;
    let seconds = match text.trim().parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => u64::try_from(time(text)?.as_second() - now.as_second()).unwrap_or(0),
    };
    Some(Duration::from_secs(seconds.min(LONGEST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_matter() {
        let now: Timestamp = "2018-06-01T08:00:00Z".parse().unwrap();
        let check = |list: &[(&'static str, &'static str)], pause: Option<u64>, ahead: Option<i64>| {
            let headers = list
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
                .collect::<HeaderMap>();
            let answer = RawAnswer::new(200, &headers, Bytes::new(), now);
            assert_eq!(answer.retry_after, pause.map(Duration::from_secs), "{list:?}");
            assert_eq!(answer.clock_ahead(), ahead, "{list:?}");
        };
        check(&[], None, None);
        check(&[("retry-after", "7")], Some(7), None);
        check(&[("retry-after", "7"), ("x-acs-retry-after", "3")], Some(3), None);
        check(&[("retry-after", "Fri, 01 Jun 2018 08:00:30 GMT")], Some(30), None);
        check(&[("retry-after", "Fri, 01 Jun 2018 07:00:00 GMT")], Some(0), None);
        check(&[("retry-after", "99999999")], Some(3600), None);
        check(&[("retry-after", "soon")], None, None);
        check(&[("date", "Fri, 01 Jun 2018 08:20:00 GMT")], None, Some(1200));
        check(&[("date", "Fri, 01 Jun 2018 07:59:59 GMT")], None, Some(-1));
        check(&[("date", "yesterday")], None, None);
    }

    #[test]
    fn what_stands_around_the_json() {
        let check = |body: &[u8], strictly: bool, leniently: bool| {
            let answer = RawAnswer::new(200, &HeaderMap::new(), body.to_vec().into(), Timestamp::UNIX_EPOCH);
            let names = |answer: OpenAnswer<'_>| answer.reading != Reading::Part && answer.text("OrderId").is_some();
            let found = [answer.open(), answer.open_leniently()].map(names);
            assert_eq!(found, [strictly, leniently], "{}", String::from_utf8_lossy(body));
        };
        check(br#"{"OrderId":"1"}"#, true, true);
        check(b"\xef\xbb\xbf {\"OrderId\":\"1\"}\r\n", true, true);
        check(br#""{\"OrderId\":\"1\"}""#, true, true);
        check(br#"{"OrderId":"1"}<!-- cached -->"#, false, true);
        check(br#"{"OrderId":123456789012345678901234567890}{"a":1}"#, false, true);
        check(b"{\"Message\":\"\xb3\xc9\xb9\xa6\",\"OrderId\":\"1\"}", false, true);
        check(b"\xff\xfe{\0\"\0O\0r\0d\0e\0r\0I\0d\0\"\0:\x001\0}\0", true, true);
        check(br#"{"OrderId":"1",}"#, false, true);
        check(br#"{"OrderId":"1""#, false, false);
        check(br#"<pre>{"OrderId":"1"}</pre>"#, false, false);
        check(b"", false, false);
    }

    #[test]
    fn what_a_read_can_do_without() {
        let check = |body: &[u8], expect: bool| {
            let answer = RawAnswer::new(200, &HeaderMap::new(), body.to_vec().into(), Timestamp::UNIX_EPOCH);
            assert_eq!(answer.open_for_read().json.is_some(), expect, "{}", String::from_utf8_lossy(body));
            // Of what is cut off, only what is whole all the same.
            let is_strict = answer.open().json.is_some();
            assert_eq!(answer.cut().open_for_read().json.is_some(), is_strict, "{}", String::from_utf8_lossy(body));
        };
        check(br#"{"Users":[]}"#, true);
        check(b"{\"Users\":[{\"Name\":\"\xd5\xc5\"}]}", true);
        check(br#"{"Items":[{"Gpu":NaN},{"Gpu":1e400},]}"#, true);
        check(b"\xef\xbb\xbf[{\"Name\":\"\xd5\"},]", true);
        for broken in
            [&b"{\"Users\":[{\"Name\":\"a\"}"[..], b"{\"Users\":[", b"<html>{}</html>", b"no {}", b"", b"\xff"]
        {
            check(broken, false);
        }
    }

    #[test]
    fn what_a_part_of_an_answer_proves() {
        let check = |body: &str, status: u16, is_cut: bool, expect: Reading| {
            let answer = RawAnswer::new(status, &HeaderMap::new(), body.to_owned().into(), Timestamp::UNIX_EPOCH);
            let answer = if is_cut { answer.cut() } else { answer };
            let opened = answer.open_leniently();
            assert_eq!(opened.reading, expect, "{body}");
            assert!(opened.json.is_some_and(|json| !decode::Identifiers::of(&json).is_empty()), "{body}");
        };
        // All of it is there.
        check(r#"{"OrderId":"1"}"#, 200, true, Reading::Strict);
        check(r#"{"OrderId":"1","#, 200, false, Reading::Part);
        check(r#"{"OrderId":"1",}"#, 200, false, Reading::Loose);
        check(r#"{"OrderId":"1",}"#, 200, true, Reading::Part);
        check(r#"{"OrderId":"1",}"#, 400, false, Reading::Part);
        check(r#"<pre>{"OrderId":"1"}</pre>"#, 200, false, Reading::Part);
        check("<R><OrderId>1</OrderId></R>", 200, false, Reading::Loose);
    }

    #[test]
    fn a_request_id_is_short_and_visible() {
        let check = |id: &str, expect: bool| {
            let body = serde_json::json!({ "requestid": id }).to_string();
            let answer = RawAnswer::new(200, &HeaderMap::new(), body.into(), Timestamp::UNIX_EPOCH);
            assert_eq!(answer.open().request_id().is_some(), expect, "{id}");
        };
        check("8B3C4A5E-0000-1111-2222-333344445555", true);
        check("", false);
        check("a\r\nSet-Cookie: b", false);
        check(&"x".repeat(65), false);
    }
}
