//! The summary that stays in sight: what will be bought, what is missing, and the button.

use leptos::prelude::*;
use shared::{
    actions::{CreateDesktop, UserInfo},
    document::type_list,
    form::{Field, FieldError, Form},
    ids::{ClientToken, RegionId},
    order::{NewOrder, Operation, fields::FieldValues},
    values::{ChargeType, ImageType},
};

use super::{
    field::show_field,
    image::image_name,
    limits,
    network::{v_switch_name, zone_name},
    order_fields, price,
    state::Purchase,
};
use crate::{
    address, api,
    checkout::{Attempt, billing_name, group_name, is_unanswered, order_fields::OrderFields, period_name},
    language::use_text,
    reactive::{changing, computed, flag, maybe, on_click, spawn, words},
    text::{fill, isolated},
    ui::CopyButton,
};

/// The configuration of a form: label and value of each field that counts. `None` where nothing is chosen.
pub fn lines(purchase: Purchase, form: &Form) -> Vec<(&'static str, Option<String>)> {
    let t = use_text();
    let subscription = form.charge_type == ChargeType::PrePay;
    let counts = |field: &&Field| match field {
        // The image tells it.
        Field::ImageType => false,
        Field::Period => subscription,
        _ => true,
    };
    Field::ALL.iter().filter(counts).map(|field| (t.label(*field), value(purchase, form, *field))).collect()
}

/// The value of a field for people: a name where the lists know one, else the identifier.
fn value(purchase: Purchase, form: &Form, field: Field) -> Option<String> {
    let t = use_text();
    match field {
        Field::ChargeType => Some(billing_name(t, form.charge_type).to_owned()),
        Field::Region => purchase.region_name(form),
        Field::TypeItem => {
            let item = purchase
                .chosen_type(form)
                .map(|item| format!("{}\n{}", item.type_item_id, type_list::in_a_line(t.document, &item)));
            item.or_else(|| form.type_item_id.clone().map(String::from))
        }
        Field::Zone => {
            purchase.chosen_zone(form).map(|zone| zone_name(&zone)).or_else(|| form.zone_id.clone().map(String::from))
        }
        Field::VSwitch => purchase.chosen_v_switch(form).map(|v_switch| v_switch_name(&v_switch)),
        Field::ImageType => {
            Some(if form.image_type == ImageType::Default { t.image_system } else { t.image_custom }.to_owned())
        }
        Field::Image => purchase
            .chosen_image(form)
            .map(|image| image_name(&image))
            .or_else(|| form.image_id.clone().map(String::from)),
        Field::User => users_text(&form.user_names, &purchase.chosen_users(form)),
        Field::UserGroup => Some(group_name(t, form.user_group).to_owned()),
        Field::Period => Some(period_name(t, form.period)),
    }
}

/// Who gets a desktop: one user with the address, or the number of users and their names.
fn users_text(names: &[String], known: &[UserInfo]) -> Option<String> {
    match names {
        [] => None,
        [name] => {
            let email = known.first().map(|user| user.email.as_str()).filter(|email| !email.is_empty());
            Some(email.map_or_else(|| name.clone(), |email| format!("{name}\n{email}")))
        }
        names => {
            let names: Vec<_> = names.iter().map(|name| isolated(name)).collect();
            Some(format!("{}\n{}", fill(use_text().desktops, &[&names.len().to_string()]), names.join(", ")))
        }
    }
}

/// Those lines as a list of terms.
pub fn lines_view(lines: Vec<(&'static str, Option<String>)>) -> AnyView {
    let t = use_text();
    let line = |(label, text): (&'static str, Option<String>)| {
        let missing = text.is_none();
        let text = text.unwrap_or_else(|| t.not_chosen.to_owned());
        view! { <div><dt>{label}</dt><dd class:missing=missing>{text}</dd></div> }
    };
    view! { <dl class="lines">{lines.into_iter().map(line).collect_view()}</dl> }.into_any()
}

fn new_order(region: &RegionId, request: CreateDesktop) -> NewOrder {
    NewOrder {
        token: request.client_token.clone(),
        region: region.clone(),
        operation: Operation::Create(request),
        fields: if api::has_order_fields() { OrderFields::get().filled() } else { FieldValues::new() },
    }
}

/// The summary.
#[component]
pub fn Summary() -> impl IntoView {
    let t = use_text();
    let purchase = expect_context::<Purchase>();
    let loading = computed(move || purchase.lists.is_loading());
    let buy = move |_| {
        if loading.get_untracked() {
            return;
        }
        purchase.tried.set(true);
        let Some(region) = purchase.form.with_untracked(|form| form.region.clone()) else { return };
        let order = |request| new_order(&region, request);
        let make = |token: &ClientToken| -> Result<Vec<NewOrder>, Vec<FieldError>> {
            Ok(purchase.check(token)?.into_iter().map(order).collect())
        };
        match untrack(|| Attempt::new(make)) {
            Some(Ok(_)) if api::has_order_fields() && order_fields::is_stopped() => {}
            // What was sent before may be what uses the limit up, and is the same order again.
            Some(Ok(attempt))
                if is_unanswered(&attempt.token)
                    || untrack(|| purchase.form.with(|form| limits::refusal(purchase, form))).is_none() =>
            {
                purchase.placing.review(attempt);
            }
            Some(Err(errors)) => {
                if let Some(error) = errors.first() {
                    show_field(error.field.id());
                }
            }
            // It may have been otherwise since they were asked for; if so, the refusal goes.
            Some(Ok(_)) => spawn(limits::refresh(purchase)),
            None => {}
        }
    };
    let brief = words(move || {
        let form = purchase.form.get();
        let users = match form.user_names.len() {
            0 => None,
            1..=3 => Some(form.user_names.join(", ")),
            many => Some(fill(t.desktops, &[&many.to_string()])),
        };
        let zone = purchase.chosen_zone(&form).map(|zone| zone_name(&zone));
        let parts = [form.type_item_id.map(String::from), zone, users];
        let known = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        if known.is_empty() { t.summary.to_owned() } else { known }
    });
    let field_errors = maybe(move || {
        let wrong = purchase.field_errors.get();
        (!wrong.is_empty()).then(|| {
            let item = |error: FieldError| {
                view! {
                    <li>
                        <a href=format!("#{}", error.field.error_id()) on:click=on_click(move |event| {
                            // Following the link would take the address away from the route.
                            event.prevent_default();
                            show_field(error.field.id());
                        })>{t.label(error.field)}</a>
                        ": "{(t.code)(error.code)}
                    </li>
                }
            };
            let items = wrong.into_iter().map(item).collect_view();
            view! { <p>{t.please_fix}</p><ul>{items}</ul> }.into_any()
        })
    });
    let refused = maybe(move || {
        let tried = purchase.tried.get() && purchase.form.with(|form| !form.user_names.is_empty());
        let why = tried.then(|| purchase.form.with(|form| limits::refusal(purchase, form))).flatten()?;
        Some(view! { <p>{why}</p> }.into_any())
    });
    let to_mend =
        maybe(move || (api::has_order_fields() && purchase.tried.get()).then(order_fields::to_mend).flatten());
    // Why the button does nothing now. Missing choices are listed when it is pressed.
    let reason = words(move || if loading.get() { t.wait_for_lists } else { "" });
    view! {
        <aside class="summary" aria-labelledby="summary-title">
            <div class="summary-card">
                <h2 id="summary-title">{t.summary}</h2>
                <div class="summary-lines" tabindex="0">{changing(move || purchase.form.with(|form| lines_view(lines(purchase, form))))}</div>
                <details class="summary-details">
                    <summary><span class="visually-hidden">{t.details}": "</span>{brief}</summary>
                    {changing(move || purchase.form.with(|form| lines_view(lines(purchase, form))))}
                </details>
                {price::quote(purchase, move || purchase.form.get())}
                {limits::left_view(purchase, move || purchase.form.get())}
                <div class="to-mend" role="alert">{field_errors}{to_mend}{refused}</div>
                <button
                    type="button"
                    class="primary buy"
                    aria-disabled=flag(move || loading.get())
                    aria-describedby="buy-reason"
                    on:click=on_click(buy)
                >
                    {t.buy_now}
                </button>
                <p id="buy-reason" class="hint">{reason}</p>
                <CopyButton
                    name=t.copy_link.to_owned()
                    shown=t.copy_link
                    text=move |()| address::link(&purchase.linked.get_untracked())
                />
            </div>
        </aside>
    }
    .into_any()
}
