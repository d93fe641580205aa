//! `#/desktops`: everything that was bought here, by when it ends, region, type, account and words, with totals; and the way to renew or
//! release several at once.

use leptos::prelude::*;
use shared::{
    actions::Regions,
    calendar::Date,
    form::Field,
    link::Route,
    order::{Desktop, DesktopChoices, DesktopTotals},
    reads,
    typed::meant,
};

use super::{
    bulk::Bulk,
    field_filter::FieldFilter,
    list::{export, no_desktops_yet, nothing_fits},
    operation::OperationDialog,
    pages::{self, Page},
    rows::Rows,
    updates,
};
use crate::{
    api,
    checkout::region_name,
    language::use_order_text,
    reactive::{Loader, changing, debounced, maybe, now, on_click},
    text::{OrderText, fill},
    ui::{Heading, composed, loaded::loaded_as, typed},
};

/// Months that can be asked for by name.
const MONTHS: u32 = 12;

/// The day on which the months of a desktop are over, as the cloud's calendar has it.
pub fn end_of(desktop: &Desktop) -> Option<String> {
    desktop.valid_until.map(|moment| Date::of(moment).to_string())
}

/// The first days of this month and the next ones.
fn months() -> Vec<Date> {
    let today = Date::of(now());
    (0..MONTHS).map(|ahead| Date { day: 1, ..today }.later(ahead)).collect()
}

/// The days within which an end can be asked for.
pub(super) const WITHIN: [u16; 3] = [7, 30, 60];

fn ends_within(days: u16) -> String {
    format!("&valid_within={days}")
}

/// The page.
#[component]
pub fn DesktopsPage(
    /// Only those that end within so many days, as a link to the page may have it.
    within: Option<u16>,
) -> impl IntoView {
    let t = use_order_text();
    let search = RwSignal::new(String::new());
    let within = within.filter(|days| WITHIN.contains(days));
    let narrowed = Narrowed::new(within.map(ends_within).unwrap_or_default());
    let operation = RwSignal::new(None);
    let bulk = RwSignal::new(None::<bool>);

    let asked = debounced(search);
    let filter = move || {
        let search = reads::encode(&meant(&asked.get()));
        format!("{}&q={search}", narrowed.filter())
    };
    let target = move || format!("desktops?limit=100{}", filter());
    let list = Loader::<Page>::idle().follow(move || Some(target()), move |target| pages::first(t, target));
    let totals = Loader::<DesktopTotals>::idle().follow(
        move || Some(format!("desktops/totals?{}", filter().trim_start_matches('&'))),
        api::load::<DesktopTotals>,
    );

    let shown = StoredValue::new(None::<Rows>);
    updates::on_order(move |order| {
        if let Some(Some(rows)) = shown.try_get_value() {
            rows.update(order);
            totals.refresh();
        }
    });
    let content = move |page: std::sync::Arc<Page>| {
        let rows = Rows::new(t, untrack(target), false, &page);
        shown.set_value(Some(rows));
        on_cleanup(move || {
            let _ = shown.try_set_value(None);
        });
        let plain = narrowed.is_plain() && asked.with_untracked(|asked| asked.trim().is_empty());
        rows.view(operation, if plain { no_desktops_yet } else { nothing_fits })
    };

    view! {
        <Heading text=t.title_desktops />
        <section class="card" aria-label=t.title_desktops>
            <div class="filters">
                <input
                    type="search"
                    aria-label=t.search_orders
                    placeholder=t.search_orders
                    prop:value=move || search.get()
                    on:input=typed(search)
                    on:compositionend=composed(search)
                />
                {narrowed.selects(t, within)}
            </div>
            <p class="totals">{changing(move || totals.ready().map(|totals| counted(t, *totals)).into_any())}</p>
            <div class="page-buttons">
                <button type="button" on:click=on_click(move |_| bulk.set(Some(false)))>{t.renew_several}</button>
                <button type="button" on:click=on_click(move |_| bulk.set(Some(true)))>{t.release_several}</button>
            </div>
            {loaded_as(list, move || t.title_desktops, content)}
            <p class="hint">{t.by_our_records}</p>
            <p class="list-links">
                <a href=move || export(&target(), t.document.language) download="">{t.download_csv}</a>
                <a href=Route::Orders.href()>{t.orders}</a>
                <a href=Route::Summary.href()>{t.title_summary}</a>
            </p>
        </section>
        {maybe(move || operation.get().map(|what| view! { <OperationDialog what operation /> }.into_any()))}
        {maybe(move || bulk.get().map(|release| {
            let target = format!("desktops?limit=100{}", untrack(filter));
            view! { <Bulk target release open=bulk /> }.into_any()
        }))}
    }
}

/// What the list is narrowed to, each as a part of its target.
#[derive(Clone, Copy)]
struct Narrowed {
    ends: RwSignal<String>,
    released: RwSignal<String>,
    region: RwSignal<String>,
    type_item: RwSignal<String>,
    account: RwSignal<String>,
    field: FieldFilter,
}

impl Narrowed {
    /// What is in use, by its end.
    fn new(ends: String) -> Self {
        Self {
            ends: RwSignal::new(ends),
            released: RwSignal::new("&released=false".to_owned()),
            region: RwSignal::new(String::new()),
            type_item: RwSignal::new(String::new()),
            account: RwSignal::new(String::new()),
            field: FieldFilter::new(),
        }
    }

    fn filter(self) -> String {
        let Self { ends, released, region, type_item, account, field } = self;
        [ends, released, region, type_item, account].map(|part| part.get()).concat() + &field.part()
    }

    /// Whether it has all desktops of a state.
    fn is_plain(self) -> bool {
        let parts = [self.ends, self.region, self.type_item, self.account];
        parts.iter().all(|part| part.with_untracked(String::is_empty)) && untrack(|| self.field.part()).is_empty()
    }

    /// The selects.
    fn selects(self, t: &'static OrderText, chosen: Option<u16>) -> AnyView {
        let within = WITHIN.map(|days| {
            let is_chosen = chosen == Some(days);
            view! {
                <option value=ends_within(days) selected=is_chosen>{fill(t.ends_within, &[&days.to_string()])}</option>
            }
        });
        let in_month = months().into_iter().map(|first| {
            let value = format!("&valid_since={}&valid_before={}", first.begin(), first.later(1).begin());
            let name = first.to_string();
            view! { <option value=value>{fill(t.ends_in, &[name.get(..7).unwrap_or_default()])}</option> }
        });
        let known = Loader::<Regions>::idle().follow(move || Some(reads::regions()), api::load::<Regions>);
        let regions = move || {
            let option = |item: &shared::actions::Region| {
                view! { <option value=format!("&region={}", item.region_id)>{region_name(item)}</option> }
            };
            known.ready().map(|list| list.regions.iter().map(option).collect_view()).into_any()
        };
        let choices = Loader::<DesktopChoices>::idle()
            .follow(|| Some("desktops/choices".to_owned()), api::load::<DesktopChoices>);
        let options = |name: &'static str, values: &[String]| {
            let option = |value: &String| {
                view! { <option value=format!("&{name}={}", reads::encode(value))>{value.clone()}</option> }
            };
            values.iter().map(option).collect_view().into_any()
        };
        let types = move || choices.ready().map(|choices| options("type", &choices.types)).into_any();
        // Where nothing was bought for another account, there is nothing to choose.
        let accounts = move || {
            let choices = choices.ready().filter(|choices| !choices.accounts.is_empty())?;
            Some(select(t.account, self.account, t.every_account, options("account", &choices.accounts)))
        };
        view! {
            <select aria-label=t.ends on:change:target=move |event| self.ends.set(event.target().value())>
                <option value="">{t.ends_any}</option>
                {within.collect_view()}
                <option value=format!("&valid_before={}", now())>{t.ends_over}</option>
                {in_month.collect_view()}
            </select>
            <select aria-label=t.column_state on:change:target=move |event| self.released.set(event.target().value())>
                <option value="&released=false">{t.in_use_only}</option>
                <option value="&released=true">{t.released_only}</option>
                <option value="">{t.every_state}</option>
            </select>
            {select(t.label(Field::Region), self.region, t.every_region, changing(regions).into_any())}
            {select(t.label(Field::TypeItem), self.type_item, t.every_type, changing(types).into_any())}
            {maybe(accounts)}
            {self.field.view()}
        }
        .into_any()
    }
}

/// A select whose first option is not to narrow.
fn select(label: &'static str, chosen: RwSignal<String>, every: &'static str, options: AnyView) -> AnyView {
    view! {
        <select aria-label=label on:change:target=move |event| chosen.set(event.target().value())>
            <option value="">{every}</option>
            {options}
        </select>
    }
    .into_any()
}

/// How many there are. Where that is not known, the list below says why.
fn counted(t: &OrderText, totals: DesktopTotals) -> String {
    let DesktopTotals { desktops, in_use, subscriptions, expired, within_7_days, within_30_days, within_60_days } =
        totals;
    let numbers = [desktops, in_use, subscriptions, within_7_days, within_30_days, within_60_days, expired];
    let numbers = numbers.map(|number| number.to_string());
    fill(t.totals, &numbers.each_ref().map(String::as_str))
}
