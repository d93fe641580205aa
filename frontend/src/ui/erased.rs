//! Parts of a view that change, behind one type each. Every closure in a view is otherwise its own copy of the code
//! that keeps it up to date, and those copies were a quarter of the module.

use std::borrow::Cow;

use leptos::prelude::*;

/// A view that changes.
pub fn changing(view: impl FnMut() -> AnyView + Send + 'static) -> Box<dyn FnMut() -> AnyView + Send> {
    Box::new(view)
}

/// A view that comes and goes.
pub fn maybe(mut view: impl FnMut() -> Option<AnyView> + Send + 'static) -> Box<dyn FnMut() -> AnyView + Send> {
    Box::new(move || view().unwrap_or_else(|| ().into_any()))
}

/// A text that changes.
pub fn words<T: Into<Cow<'static, str>>>(
    mut text: impl FnMut() -> T + Send + 'static,
) -> Box<dyn FnMut() -> Cow<'static, str> + Send> {
    Box::new(move || text().into())
}

/// The value of an attribute that is `true` or absent, such as `aria-disabled`.
pub fn flag(mut is_set: impl FnMut() -> bool + Send + 'static) -> Box<dyn FnMut() -> Option<&'static str> + Send> {
    Box::new(move || is_set().then_some("true"))
}
