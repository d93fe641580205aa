//! Widgets: controls with texts and accessibility that know nothing of desktops.

mod copy;
mod dialog;
mod focus;
mod heading;
mod invalid;
mod listbox;
pub mod loaded;
mod offline;
mod problem;
mod radio;
mod typing;
mod window;

pub use copy::{CopyButton, Copyable};
pub use dialog::Dialog;
pub use focus::focus_on;
pub use heading::Heading;
pub use invalid::{ErrorIds, invalid};
pub use listbox::{Listbox, ListboxOption};
pub use offline::offline;
pub use problem::{ProblemView, problem_notice};
pub use radio::RadioGroup;
pub use shared::document::{Choice, Fact};
pub use typing::{composed, typed};
pub use window::{Window, rows_high};

use leptos::prelude::*;

use crate::{language::use_text, text::fill};

/// A part of the page with a heading.
#[component]
pub fn Section(
    /// Names the section; also its element's id.
    id: &'static str,
    /// The heading.
    title: &'static str,
    /// What its terms mean, folded away.
    #[prop(optional)]
    help: &'static [(&'static str, &'static str)],
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-title");
    let term = |(term, meaning): &(&'static str, &'static str)| view! { <dt>{*term}</dt><dd>{*meaning}</dd> };
    let help = (!help.is_empty()).then(|| {
        view! {
            <details class="help">
                <summary aria-label=fill(use_text().document.help, &[title])>"?"</summary>
                <dl>{help.iter().map(term).collect_view()}</dl>
            </details>
        }
    });
    view! {
        <section class="card" id=id aria-labelledby=heading>
            <h2 id=heading.clone()>{title}</h2>
            {help}
            {children()}
        </section>
    }
}
