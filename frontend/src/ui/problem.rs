//! The view of a problem: an explanation in the reader's language, and the request ids for support.

use leptos::prelude::*;
use shared::{Code, Problem};

use super::Copyable;
use crate::language::use_text;

/// The error.
#[component]
pub fn ProblemView(
    /// What went wrong.
    problem: Problem,
) -> impl IntoView {
    let t = use_text();
    let id = |label: &'static str, id: Option<String>| {
        id.map(|id| view! { <p class="small">{label}": "<Copyable label=label text=id /></p> })
    };
    // What it does is in frontend/loader/session.js, which knows the way back.
    let must = problem.code == Code::SignInRequired;
    let sign_in = must.then(|| view! { <button type="button" data-sign-in="">{t.sign_in}</button> });
    view! {
        <div class="problem">
            <p>{(t.code)(problem.code)}</p>
            {sign_in}
            {id(t.request_id, problem.request_id)}
            {id(t.vendor_request_id, problem.upstream_request_id)}
        </div>
    }
    .into_any()
}
