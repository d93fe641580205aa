//! Renewing and releasing a desktop: the buttons, and the dialog that asks for confirmation.

use std::collections::HashSet;

use leptos::prelude::*;
use shared::{
    Code,
    actions::{DeleteDesktop, Regions, RenewDesktop},
    form::Field,
    ids::{ClientToken, DesktopId, RegionId},
    limits::WithoutApproval,
    order::{NewOrder, Operation, fields::FieldValues},
    reads,
    typed::meant,
    values::{ChargeType, Period},
};

use super::{
    change::{Change, periods},
    costs::{Item, Items},
    row::ManagedDesktop,
};
use crate::{
    address, api,
    checkout::{Attempt, region_name},
    language::use_order_text,
    reactive::{Loader, changing, computed, flag, on_click, words},
    text::{OrderText, fill},
    ui::{Dialog, Section},
};

/// A renewal or release of a desktop, before it is confirmed.
#[derive(Clone, PartialEq, Eq)]
pub struct DesktopOperation {
    desktop: ManagedDesktop,
    release: bool,
}

impl DesktopOperation {
    /// The buttons for the operations that a desktop allows.
    pub fn buttons(t: &'static OrderText, desktop: &ManagedDesktop, operation: RwSignal<Option<Self>>) -> AnyView {
        let button = |release: bool| {
            let what = Self { desktop: desktop.clone(), release };
            let text = if release { t.release } else { t.renew };
            let label = format!("{text} {}", desktop.id);
            view! { <button type="button" aria-label=label on:click=on_click(move |_| operation.set(Some(what.clone())))>{text}</button> }
        };
        // Only a subscription can be renewed, and only pay as you go released.
        let renew = (desktop.charge_type != Some(ChargeType::PostPay)).then(|| button(false));
        let release = (desktop.charge_type != Some(ChargeType::PrePay)).then(|| button(true));
        view! { {renew}{release} }.into_any()
    }

    fn order(&self, token: &ClientToken, period: Period) -> NewOrder {
        let desktop_id = self.desktop.id.clone();
        let operation = if self.release {
            Operation::Delete(DeleteDesktop { owner_id: None, desktop_id })
        } else {
            Operation::Renew(RenewDesktop { owner_id: None, desktop_id, period, client_token: token.clone() })
        };
        // It takes the order fields of the purchase.
        let fields = FieldValues::new();
        NewOrder { token: token.clone(), region: self.desktop.region.clone(), operation, fields }
    }
}

/// The confirmation. A release asks for the desktop's identifier to be typed, since it destroys data. Not
/// inlined, so that it is in the on-demand module.
#[inline(never)]
#[component]
pub fn OperationDialog(
    /// The operation to confirm.
    what: DesktopOperation,
    /// Set to `None` when the dialog closes.
    operation: RwSignal<Option<DesktopOperation>>,
) -> impl IntoView {
    let t = use_order_text();
    let period = RwSignal::new(Period::ONE_MONTH);
    let typed = RwSignal::new(String::new());
    let ready = RwSignal::new(false);
    let change = Change::new();
    let release = what.release;
    let lines = whose(t, &what.desktop);
    let renewal = (!release).then(|| Items::learn(vec![Item::of_renewal(&what.desktop)]));
    let is_beyond = move |without: &WithoutApproval| {
        renewal.is_some_and(|renewal| renewal.with(|renewal| renewal.are_beyond(period.get(), without)))
    };
    let cost = renewal.map(|renewal| {
        let cost = words(move || renewal.with(|renewal| renewal.cost(t, period.get())));
        view! { <p role="status">{cost}</p> }
    });
    let id = what.desktop.id.to_string();
    let confirmed = {
        let id = id.clone();
        computed(move || {
            if release { typed.with(|typed| meant(typed) == id) } else { !change.wants_yes(std::slice::from_ref(&id)) }
        })
    };
    if !release {
        change.look(HashSet::from([id.clone()]));
    }
    let place = move |_| {
        if change.placing.get_untracked() || !confirmed.get_untracked() {
            return;
        }
        let make = |token: &ClientToken| Ok::<_, ()>(vec![what.order(token, period.get_untracked())]);
        let Some(Ok(attempt)) = Attempt::new(make) else { return };
        change.send(attempt, what.desktop.id.to_string(), move || operation.set(None));
    };
    let body = if release { release_field(t, &id, typed) } else { periods(t, period) };
    let (title, verb) = if release { (t.release_title, t.release_confirm) } else { (t.renew_title, t.renew_confirm) };
    view! {
        <Dialog title name="change" ready on_close=move |()| operation.set(None)>
            {lines}
            <fieldset prop:disabled=move || change.frozen.get()>{body}</fieldset>
            {cost}
            {change.limits(t, || 1, (!release).then_some(period), is_beyond)}
            {change.notices(t, move || vec![id.clone()])}
            <div class="dialog-buttons">
                <button type="button" on:click=on_click(move |_| operation.set(None))>{t.deferred().cancel}</button>
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
        </Dialog>
    }
    .into_any()
}

/// The warning, and the field for the desktop's identifier.
fn release_field(t: &OrderText, id: &str, typed: RwSignal<String>) -> AnyView {
    view! {
        <p class="notice warn">{t.release_warning}</p>
        <div class="field">
            <label class="field-label" for="confirm-id">{fill(t.type_to_confirm, &[id])}</label>
            <input
                id="confirm-id"
                type="text"
                autofocus=true
                autocomplete="off"
                spellcheck="false"
                prop:value=move || typed.get()
                on:input:target=move |event| typed.set(event.target().value())
            />
        </div>
    }
    .into_any()
}

/// Which desktop it is, in words that people know: whose, of which type, and its identifier.
fn whose(t: &OrderText, desktop: &ManagedDesktop) -> AnyView {
    let line = |label: &'static str, text: &Option<String>| {
        text.clone().map(|text| view! { <div><dt>{label}</dt><dd>{text}</dd></div> })
    };
    view! {
        <dl class="lines">
            {line(t.label(Field::User), &desktop.user)}
            {line(t.label(Field::TypeItem), &desktop.type_item_id)}
            <div><dt>{t.desktop_id}</dt><dd><code>{desktop.id.to_string()}</code></dd></div>
        </dl>
    }
    .into_any()
}

/// Renews or releases a desktop that was not bought through Deskbuy, by its identifier.
#[component]
pub fn OtherDesktop(
    /// Set to the operation to confirm.
    operation: RwSignal<Option<DesktopOperation>>,
) -> impl IntoView {
    let t = use_order_text();
    let target = reads::regions();
    let known = Loader::<Regions>::idle().follow(move || Some(target.clone()), api::load::<Regions>);
    let typed = RwSignal::new(String::new());
    let chosen = RwSignal::new(address::form().0.region);
    // Until a region is chosen, the select shows the first.
    let region = move || chosen.get().or_else(|| known.ready()?.regions.first().map(|first| first.region_id.clone()));
    let wrong = RwSignal::new(false);
    let ask = move |release: bool| {
        let id = typed.with_untracked(|typed| meant(typed).parse::<DesktopId>().ok());
        let region = untrack(region);
        wrong.set(id.is_none() || region.is_none());
        if let (Some(id), Some(region)) = (id, region) {
            operation.set(Some(DesktopOperation {
                desktop: ManagedDesktop { id, region, charge_type: None, user: None, type_item_id: None },
                release,
            }));
        }
    };
    let regions = move || {
        let list = known.ready();
        let option = |item: &shared::actions::Region| {
            let chosen = chosen.with_untracked(|chosen| chosen.as_ref() == Some(&item.region_id));
            view! { <option value=item.region_id.to_string() selected=chosen>{region_name(item)}</option> }
        };
        list.map(|list| list.regions.iter().map(option).collect_view()).into_any()
    };
    view! {
        <Section id="elsewhere" title=t.elsewhere>
            <p class="hint">{t.elsewhere_hint}</p>
            <div class="filters">
                <input
                    type="text"
                    aria-label=t.desktop_id
                    placeholder=t.desktop_id
                    autocomplete="off"
                    spellcheck="false"
                    aria-invalid=flag(move || wrong.get())
                    prop:value=move || typed.get()
                    on:input:target=move |event| typed.set(event.target().value())
                />
                <select
                    aria-label=t.label(Field::Region)
                    on:change:target=move |event| chosen.set(event.target().value().parse::<RegionId>().ok())
                >
                    {changing(regions)}
                </select>
                <button type="button" on:click=on_click(move |_| ask(false))>{t.renew}</button>
                <button type="button" on:click=on_click(move |_| ask(true))>{t.release}</button>
            </div>
            <p class="field-error" role="alert">{words(move || if wrong.get() { (t.code)(Code::MissingParameter) } else { "" })}</p>
        </Section>
    }
    .into_any()
}
