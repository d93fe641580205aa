//! Which language the page speaks, and what the browser knows about writing in it.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::{
    storage,
    text::{EN, ORDERS_EN, ORDERS_ZH, OrderText, Text, ZH},
};

/// Where the choice is kept in the browser.
const KEY: &str = "deskbuy.language";

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// 中文.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// Its texts.
    pub fn text(self) -> &'static Text {
        match self {
            Self::Chinese => &ZH,
            Self::English => &EN,
        }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Chinese => Self::English,
            Self::English => Self::Chinese,
        }
    }

    /// Its name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chinese => "中文",
            Self::English => "English",
        }
    }

    fn of_tag(tag: &str) -> Option<Self> {
        let tag = tag.to_ascii_lowercase();
        if tag.starts_with("zh") {
            Some(Self::Chinese)
        } else if tag.starts_with("en") {
            Some(Self::English)
        } else {
            None
        }
    }

    /// The one chosen before, else the first of the browser's that the page speaks, else English.
    pub fn preferred() -> Self {
        let kept = storage::lasting().and_then(|storage| storage.get_item(KEY).ok().flatten());
        let of_browser = || window().navigator().languages().iter().find_map(|tag| Self::of_tag(&tag.as_string()?));
        kept.as_deref().and_then(Self::of_tag).or_else(of_browser).unwrap_or(Self::English)
    }

    /// Keeps the choice for the next visit.
    pub fn keep(self) {
        if let Some(storage) = storage::lasting() {
            let _ = storage.set_item(KEY, self.text().tag);
        }
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

/// The language shown.
pub fn use_language() -> Language {
    expect_context::<RwSignal<Language>>().get_untracked()
}

/// A moment, given in milliseconds since 1970 UTC, in the reader's zone and language.
pub fn moment(text: &Text, milliseconds: i64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "exact for the next 280,000 years")]
    let date = js_sys::Date::new(&JsValue::from_f64(milliseconds as f64));
    date.to_locale_string(text.tag, &JsValue::UNDEFINED).into()
}
