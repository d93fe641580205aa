//! Which language the page speaks, and what the browser knows about writing in it.

use leptos::{ev, prelude::*};
use shared::language::LANGUAGE_COOKIE;
pub use shared::language::Language;
use wasm_bindgen::{JsCast, JsValue};

use crate::{
    storage,
    text::{
        EN, MONTHLY_EN, MONTHLY_ZH, MonthlyText, ORDER_FIELDS_EN, ORDER_FIELDS_ZH, ORDERS_EN, ORDERS_ZH,
        OrderFieldText, OrderText, Text, USER_LIST_EN, USER_LIST_ZH, UserListText, ZH,
    },
};

/// Where the choice is kept in the browser.
const KEY: &str = "deskbuy.language";

/// The texts of a language.
pub trait Texts {
    /// All but those of the orders page.
    fn text(self) -> &'static Text;
}

impl Texts for Language {
    fn text(self) -> &'static Text {
        match self {
            Self::Chinese => &ZH,
            Self::English => &EN,
        }
    }
}

/// The language chosen before, else the first of the browser's that the page speaks, else English.
pub fn preferred_language() -> Language {
    let kept = storage::lasting().and_then(|storage| storage.get_item(KEY).ok().flatten());
    // The proxy may not know of a choice that was made before there was a cookie, or whose cookie is gone.
    if let Some(language) = kept.as_deref().and_then(Language::of_tag) {
        keep_in_cookie(language);
        return language;
    }
    Language::preferred(window().navigator().languages().iter().filter_map(|tag| tag.as_string()))
}

/// Keeps the choice for the next visit: for the page, and for the proxy, which writes the document.
pub fn keep_language(language: Language) {
    if let Some(storage) = storage::lasting() {
        let _ = storage.set_item(KEY, language.tag());
    }
    keep_in_cookie(language);
}

/// Follows the choice that is made in another window.
pub fn follow_other_windows(language: RwSignal<Language>) {
    let listener = window_event_listener(ev::storage, move |event| {
        let chosen = event.new_value().filter(|_| event.key().as_deref() == Some(KEY));
        if let Some(chosen) =
            chosen.as_deref().and_then(Language::of_tag).filter(|chosen| *chosen != language.get_untracked())
        {
            language.set(chosen);
        }
    });
    on_cleanup(move || listener.remove());
}

/// For a year; browsers keep none for longer.
fn keep_in_cookie(language: Language) {
    let (tag, path) = (language.tag(), storage::folder());
    let cookie = format!("{LANGUAGE_COOKIE}={tag}; Path={path}; Max-Age=31536000; SameSite=Lax");
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let _ = document.set_cookie(&cookie);
    }
}

/// The texts of the language shown. The main part of the page is built anew when the language changes, so texts need
/// not be signals.
pub fn use_text() -> &'static Text {
    use_language().text()
}

/// The texts of the orders page in the language shown.
pub fn use_order_text() -> &'static OrderText {
    match use_language() {
        Language::Chinese => &ORDERS_ZH,
        Language::English => &ORDERS_EN,
    }
}

/// The texts of the monthly summary in the language shown.
pub fn use_monthly_text() -> &'static MonthlyText {
    match use_language() {
        Language::Chinese => &MONTHLY_ZH,
        Language::English => &MONTHLY_EN,
    }
}

/// The texts of lists of users in the language shown.
pub fn use_user_list_text() -> &'static UserListText {
    match use_language() {
        Language::Chinese => &USER_LIST_ZH,
        Language::English => &USER_LIST_EN,
    }
}

/// The texts of order fields in the language shown.
pub fn use_order_field_text() -> &'static OrderFieldText {
    match use_language() {
        Language::Chinese => &ORDER_FIELDS_ZH,
        Language::English => &ORDER_FIELDS_EN,
    }
}

/// The language shown.
pub fn use_language() -> Language {
    expect_context::<RwSignal<Language>>().get_untracked()
}

/// A day of the cloud's calendar (UTC+8), by a moment in it given in milliseconds since 1970 UTC, in the reader's language.
pub fn day(text: &Text, milliseconds: i64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "exact for the next 280,000 years")]
    let date = js_sys::Date::new(&JsValue::from_f64(milliseconds as f64));
    let options = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&options, &"timeZone".into(), &"Asia/Shanghai".into());
    date.to_locale_date_string(text.document.language.tag(), &options).into()
}

/// A moment, given in milliseconds since 1970 UTC, in the reader's zone and language.
pub fn moment(text: &Text, milliseconds: i64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "exact for the next 280,000 years")]
    let date = js_sys::Date::new(&JsValue::from_f64(milliseconds as f64));
    date.to_locale_string(text.document.language.tag(), &JsValue::UNDEFINED).into()
}
