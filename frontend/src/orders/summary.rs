//! `#/summary`: what was ordered by month, as a table with totals, a chart for each currency, and the way to the file. The proxy
//! adds up; the totals below the table are those of its rows.

use std::{collections::BTreeMap, sync::Arc};

use leptos::prelude::*;
use shared::{
    form::Field,
    link::Route,
    order::{
        Summary, SummaryBy, SummaryRow,
        fields::{OrderField, OrderFieldList},
    },
    prices::{Amount, Currency, money},
};

use super::{list::file, monthly_chart::chart};
use crate::{
    api,
    language::{use_monthly_text, use_order_text},
    reactive::{Loader, changing},
    text::{MonthlyText, OrderText, fill},
    ui::{Heading, loaded::loaded},
};

/// The months that can be asked for.
const SPANS: [u32; 6] = [1, 3, 6, 12, 24, 36];
/// The span at first.
const SPAN: u32 = 12;
/// Rows that are shown at most. The file has all of them.
const SHOWN: usize = 500;

/// The page.
#[component]
pub fn SummaryPage() -> impl IntoView {
    let (t, m) = (use_order_text(), use_monthly_text());
    let by = RwSignal::new(SummaryBy::default());
    let months = RwSignal::new(SPAN);
    let target = move || format!("?by={}&months={}", by.get(), months.get());
    let list = Loader::<Summary>::idle().follow(move || Some(format!("summary{}", target())), api::load::<Summary>);
    let fields =
        Loader::<OrderFieldList>::idle().follow(|| Some("order-fields".to_owned()), api::load::<OrderFieldList>);
    let option = |value: SummaryBy, name: String| view! { <option value=value.to_string()>{name}</option> };
    let groups = SummaryBy::ALWAYS.into_iter().map(|group| {
        let name = group_name(t, m, &group, None);
        option(group, name)
    });
    let of_fields = move || {
        let of_field = |field: &OrderField| {
            option(SummaryBy::Field(field.key.clone()), field.label.of(t.document.language).to_owned())
        };
        fields.ready().map(|list| list.fields.iter().map(of_field).collect_view()).into_any()
    };
    let spans = SPANS.map(|span| {
        let name = if span == 1 { m.this_month.to_owned() } else { fill(m.last_months, &[&span.to_string()]) };
        view! { <option value=span.to_string() selected=span == SPAN>{name}</option> }
    });
    let content = move |summary: Arc<Summary>| {
        let by = by.get_untracked();
        let name = group_name(t, m, &by, untrack(|| fields.ready()).as_deref());
        shown(t, m, &summary, &by, name)
    };
    view! {
        <Heading text=t.title_summary />
        <section class="card" aria-label=t.title_summary>
            <div class="filters">
                <select
                    aria-label=m.group_by
                    on:change:target=move |event| by.set(event.target().value().parse().unwrap_or_default())
                >
                    {groups.collect_view()}
                    {changing(of_fields)}
                </select>
                <select
                    aria-label=m.span
                    on:change:target=move |event| months.set(event.target().value().parse().unwrap_or(SPAN))
                >
                    {spans.collect_view()}
                </select>
            </div>
            {loaded(list, t.title_summary, content)}
            <p class="hint">{m.hint}</p>
            <p class="list-links">
                <a href=move || file("summary", &target().replace('?', "&"), t.document.language) download="">{t.download_csv}</a>
                <a href=Route::Orders.href()>{t.orders}</a>
                <a href=Route::Desktops.href()>{t.all_desktops}</a>
            </p>
        </section>
    }
}

fn group_name(t: &OrderText, m: &MonthlyText, by: &SummaryBy, fields: Option<&OrderFieldList>) -> String {
    let name = match by {
        SummaryBy::Type => t.label(Field::TypeItem),
        SummaryBy::Account => t.account,
        SummaryBy::Person => m.person,
        SummaryBy::Field(key) => {
            let field = fields.and_then(|list| list.fields.iter().find(|field| field.key == *key));
            field.map_or(key.as_str(), |field| field.label.of(t.document.language))
        }
    };
    name.to_owned()
}

/// What a row without a group is.
fn no_group(m: &MonthlyText, by: &SummaryBy) -> &'static str {
    match by {
        SummaryBy::Type => m.no_type,
        SummaryBy::Account => m.own_account,
        SummaryBy::Person => m.nobody,
        SummaryBy::Field(_) => m.no_value,
    }
}

/// The sums of a currency, or of what has no price.
#[derive(Clone, Copy, Default)]
struct Sums {
    bought: i64,
    renewed: i64,
    amount: Amount,
    per_hour: Amount,
    unknown: i64,
}

impl Sums {
    fn add(&mut self, row: &SummaryRow) {
        self.bought += row.bought;
        self.renewed += row.renewed;
        self.amount = self.amount.plus(row.amount.unwrap_or_default());
        self.per_hour = self.per_hour.plus(row.amount_per_hour.unwrap_or_default());
        self.unknown += row.unknown;
    }
}

fn shown(t: &'static OrderText, m: &'static MonthlyText, summary: &Summary, by: &SummaryBy, name: String) -> AnyView {
    if summary.rows.is_empty() {
        return view! { <p class="notice">{m.none}</p> }.into_any();
    }
    // What has no price comes last.
    let mut totals = BTreeMap::<(bool, Option<Currency>), Sums>::new();
    for row in &summary.rows {
        totals.entry((row.currency.is_none(), row.currency)).or_default().add(row);
    }
    let unpriced = totals.get(&(true, None)).map_or(0, |sums| sums.bought + sums.renewed);
    let charts = totals.iter().filter_map(|((_, currency), sums)| {
        let currency = (*currency).filter(|_| sums.amount > Amount::ZERO)?;
        Some(chart(t, m, summary, currency))
    });
    let charts = charts.collect_view();
    let cells = |currency: Option<Currency>, sums: &Sums| {
        let money = |amount| match currency {
            Some(currency) => money(t.document.language, currency, amount),
            // Nothing that was carried out, so that there is nothing to be known.
            None if sums.bought + sums.renewed == 0 => String::new(),
            None => m.no_price.to_owned(),
        };
        view! {
            <td class="number">{sums.bought}</td>
            <td class="number">{sums.renewed}</td>
            <td class="number">{money(sums.amount)}</td>
            <td class="number">{money(sums.per_hour)}</td>
            <td class="number">{sums.unknown}</td>
        }
        .into_any()
    };
    let row = |row: &SummaryRow| {
        let mut sums = Sums::default();
        sums.add(row);
        let group = row.group.clone().unwrap_or_else(|| no_group(m, by).to_owned());
        view! {
            <tr>
                <td>{row.month.clone()}</td>
                <th scope="row">{group}</th>
                {cells(row.currency, &sums)}
            </tr>
        }
    };
    let rows = summary.rows.iter().take(SHOWN).map(row).collect_view();
    let total = |((_, currency), sums): (&(bool, Option<Currency>), &Sums)| {
        view! { <tr><th scope="row" colspan="2">{m.total}</th>{cells(*currency, sums)}</tr> }
    };
    let total = totals.iter().map(total).collect_view();
    let count = summary.rows.len();
    let first = (count > SHOWN)
        .then(|| view! { <p class="hint">{fill(m.first_rows, &[&SHOWN.to_string(), &count.to_string()])}</p> });
    let unpriced =
        (unpriced > 0).then(|| view! { <p class="notice warn">{fill(m.unpriced, &[&unpriced.to_string()])}</p> });
    let number = |text: &'static str| view! { <th scope="col" class="number">{text}</th> };
    view! {
        {unpriced}
        <div class="months-scroll" role="group" aria-label=t.title_summary tabindex="0">
            <table class="months">
                <thead>
                    <tr>
                        <th scope="col">{m.month}</th>
                        <th scope="col">{name}</th>
                        {number(m.bought)}
                        {number(m.renewed)}
                        {number(m.amount)}
                        {number(m.per_hour)}
                        {number(m.unknown)}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                <tfoot>{total}</tfoot>
            </table>
        </div>
        {first}
        {charts}
    }
    .into_any()
}
