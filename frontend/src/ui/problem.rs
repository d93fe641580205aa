//! The view of a problem: an explanation in the reader's language, and the request ids for support. And the notice about what was
//! sent and failed.

use leptos::prelude::*;
use shared::{Code, Outcome, Problem};

use super::Copyable;
use crate::{language::use_text, reactive::maybe};

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

/// The notice about what was sent and failed, while there is a problem. `unknown` says what that means where it is unknown whether it
/// was carried out.
#[inline(never)]
pub fn problem_notice(problem: RwSignal<Option<Problem>>, unknown: Option<&'static str>) -> AnyView {
    let notice = maybe(move || {
        let problem = problem.get()?;
        let unknown = unknown.filter(|_| problem.outcome == Outcome::Unknown);
        Some(
            view! {
                <div class="notice error">
                    <ProblemView problem />
                    {unknown.map(|text| view! { <p>{text}</p> })}
                </div>
            }
            .into_any(),
        )
    });
    view! { {notice} }.into_any()
}
