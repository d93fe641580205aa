//! `#/orders`: the lists of orders and of desktops, with filters. The rows, their paging and live updates are in
//! `rows.rs`.

use leptos::prelude::*;
use shared::{link::Route, order::OrderState, reads, typed::meant};

use super::{
    field_filter::FieldFilter,
    operation::{DesktopOperation, OperationDialog, OtherDesktop},
    pages::{self, Page},
    rows::Rows,
    state_name, updates,
};
use crate::{
    api,
    language::{Language, use_order_text},
    reactive::{Loader, debounced, maybe},
    ui::{Choice, Heading, RadioGroup, composed, loaded::loaded_as, typed},
};

/// The page.
#[component]
pub fn OrdersPage(
    /// The state that is chosen at first.
    begins_with: Option<OrderState>,
) -> impl IntoView {
    let t = use_order_text();
    let desktops = RwSignal::new(false);
    let search = RwSignal::new(String::new());
    let state = RwSignal::new(begins_with.map_or("", OrderState::as_str).to_owned());
    let field = FieldFilter::new();
    let operation = RwSignal::new(None::<DesktopOperation>);
    let kinds = vec![Choice::new("orders", t.title_orders), Choice::new("desktops", t.title_desktops)];
    let chosen = Signal::derive(move || Some(if desktops.get() { "desktops" } else { "orders" }.to_owned()));
    let states = OrderState::ALL.iter().map(|state| {
        let chosen = begins_with == Some(*state);
        view! { <option value=state.as_str() selected=chosen>{state_name(t, *state)}</option> }
    });

    let asked = debounced(search);
    let target = move || {
        let search = reads::encode(&meant(&asked.get()));
        let field = field.part();
        if desktops.get() {
            format!("desktops?limit=100{field}&q={search}")
        } else {
            let state = state.get();
            let state = if state.is_empty() { state } else { format!("&state={state}") };
            format!("orders?limit=100{state}{field}&q={search}")
        }
    };
    let list = Loader::<Page>::idle().follow(move || Some(target()), move |target| pages::first(t, target));

    // An update that comes while the first page is loading may be newer than that page.
    let shown = StoredValue::new(None::<Rows>);
    let missed = StoredValue::new(false);
    updates::on_order(move |order| match shown.try_get_value() {
        Some(Some(rows)) => rows.update(order),
        Some(None) => missed.set_value(true),
        // Left meanwhile.
        None => {}
    });
    let content = move |page: std::sync::Arc<Page>| {
        let by_field = !untrack(|| field.part()).is_empty();
        let filtered = by_field || !asked.get_untracked().trim().is_empty() || !state.get_untracked().is_empty();
        let rows = Rows::new(t, untrack(target), !filtered && !desktops.get_untracked(), &page);
        shown.set_value(Some(rows));
        on_cleanup(move || {
            let _ = shown.try_set_value(None);
        });
        if missed.get_value() {
            missed.set_value(false);
            rows.update(None);
        }
        let nothing = match (filtered, desktops.get_untracked()) {
            (true, _) => nothing_fits,
            (false, true) => no_desktops_yet,
            (false, false) => nothing_yet,
        };
        rows.view(operation, nothing)
    };

    view! {
        <Heading text=t.title_orders />
        <section class="card" aria-label=t.title_orders>
            <div class="filters">
                <RadioGroup
                    label=t.list_kind
                    name="list-kind"
                    look="segments"
                    quiet=true
                    choices=kinds
                    chosen
                    choose=move |kind| desktops.set(kind == "desktops")
                />
                <input
                    type="search"
                    aria-label=t.search_orders
                    placeholder=t.search_orders
                    prop:value=move || search.get()
                    on:input=typed(search)
                    on:compositionend=composed(search)
                />
                <select
                    aria-label=t.order_state
                    hidden=move || desktops.get()
                    on:change:target=move |event| state.set(event.target().value())
                >
                    <option value="">{t.every_state}</option>
                    {states.collect_view()}
                </select>
                {field.view()}
            </div>
            {loaded_as(list, move || if desktops.get() { t.title_desktops } else { t.title_orders }, content)}
            <p class="list-links">
                <a href=move || export(&target(), t.document.language) download="">{t.download_csv}</a>
                <a href=Route::Desktops.href()>{t.all_desktops}</a>
                <a href=Route::Summary.href()>{t.title_summary}</a>
            </p>
        </section>
        {maybe(move || desktops.get().then(|| view! { <OtherDesktop operation /> }.into_any()))}
        {maybe(move || operation.get().map(|what| view! { <OperationDialog what operation /> }.into_any()))}
    }
}

/// The address of the file with all rows of a target; without the origin where that is the page's own.
pub fn export(target: &str, language: Language) -> String {
    let (list, filter) = target.split_once("?limit=100").unwrap_or((target, ""));
    file(list, filter, language)
}

/// The address of a file of the API.
pub fn file(name: &str, filter: &str, language: Language) -> String {
    let address = api::address(&format!("{name}.csv?lang={}{filter}", language.tag()));
    let origin = window().location().origin().unwrap_or_default();
    match address.strip_prefix(&origin) {
        Some(path) => path.to_owned(),
        None => address,
    }
}

fn nothing_yet() -> AnyView {
    nothing(use_order_text().orders_empty, true)
}

pub fn no_desktops_yet() -> AnyView {
    nothing(use_order_text().desktops_empty, true)
}

pub fn nothing_fits() -> AnyView {
    nothing(use_order_text().nothing_fits, false)
}

/// Shown in place of rows: why there is none, and where to go on.
fn nothing(why: &'static str, begins: bool) -> AnyView {
    let t = use_order_text();
    let buy = begins.then(|| view! { <a class="button" href=Route::Buy.href()>{t.buy}</a> });
    view! {
        <p class="notice">{why}</p>
        <p>{buy}</p>
    }
    .into_any()
}
