//! Browser storage. It may be forbidden, empty or hold junk; all of that reads as nothing stored.

#![expect(clippy::disallowed_methods, reason = "this is the wrapper to use instead")]

use leptos::prelude::window;
use serde_json::Value;
use shared::json;

/// Storage for all visits and windows.
pub fn lasting() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Storage for this window, until it is closed.
pub fn of_window() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

/// A name that is this installation's own: several may share an origin, each below a path.
pub fn own(name: &str) -> String {
    let path = window().location().pathname().unwrap_or_default();
    if path == "/" { name.to_owned() } else { [name, &path].concat() }
}

/// The folder that the page is in: where its cookies go, which are this installation's own.
pub fn folder() -> String {
    let mut path = window().location().pathname().unwrap_or_default();
    path.truncate(path.rfind('/').map_or(0, |slash| slash + 1));
    path
}

/// The JSON list kept under a key; empty where there is none.
pub fn read_list(storage: Option<web_sys::Storage>, key: &str) -> Vec<Value> {
    let text = storage.and_then(|storage| storage.get_item(&own(key)).ok().flatten()).unwrap_or_default();
    match json::read(&text) {
        Ok(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

/// Keeps a JSON list under a key.
pub fn write_list(storage: Option<web_sys::Storage>, key: &str, items: Vec<Value>) {
    if let Some(storage) = storage {
        let _ = storage.set_item(&own(key), &Value::Array(items).to_string());
    }
}
