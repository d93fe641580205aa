//! Marks controls as invalid. The form provides the ids of its error elements in a context, so that no control has to
//! be passed one.

use leptos::prelude::*;

use crate::reactive::Attribute;

/// The id of the error element of a control, by the control's name; `None` without an error.
#[derive(Clone, Copy)]
pub struct ErrorIds(pub fn(&str) -> Option<&'static str>);

/// The `aria-invalid` and the `aria-describedby` of a control.
pub fn invalid(name: &'static str) -> (Attribute, Attribute) {
    let errors = use_context::<ErrorIds>();
    let error = move || errors.and_then(|ErrorIds(error)| error(name));
    (Box::new(move || error().map(|_| "true")), Box::new(error))
}
