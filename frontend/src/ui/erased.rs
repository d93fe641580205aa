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

/// A value that is worked out, and whose readers hear of it only when it has become another.
pub fn computed<T: PartialEq + Send + Sync + 'static>(value: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    fn of<T: PartialEq + Send + Sync + 'static>(value: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T> {
        Memo::new(move |_| value())
    }
    of(Box::new(value))
}

/// The value of an attribute that is `true` or absent, such as `aria-disabled`.
pub fn flag(mut is_set: impl FnMut() -> bool + Send + 'static) -> Box<dyn FnMut() -> Option<&'static str> + Send> {
    Box::new(move || is_set().then_some("true"))
}
