//! The heading of a page.

use leptos::prelude::*;

/// A page's heading. It takes the focus when the page is shown, so that a screen reader says where it is.
#[component]
pub fn Heading(
    /// The text.
    text: &'static str,
) -> impl IntoView {
    view! { <h1 tabindex="-1">{text}</h1> }
}
