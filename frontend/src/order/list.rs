//! `#/orders`: the orders and the desktops bought through Deskbuy, with filters; of any number of them only those in
//! sight are drawn, and only the pages that one scrolls to are loaded.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local_scoped_with_cancellation};
use shared::{
    Problem,
    link::Route,
    order::{Desktops, OrderState, Orders},
};

use super::{
    change::{Change, ChangeDialog, Elsewhere},
    entry::{self, Entry},
    live, state_name,
};
use crate::{
    api,
    app::Heading,
    language::use_text,
    load::{Loaded, Loader},
    purchase::settled,
    text::Text,
    ui::{Choice, RadioGroup, Window, loaded::loaded, maybe, words},
};

/// Height of a row in pixels; the style sheet says the same.
const ROW: usize = 76;

/// A page of either list.
struct Page {
    entries: Vec<Entry>,
    next: Option<String>,
}

/// The page.
#[component]
pub fn OrdersPage() -> impl IntoView {
    let t = use_text();
    let desktops = RwSignal::new(false);
    let search = RwSignal::new(String::new());
    let state = RwSignal::new(String::new());
    let change = RwSignal::new(None::<Change>);
    let kinds = vec![Choice::new("orders", t.title_orders), Choice::new("desktops", t.title_desktops)];
    let chosen = Signal::derive(move || Some(if desktops.get() { "desktops" } else { "orders" }.to_owned()));
    let states =
        OrderState::ALL.iter().map(|state| view! { <option value=state.as_str()>{state_name(t, *state)}</option> });

    let asked = settled(search);
    let target = move || {
        let search = api::encode(asked.get().trim());
        if desktops.get() {
            format!("desktops?limit=100&q={search}")
        } else {
            let state = state.get();
            let state = if state.is_empty() { state } else { format!("&state={state}") };
            format!("orders?limit=100{state}&q={search}")
        }
    };
    let list = Loader::<Page>::idle().follow(move || Some(target()), move |target| fetch(t, target));

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
                    on:input:target=move |event| search.set(event.target().value())
                />
                <select
                    aria-label=t.order_state
                    hidden=move || desktops.get()
                    on:change:target=move |event| state.set(event.target().value())
                >
                    <option value="">{t.every_state}</option>
                    {states.collect_view()}
                </select>
            </div>
            {loaded(list, t.title_orders, move |page| {
                let filtered = !asked.get_untracked().trim().is_empty() || !state.get_untracked().is_empty();
                rows(page, list, target, filtered, desktops.get_untracked(), change)
            })}
        </section>
        {maybe(move || desktops.get().then(|| view! { <Elsewhere change /> }.into_any()))}
        {maybe(move || change.get().map(|what| view! { <ChangeDialog what change /> }.into_any()))}
    }
}

fn fetch(t: &'static Text, target: String) -> crate::load::Fetch {
    Box::pin(async move { page(t, target).await.map(|page| Arc::new(page) as Loaded) })
}

async fn page(t: &'static Text, target: String) -> Result<Page, Problem> {
    if target.starts_with("desktops") {
        let answer: Desktops = api::get(target).await?;
        let entries = answer.desktops.iter().map(|desktop| entry::of_desktop(t, desktop)).collect();
        Ok(Page { entries, next: answer.next })
    } else {
        let answer: Orders = api::get(target).await?;
        let entries = answer.orders.iter().map(|order| entry::of_order(t, order)).collect();
        Ok(Page { entries, next: answer.next })
    }
}

fn rows(
    first: Arc<Page>,
    list: Loader<Page>,
    target: impl Fn() -> String + Copy + Send + Sync + 'static,
    filtered: bool,
    desktops: bool,
    change: RwSignal<Option<Change>>,
) -> AnyView {
    let t = use_text();
    if first.entries.is_empty() {
        let text = if filtered { t.nothing_fits } else { t.orders_empty };
        return view! {
            <p class="notice">{text}</p>
            <p><a class="button" href=Route::Buy.href()>{t.buy}</a></p>
        }
        .into_any();
    }
    let window = Window::new(ROW, 10);
    let entries = RwSignal::new(first.entries.clone());
    let next = RwSignal::new(first.next.clone());
    let loading = RwSignal::new(false);
    let more = move || {
        let Some(cursor) = next.get_untracked().filter(|_| !loading.get_untracked()) else { return };
        loading.set(true);
        spawn_local_scoped_with_cancellation(async move {
            match page(t, format!("{}&cursor={}", untrack(target), api::encode(&cursor))).await {
                Ok(page) => {
                    entries.update(|entries| entries.extend(page.entries));
                    next.set(page.next);
                }
                Err(_) => list.refresh(),
            }
            loading.set(false);
        });
    };
    live::on_order(move |order| match order {
        Some(order) if !desktops => entries.update(|entries| {
            let now = entry::of_order(t, &order);
            match entries.iter_mut().find(|entry| entry.route == now.route) {
                Some(entry) => *entry = now,
                // Whether a new one fits a filter is for the proxy to say.
                None if filtered => {}
                None => entries.insert(0, now),
            }
        }),
        Some(order) if !order.state.is_settled() => {}
        _ => list.refresh(),
    });
    let count = Memo::new(move |_| entries.with(Vec::len));
    let in_sight = move || {
        let range = window.range(count.get());
        let end = range.end;
        if end + 20 > count.get_untracked() {
            more();
        }
        entries.with(|entries| {
            entries
                .iter()
                .enumerate()
                .skip(range.start)
                .take(range.len())
                .map(|(i, e)| (i, e.clone()))
                .collect::<Vec<_>>()
        })
    };
    let shown = words(move || {
        if next.with(Option::is_some) { String::new() } else { crate::text::fill(t.rows, &[&count.get().to_string()]) }
    });
    view! {
        <div
            class="entries"
            role="list"
            tabindex="0"
            aria-label=t.title_orders
            node_ref=window.element
            on:scroll=move |_| window.on_scroll()
        >
            <div class="options-inner" style:height=move || format!("{}px", count.get() * ROW)>
                <For each=in_sight key=Clone::clone children=move |(index, entry)| row(index, entry, count, change) />
            </div>
        </div>
        <p class="hint">{shown}</p>
    }
    .into_any()
}

fn row(index: usize, entry: Entry, count: Memo<usize>, change: RwSignal<Option<Change>>) -> AnyView {
    let t = use_text();
    let facts = entry.facts.into_iter().map(|fact| view! { <span class="fact">{fact}</span> }).collect_view();
    let buttons = entry.desktop.map(|desktop| Change::buttons(t, &desktop, change));
    view! {
        <div
            class="entry"
            role="listitem"
            aria-setsize=move || count.get()
            aria-posinset=index + 1
            style:top=format!("{}px", index * ROW)
        >
            <div class="entry-head">
                <a href=entry.route>{entry.title}</a>
                <span class=entry.class>{entry.state}</span>
            </div>
            <div class="entry-facts">{facts}</div>
            <div class="entry-buttons">{buttons}</div>
        </div>
    }
    .into_any()
}
