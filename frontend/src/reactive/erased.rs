//! Type-erased reactive parts of a view: views, texts, attributes, memos, effects, event handlers. Unboxed, each
//! closure is a copy of the framework's generic code; those copies were a quarter of the module.

use std::{borrow::Cow, cell::Cell};

use leptos::{ev, prelude::*};

/// A dynamic view.
pub fn changing(view: impl FnMut() -> AnyView + Send + 'static) -> Box<dyn FnMut() -> AnyView + Send> {
    Box::new(view)
}

/// A dynamic view that may be absent.
pub fn maybe(mut view: impl FnMut() -> Option<AnyView> + Send + 'static) -> Box<dyn FnMut() -> AnyView + Send> {
    Box::new(move || view().unwrap_or_else(|| ().into_any()))
}

/// A dynamic text.
pub fn words<T: Into<Cow<'static, str>>>(
    mut text: impl FnMut() -> T + Send + 'static,
) -> Box<dyn FnMut() -> Cow<'static, str> + Send> {
    Box::new(move || text().into())
}

/// A memo: a derived value whose readers are notified only when it differs.
pub fn computed<T: PartialEq + Send + Sync + 'static>(value: impl Fn() -> T + Send + Sync + 'static) -> Memo<T> {
    fn of<T: PartialEq + Send + Sync + 'static>(value: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T> {
        Memo::new(move |_| value())
    }
    of(Box::new(value))
}

/// An effect: runs now, and again whenever a signal that it read has changed.
pub fn watch(what: impl FnMut() + 'static) {
    fn of(mut what: Box<dyn FnMut()>) {
        Effect::new(move |_| what());
    }
    of(Box::new(what));
}

/// Runs in the next animation frame, after pending changes of the view.
pub fn next_frame(what: impl FnOnce() + 'static) {
    fn of(what: Box<dyn FnOnce()>) {
        request_animation_frame(what);
    }
    of(Box::new(what));
}

thread_local! {
    /// Where the last click was that something was done for, in pixels of the window.
    static CLICKED: Cell<(i32, i32)> = const { Cell::new((0, 0)) };
}

/// A click handler.
pub fn on_click(what: impl FnMut(ev::MouseEvent) + 'static) -> Box<dyn FnMut(ev::MouseEvent)> {
    #[inline(never)]
    fn of(mut what: Box<dyn FnMut(ev::MouseEvent)>) -> Box<dyn FnMut(ev::MouseEvent)> {
        Box::new(move |event| {
            CLICKED.set((event.client_x(), event.client_y()));
            what(event);
        })
    }
    of(Box::new(what))
}

/// Where the last click was that something was done for, in pixels of the window.
pub fn clicked_at() -> (i32, i32) {
    CLICKED.get()
}

/// An attribute that may be absent.
pub type Attribute = Box<dyn FnMut() -> Option<&'static str> + Send>;

/// An attribute that is `true` or absent, such as `aria-disabled`.
pub fn flag(mut is_set: impl FnMut() -> bool + Send + 'static) -> Attribute {
    Box::new(move || is_set().then_some("true"))
}
