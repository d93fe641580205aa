//! The language of a reader: the one that the reader chose, as the page keeps it in a cookie, else the first of the
//! browser's that the page speaks.

use axum::http::{HeaderMap, header};
use shared::language::{LANGUAGE_COOKIE, Language};

use crate::signin::cookie_values;

/// Tags that are looked at; a browser sends a few.
const MOST: usize = 32;

/// The language for a request.
pub(crate) fn reader_language(headers: &HeaderMap) -> Language {
    let chosen = cookie_values(headers, LANGUAGE_COOKIE).find_map(Language::of_tag);
    chosen.unwrap_or_else(|| {
        let values = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
        let mut tags: Vec<_> = values.flat_map(|value| value.split(',')).take(MOST).filter_map(weighed).collect();
        // Stable, so that of equal weights the earlier one counts.
        tags.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
        Language::preferred(tags.into_iter().map(|(tag, _)| tag))
    })
}

/// A tag of `Accept-Language` with its weight in thousandths (RFC 9110, 12.4.2); nothing where it is not wanted.
fn weighed(range: &str) -> Option<(&str, u16)> {
    let (tag, weight) = match range.split_once(';') {
        Some((tag, weight)) => (tag, weight.trim().strip_prefix("q=")?.trim().parse::<f32>().ok()?),
        None => (range, 1.0),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
    let thousandths = (weight.clamp(0.0, 1.0) * 1000.0) as u16;
    (thousandths > 0).then_some((tag.trim(), thousandths))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_choice_counts_before_the_browser() {
        let check = |accept: &str, cookie: &str, expect: Language| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(accept).unwrap());
            headers.insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
            assert_eq!(reader_language(&headers), expect, "{accept} {cookie}");
        };
        check("zh-CN,zh;q=0.9,en;q=0.8", "", Language::Chinese);
        check("en-US,en;q=0.5", "", Language::English);
        check("en;q=0.1, zh;q=0.9", "", Language::Chinese);
        check("fr, zh;q=0, de", "", Language::English);
        check("fr;q=x, zh", "", Language::Chinese);
        check("zh", "a=b; deskbuy-language=en", Language::English);
        check("zh", "deskbuy-language=fr", Language::Chinese);
        check("zh", "other=en", Language::Chinese);
        check("en;q=0.8, zh-TW", "", Language::Chinese);
        check("zh;q=x, *", "", Language::English);
        assert_eq!(reader_language(&HeaderMap::new()), Language::English);
    }
}
