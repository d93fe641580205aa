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

use crate::{
    deferred,
    language::use_text,
    reactive::maybe,
    text::{DeferredText, fill},
};

/// Terms, and what they mean.
type Terms = &'static [(&'static str, &'static str)];

/// What the terms of a section mean.
pub fn terms(terms: Terms) -> AnyView {
    let term = |(term, meaning): &(&'static str, &'static str)| view! { <dt>{*term}</dt><dd>{*meaning}</dd> };
    terms.iter().map(term).collect_view().into_any()
}

/// The same, of texts that come with the deferred module.
pub fn deferred_terms(of: fn(&'static DeferredText) -> Terms) -> AnyView {
    let t = use_text();
    maybe(move || deferred::has_arrived().then(|| terms(of(t.deferred())))).into_any()
}

/// A part of the page with a heading.
#[component]
pub fn Section(
    /// Names the section; also its element's id.
    id: &'static str,
    /// The heading.
    title: &'static str,
    /// What its terms mean, folded away: of [`terms`] or [`deferred_terms`].
    #[prop(optional)]
    help: Option<AnyView>,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let heading = format!("{id}-title");
    let help = help.map(|help| {
        view! {
            <details class="help">
                <summary aria-label=fill(use_text().document.help, &[title])>"?"</summary>
                <dl>{help}</dl>
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
