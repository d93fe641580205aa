//! Routes: what the part of the address after the `#` shows. The only reader of it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::{
    form::Field,
    ids::ClientToken,
    typed::{is_invisible, narrow},
};

/// Characters that are not escaped in a route.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// `#/buy`, and whatever is not known.
    #[default]
    Buy,
    /// `#/orders`.
    Orders,
    /// `#/orders/{token}`.
    Order(ClientToken),
    /// `#/orders/batch/{token}`: the orders of a batch, by the token that names it.
    Batch(ClientToken),
    /// `#/approvals`: the orders that await approval.
    Approvals,
    /// `#/desktops`.
    Desktops,
    /// `#/desktops/within/{days}`: those whose months end within so many days.
    DesktopsWithin(u16),
    /// `#/desktops/{token}`: a desktop, by the order that bought it.
    Desktop(ClientToken),
    /// `#/summary`: what was bought, by month.
    Summary,
}

impl Route {
    /// The route of a hash, with or without its `#`. Messengers and mail programs add to a link: parameters, which are
    /// cut off, and the punctuation of the sentence around it, which is dropped.
    #[must_use]
    pub fn parse(hash: &str) -> Self {
        let parts = parts(hash);
        // A mark of the hash that was encoded.
        let is_mark = |part: &&str| part.chars().all(|c| matches!(c, '#' | '!'));
        let mut parts = parts.iter().map(String::as_str).skip_while(is_mark);
        match parts.next().map(word).as_deref() {
            Some("orders") => {}
            Some("approvals") => return Self::Approvals,
            Some("summary") => return Self::Summary,
            Some("desktops") => {
                return match (parts.next(), parts.next().and_then(read_days)) {
                    (Some(first), Some(days)) if word(first) == "within" => Self::DesktopsWithin(days),
                    (first, _) => first.and_then(read_token).map_or(Self::Desktops, Self::Desktop),
                };
            }
            _ => return Self::Buy,
        }
        match (parts.next(), parts.next()) {
            (Some(first), Some(token)) if word(first) == "batch" => read_token(token).map_or(Self::Orders, Self::Batch),
            (Some(token), _) => read_token(token).map_or(Self::Orders, Self::Order),
            (None, _) => Self::Orders,
        }
    }

    /// The hash of the route, with its `#`.
    #[must_use]
    pub fn href(&self) -> String {
        match self {
            Self::Buy => "#/buy".to_owned(),
            Self::Orders => "#/orders".to_owned(),
            Self::Approvals => "#/approvals".to_owned(),
            Self::Summary => "#/summary".to_owned(),
            Self::Order(token) => format!("#/orders/{}", utf8_percent_encode(token.as_str(), UNRESERVED)),
            Self::Desktops => "#/desktops".to_owned(),
            Self::DesktopsWithin(days) => format!("#/desktops/within/{days}"),
            Self::Desktop(token) => format!("#/desktops/{}", utf8_percent_encode(token.as_str(), UNRESERVED)),
            Self::Batch(token) => format!("#/orders/batch/{}", utf8_percent_encode(token.as_str(), UNRESERVED)),
        }
    }
}

/// The field of the form that a hash asks to be shown, `#/buy/{id}`.
#[must_use]
pub fn asked_field(hash: &str) -> Option<Field> {
    let parts = parts(hash);
    let asked = parts.get(1).map(|part| word(part)).filter(|_| word(&parts[0]) == "buy")?;
    Field::ALL.iter().copied().find(|field| field.id() == asked)
}

/// The parts between slashes, decoded, without what is empty or was added behind.
fn parts(hash: &str) -> Vec<String> {
    let path = hash.trim_start_matches(['#', '!']);
    let path = path.split(['?', '&']).next().unwrap_or_default();
    let decoded = path.split('/').map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned());
    decoded.filter(|part| !part.chars().all(|c| c.is_whitespace() || is_invisible(c))).collect()
}

/// The word that a part begins with, in lower case. It may be encoded once more.
fn word(part: &str) -> String {
    let skipped = |c: char| matches!(c, '/' | '\\' | '#' | '!') || c.is_whitespace() || is_invisible(c);
    let text = narrow(&percent_decode_str(part).decode_utf8_lossy());
    let belongs = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    text.trim_start_matches(skipped).chars().take_while(belongs).collect::<String>().to_ascii_lowercase()
}

/// A number of days, without what was added behind.
fn read_days(part: &str) -> Option<u16> {
    let text = narrow(part);
    let digits: String = text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// A token is visible ASCII, so whatever else stands around it was added.
fn read_token(part: &str) -> Option<ClientToken> {
    let text = part.trim_start_matches(|c: char| !c.is_ascii_graphic());
    text.split(|c: char| !c.is_ascii_graphic()).next().unwrap_or_default().parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_added_to_a_link_does_not_count() {
        for hash in [
            "#/orders",
            "#orders",
            "orders",
            "#//orders",
            "#/orders/",
            "#/orders。",
            "#/orders%E3%80%82",
            "#/orders?from=wechat",
            "#/orders&x=1",
            "#/orders%3Ffrom=x",
            "#/Orders",
            "#!/orders",
            "#/orders）",
            "#/ orders",
            "#/orders%20",
            "#/orders.",
            "#/\u{200b}orders\u{200b}",
            "#%2Forders",
            "#／orders",
            "#/orders/?a=/b",
            "#/orders,",
            "#/ｏｒｄｅｒｓ",
            "#%21/orders",
            "#%23/orders",
            "#\\orders",
            "#%252Forders%25E3%2580%2582",
        ] {
            assert_eq!(Route::parse(hash), Route::Orders, "{hash}");
        }
        for hash in ["", "#", "#/", "#/buy", "#/buy。", "#/order", "#/orders2", "#/my-orders", "#/buy/orders"] {
            assert_eq!(Route::parse(hash), Route::Buy, "{hash}");
        }
        let token: ClientToken = "1f0c-9".parse().unwrap();
        for hash in [
            "#/orders/1f0c-9",
            "#orders//1f0c-9。",
            "#/orders/1f0c-9?from=wechat",
            "#/orders/1f0c-9&x",
            "#/orders/1f0c-9/",
        ] {
            assert_eq!(Route::parse(hash), Route::Order(token.clone()), "{hash}");
        }
        assert_eq!(Route::parse("#/orders//batch/1f0c-9，"), Route::Batch(token.clone()));
        for hash in ["#/desktops/within/7", "#/desktops/within/7。", "#/Desktops//within/７?from=x"] {
            assert_eq!(Route::parse(hash), Route::DesktopsWithin(7), "{hash}");
        }
        assert_eq!(Route::parse("#/desktops/within"), Route::Desktop("within".parse().unwrap()));
        assert_eq!(Route::parse("#/desktops。"), Route::Desktops);
        assert_eq!(Route::parse("#/Approvals。?from=x"), Route::Approvals);
        assert_eq!(Route::parse(&Route::Approvals.href()), Route::Approvals);
        assert_eq!(Route::parse("#/Summary。?from=x"), Route::Summary);
        assert_eq!(Route::parse(&Route::Summary.href()), Route::Summary);
        assert_eq!(Route::parse("#/Desktops/1f0c-9?from=x"), Route::Desktop(token));
    }

    #[test]
    fn a_field_to_be_shown() {
        let check = |hash: &str, expect: Option<Field>| assert_eq!(asked_field(hash), expect, "{hash}");
        check("#/buy/user", Some(Field::User));
        check("#/buy/v-switch。", Some(Field::VSwitch));
        check("#/buy", None);
        check("#/buy/users", None);
        check("#/orders/user", None);
    }

    proptest! {
        #[test]
        fn junk_is_passed_over(hash in "\\PC{0,60}") {
            let route = Route::parse(&hash);
            prop_assert_eq!(Route::parse(&route.href()), route);
        }

        #[test]
        fn desktops_that_expire_have_an_address(days: u16) {
            prop_assert_eq!(Route::parse(&Route::DesktopsWithin(days).href()), Route::DesktopsWithin(days));
        }

        #[test]
        fn an_order_has_an_address(token in "[!-~]{1,64}") {
            let token: ClientToken = token.parse().unwrap();
            for route in [Route::Order(token.clone()), Route::Batch(token.clone()), Route::Desktop(token)] {
                prop_assert_eq!(Route::parse(&route.href()), route);
            }
        }
    }
}
