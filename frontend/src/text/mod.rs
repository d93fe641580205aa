//! The texts of the page in both languages: one struct, one `static` per language, so a missing text does not compile.
//! [`crate::language`] decides which language is shown.

mod codes;
mod deferred;
mod fields;
mod monthly;
mod names;
mod order_fields;
mod orders;
mod orders_en;
mod orders_zh;
mod page;
mod page_en;
mod page_zh;
mod user_list;

use std::borrow::Cow;

pub use deferred::DeferredText;
pub use monthly::{MONTHLY_EN, MONTHLY_ZH, MonthlyText};
pub use order_fields::{ORDER_FIELDS_EN, ORDER_FIELDS_ZH, OrderFieldText};
pub use orders::OrderText;
pub use orders_en::ORDERS_EN;
pub use orders_zh::ORDERS_ZH;
pub use page::Text;
pub use page_en::EN;
pub use page_zh::ZH;
pub use user_list::{USER_LIST_EN, USER_LIST_ZH, UserListText};

/// The template with each `{}` replaced by the next value, and each `{s}` by the `s` of an English plural, unless the value before
/// it is 1.
pub fn fill(template: &str, values: &[&str]) -> String {
    let mut text = String::with_capacity(template.len() + 16);
    let (mut values, mut last) = (values.iter(), "");
    for (index, part) in template.split('{').enumerate() {
        if let Some(rest) = part.strip_prefix("s}") {
            text.push_str(if last == "1" { "" } else { "s" });
            text.push_str(rest);
            continue;
        }
        if index > 0 {
            last = values.next().copied().unwrap_or_default();
            text.push_str(&isolated(last));
        }
        text.push_str(part.strip_prefix('}').unwrap_or(part));
    }
    text
}

/// A text to be put among others: one that is written from right to left, or turns the direction of writing, turns only itself.
pub fn isolated(text: &str) -> Cow<'_, str> {
    let turns = |c| matches!(c, '\u{590}'..='\u{8ff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.contains(turns) { format!("\u{2068}{text}\u{2069}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use shared::Code;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn texts_tell_the_largest_batch() {
        let most = shared::order::LARGEST_BATCH.to_string();
        for text in
            [(ZH.code)(Code::TooManyOrders), (EN.code)(Code::TooManyOrders), USER_LIST_ZH.hint, USER_LIST_EN.hint]
        {
            assert!(text.contains(&most), "{text}");
        }
    }

    #[wasm_bindgen_test]
    fn values_take_their_places() {
        let check = |template: &str, values: &[&str], expect: &str| assert_eq!(fill(template, values), expect);
        check("nothing", &[], "nothing");
        check("{} of {}", &["1", "2"], "1 of 2");
        check("{}{}", &["{}", "b"], "{}b");
        check("{}", &[], "");
        check("{} desktop{s} of {} user{s}", &["1", "12"], "1 desktop of 12 users");
        check("{} in use, {} subscription{s}.", &["1", "0"], "1 in use, 0 subscriptions.");
        check("{} has {}", &["a\u{202e}b", "1"], "\u{2068}a\u{202e}b\u{2069} has 1");
    }

    #[wasm_bindgen_test]
    fn every_code_is_explained_in_both_languages() {
        for code in Code::ALL {
            assert!(!(ZH.code)(*code).is_empty() && !(EN.code)(*code).is_empty(), "{code}");
        }
    }
}
