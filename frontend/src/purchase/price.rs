//! What the purchase costs by the operator's prices. Where there are none, nothing is shown but that the bill decides.

use std::cell::RefCell;

use leptos::prelude::*;
use shared::{
    prices::{Amount, Currency, Price},
    values::{ChargeType, Period},
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::state::Purchase;
use crate::{
    checkout::period_name,
    language::use_text,
    reactive::{Load, changing},
    text::{Text, fill},
    ui::{Fact, loaded::failed},
};

#[wasm_bindgen]
extern "C" {
    type NumberFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl)]
    fn new(language: &str, options: &JsValue) -> NumberFormat;
    /// Takes a decimal text, which is exact, as the browser takes a number.
    #[wasm_bindgen(method)]
    fn format(this: &NumberFormat, decimal: &str) -> String;
}

thread_local! {
    /// The last one, since a browser takes longer to make one than to write fifty sums, and those of a page are alike.
    static FORMAT: RefCell<Option<(&'static str, Currency, NumberFormat)>> = const { RefCell::new(None) };
}

/// A sum of money as the language writes it, with all of its decimals.
fn money(t: &Text, currency: Currency, amount: Amount) -> String {
    FORMAT.with_borrow_mut(|last| {
        let known = last.take().filter(|(tag, of, _)| *tag == t.tag && *of == currency);
        let (.., format) = last.insert(known.unwrap_or_else(|| (t.tag, currency, format_of(t.tag, currency))));
        format.format(&amount.to_string())
    })
}

fn format_of(tag: &str, currency: Currency) -> NumberFormat {
    let (least, most) = (currency.decimals(), Amount::DECIMALS);
    let options = format!(
        r#"{{"style":"currency","currency":"{currency}","minimumFractionDigits":{least},"maximumFractionDigits":{most}}}"#
    );
    NumberFormat::new(tag, &js_sys::JSON::parse(&options).unwrap_or_default())
}

/// What a type costs for an hour or a month, as a fact of the type; nothing where the operator prices no type at all
/// with this billing kind.
pub fn of_type(purchase: Purchase, type_item_id: &str) -> Option<Fact> {
    let t = use_text();
    let charge_type = purchase.form.with(|form| form.charge_type);
    let book = purchase.lists.prices.ready()?;
    let mut prices = book.prices.iter().filter(|price| price.charge_type == charge_type).peekable();
    prices.peek()?;
    let price = prices.find(|price| price.type_item_id.as_str() == type_item_id);
    let label = if charge_type == ChargeType::PostPay { t.price_per_hour } else { t.price_per_month };
    Some(Fact::new(label, price.map_or_else(|| "–".to_owned(), |price| money(t, price.currency, price.amount))))
}

/// What the period takes off the type that is chosen.
pub fn discount(purchase: Purchase, months: &str) -> Option<Fact> {
    let period = months.parse::<Period>().ok()?;
    let percent = purchase.price()?.cost(1, Some(period)).percent_off?;
    Some(Fact { label: "", text: format!("−{percent}%"), look: "good" })
}

fn per_unit(t: &Text, price: &Price, amount: Amount) -> String {
    let template = match price.charge_type {
        ChargeType::PostPay => t.per_hour,
        ChargeType::PrePay => t.per_month,
    };
    fill(template, &[&money(t, price.currency, amount)])
}

/// One desktop, all of them, what a longer subscription saves, and whose prices these are.
pub fn quote(purchase: Purchase) -> impl IntoView {
    let t = use_text();
    changing(move || {
        let note = |text: &'static str| view! { <p class="price-note">{text}</p> };
        let book = match purchase.lists.prices.get() {
            Load::Ready(book) if !book.prices.is_empty() => book,
            Load::Failed(problem) => {
                return failed(t.price, problem, Callback::new(move |()| purchase.lists.prices.reload()));
            }
            _ => return note(t.price_note).into_any(),
        };
        let Some(price) = purchase.price() else { return note(t.price_missing).into_any() };
        let (desktops, period) = purchase.form.with(|form| (form.user_names.len().max(1), form.period));
        let cost = price.cost(u16::try_from(desktops).unwrap_or(u16::MAX), Some(period));
        let sum = |amount| match price.charge_type {
            ChargeType::PostPay => per_unit(t, &price, amount),
            ChargeType::PrePay => fill(t.for_period, &[&money(t, price.currency, amount), &period_name(t, period)]),
        };
        let each = (desktops > 1).then(|| (t.price_each, sum(cost.per_desktop), "each"));
        let total = if desktops > 1 { fill(t.price_total, &[&desktops.to_string()]) } else { t.price.to_owned() };
        let saving = cost.percent_off.map(|percent| {
            (t.price_saving, format!("{} ({percent}%)", money(t, price.currency, cost.saving)), "saving")
        });
        let line = |(label, text, look)| view! { <div class=look><dt>{label}</dt><dd>{text}</dd></div> };
        view! {
            <dl class="quote">
                {each.map(line)}
                <div class="total"><dt>{total}</dt><dd>{sum(cost.total)}</dd></div>
                {saving.map(line)}
            </dl>
            {note(if book.example { t.price_example } else { t.price_operator })}
        }
        .into_any()
    })
}
