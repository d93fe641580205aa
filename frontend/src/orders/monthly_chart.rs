//! The chart of the monthly summary: a bar for each month, of the amounts of one currency. The table says the same, and more.

use leptos::prelude::*;
use shared::{
    order::Summary,
    prices::{Amount, Currency, money},
};

use crate::text::{MonthlyText, OrderText, fill};

/// The parts of the picture, in its own units: it is drawn as wide as there is room.
const WIDTH: u64 = 360;
const ROW: usize = 22;
const MONTH: u64 = 62;
const LONGEST: u64 = 180;

/// A bar for each month. A month without orders of this currency has none, and is not told as one that cost nothing.
pub fn chart(t: &'static OrderText, m: &'static MonthlyText, summary: &Summary, currency: Currency) -> AnyView {
    let of_month = |month: &String| {
        let rows = summary.rows.iter().filter(|row| row.month == *month && row.currency == Some(currency));
        rows.filter_map(|row| row.amount).reduce(Amount::plus)
    };
    let bars: Vec<_> = summary.months.iter().map(|month| (month.clone(), of_month(month))).collect();
    let highest = bars.iter().filter_map(|(_, amount)| *amount).max().unwrap_or_default();
    let told = |amount: Option<Amount>| match amount {
        Some(amount) => money(t.document.language, currency, amount),
        None => m.nothing_priced.to_owned(),
    };
    let spoken: Vec<_> = bars.iter().map(|(month, amount)| format!("{month}: {}", told(*amount))).collect();
    let title = fill(m.chart, &[currency.as_str()]);
    let spoken = format!("{title}. {}", spoken.join("; "));
    let height = ROW * bars.len();
    let drawn = bars.into_iter().enumerate().map(|(index, (month, amount))| {
        let top = ROW * index;
        let length = length(amount.unwrap_or_default(), highest);
        view! {
            <text x="0" y=top + 15>{month}</text>
            <rect class="bar" x=MONTH y=top + 3 width=length height=ROW - 6 />
            <text x=MONTH + length + 6 y=top + 15>{told(amount)}</text>
        }
    });
    view! {
        <figure class="months-chart">
            <figcaption>{title}</figcaption>
            <svg role="img" aria-label=spoken viewBox=format!("0 0 {WIDTH} {height}")>{drawn.collect_view()}</svg>
        </figure>
    }
    .into_any()
}

/// How long a bar is: what is not nothing can be seen.
fn length(amount: Amount, highest: Amount) -> u64 {
    let (part, whole) = (u128::from(amount.ten_thousandths()), u128::from(highest.ten_thousandths().max(1)));
    let length = u64::try_from(u128::from(LONGEST) * part / whole).unwrap_or(LONGEST);
    if part == 0 { 0 } else { length.max(1) }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn bars_are_as_long_as_their_amounts() {
        let check = |amount: &str, highest: &str, expect: u64| {
            assert_eq!(length(amount.parse().unwrap(), highest.parse().unwrap()), expect, "{amount} of {highest}");
        };
        check("0", "0", 0);
        check("0", "5", 0);
        check("5", "5", LONGEST);
        check("2.5", "5", LONGEST / 2);
        check("0.0001", "100000000", 1);
        check("1000000000000", "1000000000000", LONGEST);
    }
}
