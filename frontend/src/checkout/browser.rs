//! The browser's own number, in a cookie: the tokens that are made here begin with it, so that the journal's orders that were
//! placed from here can be told from others without sign-in.

use std::cell::RefCell;

use leptos::prelude::document;
use shared::ids::ClientToken;
use wasm_bindgen::JsCast;

use crate::storage;

/// The name of the cookie.
const COOKIE: &str = "deskbuy.browser=";
/// How many characters of a token the number takes.
const LENGTH: usize = 8;

thread_local! {
    /// The number, where no cookie may be kept.
    static NUMBER: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The number: the one that is known, else the beginning of this token.
pub fn number(fresh: &str) -> String {
    NUMBER.with_borrow_mut(|known| {
        let number = known.get_or_insert_with(|| kept().unwrap_or_else(|| fresh.chars().take(LENGTH).collect()));
        keep(number);
        number.clone()
    })
}

/// Whether the browser keeps no cookies, so that what was placed from it before this page is not known.
pub fn forgets() -> bool {
    kept().is_none()
}

/// Whether a token was made by this browser.
pub fn made_here(token: &ClientToken) -> bool {
    let number = NUMBER.with_borrow(Clone::clone).or_else(kept);
    number.is_some_and(|number| token.as_str().starts_with(&number))
}

fn kept() -> Option<String> {
    let cookies = document().dyn_into::<web_sys::HtmlDocument>().ok()?.cookie().ok()?;
    let number = cookies.split("; ").find_map(|cookie| cookie.strip_prefix(COOKIE))?;
    (number.len() == LENGTH && number.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| number.to_owned())
}

/// For a year; browsers keep none for longer.
fn keep(number: &str) {
    if let Ok(document) = document().dyn_into::<web_sys::HtmlDocument>() {
        let _ = document
            .set_cookie(&format!("{COOKIE}{number}; Path={}; Max-Age=31536000; SameSite=Lax", storage::folder()));
    }
}
