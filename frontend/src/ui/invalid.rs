//! Marking controls as wrong. Which are is for the form to say that they stand in, so that no control has to be told.

use leptos::prelude::*;

use crate::reactive::Attribute;

/// Where the error of a control stands in the document, by the control's name; nothing while there is none.
#[derive(Clone, Copy)]
pub struct ErrorIds(pub fn(&str) -> Option<&'static str>);

/// The `aria-invalid` and the `aria-describedby` of a control.
pub fn invalid(name: &'static str) -> (Attribute, Attribute) {
    let errors = use_context::<ErrorIds>();
    let error = move || errors.and_then(|ErrorIds(error)| error(name));
    (Box::new(move || error().map(|_| "true")), Box::new(error))
}
