//! The view of a load: a skeleton, the content, or the problem with a retry button.

use std::sync::Arc;

use js_sys::Date;
use leptos::prelude::*;
use shared::Code;

use super::ProblemView;
use crate::{
    language::use_text,
    reactive::{Load, Loader, changing, load::Loaded, on_click, time_of_day},
    text::fill,
};

/// The view of a load. `label` says what is loaded; `content` is built whenever it has loaded.
pub fn loaded<T: Send + Sync + 'static>(
    loader: Loader<T>,
    label: &'static str,
    content: impl Fn(Arc<T>) -> AnyView + Send + Sync + 'static,
) -> impl IntoView {
    loaded_as(loader, move || label, content)
}

/// The same with a label that changes.
pub fn loaded_as<T: Send + Sync + 'static>(
    loader: Loader<T>,
    label: impl Fn() -> &'static str + Send + Sync + 'static,
    content: impl Fn(Arc<T>) -> AnyView + Send + Sync + 'static,
) -> impl IntoView {
    let (state, reload) = loader.erased();
    let content = move |value| content(Loader::<T>::typed(value));
    any_loaded(state, reload, Box::new(label), Box::new(content))
}

/// The part that is not generic, so that it is in the module once.
#[inline(never)]
fn any_loaded(
    state: ReadSignal<Load>,
    reload: Trigger,
    label: Box<dyn Fn() -> &'static str + Send + Sync>,
    content: Box<dyn Fn(Loaded) -> AnyView + Send + Sync>,
) -> Box<dyn FnMut() -> AnyView + Send> {
    changing(move || match state.get() {
        Load::Idle => ().into_any(),
        Load::Loading => skeleton(untrack(&label)),
        Load::Ready(value) => content(value),
        Load::Failed(problem) => failed(untrack(&label), problem, Callback::new(move |()| reload.notify())),
    })
}

/// A skeleton in place of a list that is loading.
#[inline(never)]
pub fn skeleton(label: &'static str) -> AnyView {
    let t = use_text();
    view! {
        <div class="skeleton" role="status">
            <span class="visually-hidden">{label}" "{t.loading}</span>
            <span class="bone"></span>
            <span class="bone"></span>
            <span class="bone"></span>
        </div>
    }
    .into_any()
}

/// What is said of entries of a list that the proxy could not read.
#[inline(never)]
pub fn skipped(count: u32) -> AnyView {
    let t = use_text();
    (count > 0).then(|| view! { <p class="hint">{fill(t.skipped, &[&count.to_string()])}</p> }).into_any()
}

/// A list without entries: what that means, unless there are some that the proxy could not read.
#[inline(never)]
pub fn empty(text: &'static str, count: u32) -> AnyView {
    if count > 0 { skipped(count) } else { view! { <p class="notice">{text}</p> }.into_any() }
}

/// The problem of a list, with a retry button.
#[inline(never)]
pub fn failed(label: &'static str, problem: shared::Problem, retry: Callback<()>) -> AnyView {
    let t = use_text();
    view! {
        <div class="notice error" role="alert">
            <p class="notice-title">{fill(t.load_failed, &[label])}</p>
            {if problem.code == Code::ProxyUnreachable {
                view! { <p>{(t.code)(problem.code)}</p><p class="small">{fill(t.no_connection, &[&time_of_day(&Date::new_0())])}</p> }.into_any()
            } else {
                view! { <ProblemView problem /> }.into_any()
            }}
            <button type="button" aria-label=format!("{} {label}", t.retry) on:click=on_click(move |_| retry.run(()))>{t.retry}</button>
        </div>
    }
    .into_any()
}
