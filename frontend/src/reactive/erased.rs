//! Parts of a view that change, and effects, behind one type each. Every closure is otherwise its own copy of the code
//! that keeps it up to date, and those copies were a quarter of the module.

use std::borrow::Cow;

use leptos::{ev, prelude::*};

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

/// Does something now, and again whenever what it read has changed.
pub fn watch(what: impl FnMut() + 'static) {
    fn of(mut what: Box<dyn FnMut()>) {
        Effect::new(move |_| what());
    }
    of(Box::new(what));
}

/// Does something when the browser is about to draw again, and so finds what is drawn by now.
pub fn next_frame(what: impl FnOnce() + 'static) {
    fn of(what: Box<dyn FnOnce()>) {
        request_animation_frame(what);
    }
    of(Box::new(what));
}

/// What a click does.
pub fn on_click(what: impl FnMut(ev::MouseEvent) + 'static) -> Box<dyn FnMut(ev::MouseEvent)> {
    Box::new(what)
}

/// The value of an attribute that comes and goes.
pub type Attribute = Box<dyn FnMut() -> Option<&'static str> + Send>;

/// The value of an attribute that is `true` or absent, such as `aria-disabled`.
pub fn flag(mut is_set: impl FnMut() -> bool + Send + 'static) -> Attribute {
    Box::new(move || is_set().then_some("true"))
}
