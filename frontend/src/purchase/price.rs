//! Prices of the purchase, by the operator's price list. Without one, only a note says that the bill decides.

use leptos::prelude::*;
use shared::{
    form::Form,
    prices::{Amount, Price, money},
    values::{ChargeType, Period},
};

use super::state::Purchase;
use crate::{
    checkout::period_name,
    language::use_text,
    reactive::{Load, changing},
    text::{Text, fill},
    ui::{Fact, loaded::failed},
};

/// The discount of a period for the chosen type.
pub fn discount(purchase: Purchase, months: &str) -> Option<Fact> {
    let period = months.parse::<Period>().ok()?;
    let percent = purchase.form.with(|form| purchase.price(form))?.cost(1, Some(period)).percent_off?;
    Some(Fact { label: "", text: format!("−{percent}%"), look: "good" })
}

fn per_unit(t: &Text, price: &Price, amount: Amount) -> String {
    let template = match price.charge_type {
        ChargeType::PostPay => t.per_hour,
        ChargeType::PrePay => t.per_month,
    };
    fill(template, &[&money(t.document.language, price.currency, amount)])
}

/// The quote of a form: price of one desktop, total, saving of a longer subscription, and a note on whose prices these are.
pub fn quote(purchase: Purchase, form: impl Fn() -> Form + Send + 'static) -> impl IntoView {
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
        let form = form();
        let Some(price) = purchase.price(&form) else { return note(t.price_missing).into_any() };
        let (desktops, period) = (form.user_names.len().max(1), form.period);
        let cost = price.cost(u16::try_from(desktops).unwrap_or(u16::MAX), Some(period));
        let sum = |amount| match price.charge_type {
            ChargeType::PostPay => per_unit(t, &price, amount),
            ChargeType::PrePay => {
                fill(t.for_period, &[&money(t.document.language, price.currency, amount), &period_name(t, period)])
            }
        };
        let each = (desktops > 1).then(|| (t.price_each, sum(cost.per_desktop), "each"));
        let total = if desktops > 1 { fill(t.price_total, &[&desktops.to_string()]) } else { t.price.to_owned() };
        let saving = cost.percent_off.map(|percent| {
            (
                t.price_saving,
                format!("{} ({percent}%)", money(t.document.language, price.currency, cost.saving)),
                "saving",
            )
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

#[cfg(test)]
mod tests {
    use shared::{language::Language, prices::Currency};
    use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen]
    extern "C" {
        type NumberFormat;
        #[wasm_bindgen(constructor, js_namespace = Intl)]
        fn new(language: &str, options: &JsValue) -> NumberFormat;
        #[wasm_bindgen(method)]
        fn format(this: &NumberFormat, decimal: &str) -> String;
        #[wasm_bindgen(js_namespace = Intl, js_name = supportedValuesOf)]
        fn supported_values_of(key: &str) -> js_sys::Array;
    }

    /// As the browser writes it.
    fn by_browser(language: Language, currency: Currency) -> NumberFormat {
        let (least, most) = (currency.decimals(), Amount::DECIMALS);
        let options = format!(
            r#"{{"style":"currency","currency":"{currency}","minimumFractionDigits":{least},"maximumFractionDigits":{most}}}"#
        );
        NumberFormat::new(language.tag(), &js_sys::JSON::parse(&options).unwrap())
    }

    #[wasm_bindgen_test]
    fn money_is_written_as_the_browser_writes_it() {
        let amounts = ["0", "0.0001", "0.5", "7.25", "12", "999.995", "1000", "85000.1", "1234567.5", "100000000"];
        let currencies = supported_values_of("currency").into_iter();
        let currencies: Vec<Currency> = currencies.map(|code| code.as_string().unwrap().parse().unwrap()).collect();
        assert!(currencies.len() > 100);
        for language in Language::ALL {
            for currency in &currencies {
                let format = by_browser(language, *currency);
                for amount in amounts {
                    let ours = money(language, *currency, amount.parse().unwrap());
                    assert_eq!(ours, format.format(amount), "{language:?} {currency} {amount}");
                }
            }
        }
    }
}
