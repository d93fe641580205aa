//! Renewing or releasing several desktops at once: which of those that the filter shows, for how long, what it costs, and a
//! confirmation. They become one batch.

use std::{collections::BTreeSet, sync::Arc};

use leptos::prelude::*;
use shared::{
    Problem,
    actions::{DeleteDesktop, RenewDesktop},
    calendar::{Date, add_months},
    ids::{ClientToken, DesktopId},
    limits::WithoutApproval,
    order::{Desktop, Desktops, LARGEST_BATCH, NewOrder, Operation, Sort, SortKey, fields::FieldValues},
    prices::{PriceBook, money},
    reads,
    typed::meant,
    values::{ChargeType, Period},
};

use super::{
    change::{Change, periods},
    costs::{Item, Priced, are_beyond, sums},
};
use crate::{
    api,
    checkout::Attempt,
    language::use_order_text,
    reactive::{Loader, changing, computed, flag, load::Fetch, now, on_click, words},
    text::{OrderText, fill},
    ui::{Dialog, loaded::loaded},
};

/// What there is to choose from.
struct Candidates {
    desktops: Vec<Desktop>,
    prices: PriceBook,
    /// Whether there are more than a batch holds.
    more: bool,
}

/// Asks for the desktops of a target that can be renewed or released, and for the prices of their regions. Those that end first
/// are the first to be renewed.
async fn candidates(target: String, release: bool) -> Result<Candidates, Problem> {
    let sort = Sort { key: SortKey::ValidUntil, descending: false };
    let target = if release { target } else { format!("{target}&sort={sort}") };
    let (mut desktops, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: Desktops = api::get(format!("{target}{cursor}")).await?;
        desktops.extend(page.desktops.into_iter().filter(|desktop| fits(desktop, release)));
        match page.next {
            Some(next) if desktops.len() <= LARGEST_BATCH => cursor = format!("&cursor={}", reads::encode(&next)),
            _ => break,
        }
    }
    let more = desktops.len() > LARGEST_BATCH;
    desktops.truncate(LARGEST_BATCH);
    let mut prices = PriceBook::default();
    if !release {
        for region in desktops.iter().map(|desktop| desktop.region.clone()).collect::<BTreeSet<_>>() {
            let book: PriceBook = api::get(reads::prices(&region)).await?;
            prices.prices.extend(book.prices);
        }
    }
    Ok(Candidates { desktops, prices, more })
}

/// Only a subscription can be renewed, and only pay as you go released; neither while something else is under way.
fn fits(desktop: &Desktop, release: bool) -> bool {
    let kind = if release { ChargeType::PostPay } else { ChargeType::PrePay };
    let is_free = desktop.released_at.is_none() && desktop.under_way.is_none() && desktop.desktop_id.is_some();
    is_free && desktop.charge_type.parse() == Ok(kind)
}

/// The dialog.
#[component]
pub fn Bulk(
    /// The list of desktops to choose from.
    target: String,
    /// Whether they are released, or renewed.
    release: bool,
    /// Set to `None` when the dialog closes.
    open: RwSignal<Option<bool>>,
) -> impl IntoView {
    let t = use_order_text();
    let ready = RwSignal::new(false);
    let list = Loader::<Candidates>::idle()
        .follow(move || Some(target.clone()), move |target| Fetch::new(candidates(target, release)));
    let title = if release { t.release_several } else { t.renew_several };
    view! {
        <Dialog title name="change" ready on_close=move |()| open.set(None)>
            {loaded(list, t.title_desktops, move |found: Arc<Candidates>| choose(t, &found, release, ready, open))}
        </Dialog>
    }
    .into_any()
}

fn choose(
    t: &'static OrderText,
    found: &Arc<Candidates>,
    release: bool,
    ready: RwSignal<bool>,
    open: RwSignal<Option<bool>>,
) -> AnyView {
    let count = found.desktops.len();
    let cancel =
        view! { <button type="button" on:click=on_click(move |_| open.set(None))>{t.deferred().cancel}</button> };
    if count == 0 {
        return view! { <p class="notice">{t.several_none}</p><div class="dialog-buttons">{cancel}</div> }.into_any();
    }
    // A truncated list is no choice: all of it would be an arbitrary part.
    let chosen = RwSignal::new(vec![!found.more; count]);
    let period = RwSignal::new(Period::ONE_MONTH);
    let typed = RwSignal::new(String::new());
    let change = Change::new();
    let number = computed(move || chosen.with(|chosen| chosen.iter().filter(|chosen| **chosen).count()));
    let ids: Arc<[String]> =
        found.desktops.iter().map(|desktop| desktop.desktop_id.clone().unwrap_or_default()).collect();
    let chosen_ids = {
        let ids = Arc::clone(&ids);
        move || -> Vec<String> {
            chosen.with(|chosen| {
                ids.iter().zip(chosen).filter(|(_, chosen)| **chosen).map(|(id, _)| id.clone()).collect()
            })
        }
    };
    if !release {
        change.look(ids.iter().cloned().collect());
    }
    let confirmed = {
        let chosen_ids = chosen_ids.clone();
        computed(move || {
            let number = number.get();
            number > 0
                && if release {
                    typed.with(|typed| meant(typed) == number.to_string())
                } else {
                    !change.wants_yes(&chosen_ids())
                }
        })
    };

    let place = {
        let found = Arc::clone(found);
        move |_| {
            if change.placing.get_untracked() || !confirmed.get_untracked() {
                return;
            }
            let chosen = chosen.get_untracked();
            let what: Vec<_> =
                found.desktops.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(one, _)| one).collect();
            let Some(attempt) = attempt(&what, release, period.get_untracked()) else { return };
            let about = fill(t.several_chosen, &[&what.len().to_string()]);
            change.send(attempt, about, move || open.set(None));
        }
    };
    let renewal = (!release).then_some((period, change));
    let rows = {
        let found = Arc::clone(found);
        move || {
            let row = |(index, desktop): (usize, &Desktop)| line(t, &found, desktop, index, chosen, renewal);
            found.desktops.iter().enumerate().map(row).collect_view().into_any()
        }
    };
    let summary = {
        let found = Arc::clone(found);
        move || total(t, &found, &chosen.get(), period.get(), release)
    };
    let asked = Arc::clone(found);
    let is_beyond = move |without: &WithoutApproval| {
        chosen.with(|chosen| are_beyond(&chosen_of(&asked, chosen, period.get()), true, without))
    };
    let body = if release { confirmation(t, number, typed) } else { periods(t, period) };
    let all = move || chosen.with(|chosen| chosen.iter().all(|chosen| *chosen));
    let verb = if release { t.release_confirm } else { t.renew_confirm };
    view! {
        <fieldset prop:disabled=move || change.frozen.get()>
        <label class="pick">
            <input
                type="checkbox"
                prop:checked=all
                on:change:target=move |event| chosen.set(vec![event.target().checked(); count])
            />
            {t.choose_all}
        </label>
        {truncated(t, found, release)}
        <ul class="picks">{changing(rows)}</ul>
        {body}
        </fieldset>
        <p role="status">{words_of(summary)}</p>
        {change.limits(t, move || number.get(), (!release).then_some(period), is_beyond)}
        {change.notices(t, chosen_ids)}
        <div class="dialog-buttons">
            {cancel}
            <button
                type="button"
                class="primary"
                class:danger=release
                aria-disabled=flag(move || !ready.get() || change.placing.get() || !confirmed.get())
                on:click=on_click(place)
            >
                {words(move || if change.placing.get() { t.deferred().placing } else { verb })}
            </button>
        </div>
    }
    .into_any()
}

/// Which part of the list it is, where that is longer.
fn truncated(t: &OrderText, found: &Candidates, release: bool) -> Option<AnyView> {
    let which = if release { t.several_first } else { t.several_ending };
    let count = found.desktops.len().to_string();
    found.more.then(|| view! { <p class="hint">{fill(which, &[&count])}</p> }.into_any())
}

/// The attempt at these orders.
fn attempt(what: &[&Desktop], release: bool, period: Period) -> Option<Attempt> {
    let make = |token: &ClientToken| {
        let order =
            |(index, desktop): (usize, &&Desktop)| order(desktop, token.of_batch(index, what.len()), release, period);
        what.iter().enumerate().map(order).collect::<Option<Vec<_>>>().ok_or(())
    };
    Attempt::new(make)?.ok()
}

/// The warning of a release, and the field for how many there are.
fn confirmation(t: &'static OrderText, number: Memo<usize>, typed: RwSignal<String>) -> AnyView {
    let hint = move || fill(t.type_count, &[&number.get().to_string()]);
    view! {
        <p class="notice warn">{t.release_warning}</p>
        <div class="field">
            <label class="field-label" for="confirm-count">{words_of(hint)}</label>
            <input
                id="confirm-count"
                type="text"
                inputmode="numeric"
                autocomplete="off"
                prop:value=move || typed.get()
                on:input:target=move |event| typed.set(event.target().value())
            />
        </div>
    }
    .into_any()
}

/// A text that changes.
fn words_of(text: impl Fn() -> String + Send + Sync + 'static) -> Box<dyn FnMut() -> AnyView + Send> {
    changing(move || text().into_any())
}

fn order(desktop: &Desktop, token: ClientToken, release: bool, period: Period) -> Option<NewOrder> {
    let desktop_id: DesktopId = desktop.desktop_id.as_ref()?.parse().ok()?;
    let operation = if release {
        Operation::Delete(DeleteDesktop { owner_id: None, desktop_id })
    } else {
        Operation::Renew(RenewDesktop { owner_id: None, desktop_id, period, client_token: token.clone() })
    };
    // It takes the order fields of the purchase.
    let fields = FieldValues::new();
    Some(NewOrder { token, region: desktop.region.clone(), operation, fields })
}

/// What a desktop costs to renew, if there is a price.
fn priced(found: &Candidates, desktop: &Desktop, period: Period) -> Priced {
    let item = Item {
        region: desktop.region.clone(),
        type_item_id: desktop.type_item_id.parse().ok(),
        charge_type: ChargeType::PrePay,
        period: None,
        desktop: None,
    };
    let price = item.price(&found.prices, period);
    (item, price)
}

/// The same of those that are chosen.
fn chosen_of(found: &Candidates, chosen: &[bool], period: Period) -> Vec<Priced> {
    let chosen = found.desktops.iter().zip(chosen).filter(|(_, chosen)| **chosen);
    chosen.map(|(desktop, _)| priced(found, desktop, period)).collect()
}

fn line(
    t: &'static OrderText,
    found: &Arc<Candidates>,
    desktop: &Desktop,
    index: usize,
    chosen: RwSignal<Vec<bool>>,
    renewal: Option<(RwSignal<Period>, Change)>,
) -> AnyView {
    let id = desktop.desktop_id.clone().unwrap_or_default();
    let facts = {
        let (found, desktop) = (Arc::clone(found), desktop.clone());
        move || {
            let Some((period, change)) = renewal else { return String::new() };
            let months = period.get();
            let until = desktop.valid_until.zip(desktop.period).and_then(|(moment, period)| {
                // From the purchase, as the journal counts. Only where that is the day on which the months began.
                let bought = u32::from(period) + desktop.renewed_months;
                let end = |months| Date::of(add_months(desktop.created_at, months));
                let is_known = moment > now() && end(bought) == Date::of(moment);
                let after = is_known.then(|| end(bought + u32::from(months.months())))?;
                Some(fill(t.several_until, &[&Date::of(moment).to_string(), &after.to_string()]))
            });
            let (_, price) = priced(&found, &desktop, months);
            let price = price.map(|price| money(t.document.language, price.currency, price.amount));
            let renewed = change.renewed_recently(t, desktop.desktop_id.as_deref().unwrap_or_default());
            [renewed, until, price].into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }
    };
    view! {
        <li>
            <label class="pick">
                <input
                    type="checkbox"
                    prop:checked=move || chosen.with(|chosen| chosen.get(index).copied().unwrap_or_default())
                    on:change:target=move |event| {
                        let checked = event.target().checked();
                        chosen.update(|chosen| {
                            if let Some(chosen) = chosen.get_mut(index) {
                                *chosen = checked;
                            }
                        });
                    }
                />
                <span>{desktop.user.clone()}" · "<code>{id}</code>" · "{desktop.type_item_id.clone()}</span>
                <span class="fact">{words_of(facts)}</span>
            </label>
        </li>
    }
    .into_any()
}

/// How many are chosen, and what they cost together.
fn total(t: &OrderText, found: &Candidates, chosen: &[bool], period: Period, release: bool) -> String {
    let desktops = chosen_of(found, chosen, period);
    let number = desktops.len().to_string();
    if release || found.prices.prices.is_empty() || desktops.is_empty() {
        return fill(t.several_chosen, &[&number]);
    }
    let prices = desktops.iter().map(|(_, price)| Some(((*price)?, ()))).collect::<Option<Vec<_>>>();
    let Some(prices) = prices else { return fill(t.several_no_price, &[&number]) };
    let sums: Vec<_> =
        sums(prices).iter().map(|(sum, ())| money(t.document.language, sum.currency, sum.amount)).collect();
    fill(t.several_total, &[&number, &sums.join(" + ")])
}
