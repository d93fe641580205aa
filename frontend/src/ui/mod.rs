//! The page's small kit of controls. They know texts and accessibility, and nothing of desktops.

mod copy;
mod dialog;
mod erased;
mod focus;
mod listbox;
pub mod loaded;
mod problem;
mod radio;
mod window;

pub use copy::{CopyButton, Copyable};
pub use dialog::Dialog;
pub use erased::{changing, flag, maybe, words};
pub use focus::{focus_on, focus_section};
pub use listbox::{Listbox, Row};
pub use problem::ProblemView;
pub use radio::{Choice, RadioGroup};
pub use window::Window;

use leptos::prelude::*;

/// A part of the page with a heading.
#[component]
pub fn Section(
    /// Names the section; also its element's id.
    id: &'static str,
    /// The heading.
    title: &'static str,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-title");
    view! {
        <section class="card" id=id aria-labelledby=heading>
            <h2 id=heading.clone()>{title}</h2>
            {children()}
        </section>
    }
}
