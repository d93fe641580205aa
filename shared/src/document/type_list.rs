//! The list of desktop types: its filter, its rows, and what each cell says.

use super::{Choice, DocumentText, Fact};
use crate::{
    actions::DesktopTypeItem,
    prices::{PriceBook, money},
    quantity::Quantity,
    stock::{Stock, StockTable},
    values::{ChargeType, DesktopType},
};

/// Names the radio group of the filter.
pub const FAMILY_GROUP: &str = "family";
/// The id of the list's section.
pub const SECTION: &str = "types";
/// In place of what there is none of.
const NONE: &str = "–";
/// In place of what is on its way.
const ON_ITS_WAY: &str = "…";

/// The filter's choices.
#[must_use]
pub fn families(t: &DocumentText) -> Vec<Choice> {
    vec![
        Choice::new("", t.family_all),
        Choice::new(DesktopType::Common.as_str(), t.family_common),
        Choice::new(DesktopType::Gpu.as_str(), t.family_gpu),
    ]
}

/// A type, with the facts that do not change. Its stock and its price go after them.
#[must_use]
pub fn row(t: &DocumentText, item: &DesktopTypeItem) -> Choice {
    let mut choice = Choice::new(item.type_item_id.as_str(), item.type_item_id.as_str());
    choice.facts = vec![
        Fact::new(t.vcpu, item.cpu.to_string()),
        Fact::new(t.memory, format!("{} GB", item.memory)),
        Fact::new(t.gpu, gpu(item).unwrap_or_else(|| NONE.to_owned())),
        Fact::new(t.system_disk, disk(t, &item.sys_disk_type, item.sys_disk_size)),
        Fact::new(t.user_disk, disk(t, &item.user_disk_type, item.user_disk_size)),
    ];
    choice
}

/// Whether a type is in stock: in all zones, in the zones that it names, in none, or unknown. Without a table, its stock is on its
/// way.
#[must_use]
pub fn stock(t: &DocumentText, type_item_id: &str, table: Option<&StockTable>) -> Fact {
    let Some(table) = table else { return Fact::new(t.stock, ON_ITS_WAY) };
    let of_type = || table.cells.iter().filter(|cell| cell.type_item_id.as_str() == type_item_id);
    let zones: Vec<_> = of_type()
        .filter(|cell| cell.stock == Stock::Available)
        .map(|cell| cell.zone_id.as_str().rsplit('-').next().unwrap_or_default().to_ascii_uppercase())
        .collect();
    let (text, look) = if zones.is_empty() {
        if of_type().all(|cell| cell.stock == Stock::SoldOut) {
            (t.sold_out_short.to_owned(), "bad")
        } else {
            (t.not_known.to_owned(), "")
        }
    } else if zones.len() == of_type().count() {
        (t.in_stock_short.to_owned(), "good")
    } else {
        ((t.in_zones)(&zones), "good")
    };
    Fact { label: t.stock, text, look }
}

/// What a type costs for an hour or a month; nothing where the operator prices no type at all with this billing kind.
/// The book is that of one region.
#[must_use]
pub fn price(t: &DocumentText, type_item_id: &str, book: &PriceBook, charge_type: ChargeType) -> Option<Fact> {
    let mut prices = book.prices.iter().filter(|price| price.charge_type == charge_type).peekable();
    prices.peek()?;
    let price = prices.find(|price| price.type_item_id.as_str() == type_item_id);
    let label = if charge_type == ChargeType::PostPay { t.price_per_hour } else { t.price_per_month };
    let text = price.map_or_else(|| NONE.to_owned(), |price| money(t.language, price.currency, price.amount));
    Some(Fact::new(label, text))
}

/// The type in a line, for a summary.
#[must_use]
pub fn in_a_line(t: &DocumentText, item: &DesktopTypeItem) -> String {
    let mut line = format!("{} {} · {} GB", item.cpu, t.vcpu, item.memory);
    if let Some(gpu) = gpu(item) {
        line.push_str(" · ");
        line.push_str(&gpu);
    }
    line
}

fn gpu(item: &DesktopTypeItem) -> Option<String> {
    let many = || match item.gpu_spec.as_str() {
        "" => item.gpu.to_string(),
        spec => format!("{} × {spec}", item.gpu),
    };
    (item.gpu > Quantity::ZERO).then(many)
}

fn disk(t: &DocumentText, kind: &str, size: Quantity) -> String {
    let kind = (t.disk)(kind).unwrap_or(kind);
    if size == Quantity::ZERO { NONE.to_owned() } else { format!("{size} GB {kind}").trim_end().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{language::Language, stock::StockCell};

    fn item(gpu: u32, gpu_spec: &str, user_disk_size: u32) -> DesktopTypeItem {
        DesktopTypeItem {
            type_item_id: "desktop.n1.small".parse().unwrap(),
            desktop_type: "common".to_owned(),
            cpu: 4.into(),
            memory: 8.into(),
            gpu: gpu.into(),
            gpu_spec: gpu_spec.to_owned(),
            sys_disk_type: "cloud_efficiency".to_owned(),
            sys_disk_size: 80.into(),
            user_disk_type: "cloud_new".to_owned(),
            user_disk_size: user_disk_size.into(),
        }
    }

    fn texts(facts: &[Fact]) -> Vec<&str> {
        facts.iter().map(|fact| &*fact.text).collect()
    }

    #[test]
    fn a_row_in_both_languages() {
        let check = |language, item: &DesktopTypeItem, expect: &[&str]| {
            assert_eq!(texts(&row(DocumentText::of(language), item).facts), expect);
        };
        check(Language::Chinese, &item(0, "", 0), &["4", "8 GB", "–", "80 GB 高效云盘", "–"]);
        check(
            Language::English,
            &item(1, "NVIDIA T4", 100),
            &["4", "8 GB", "1 × NVIDIA T4", "80 GB Ultra", "100 GB cloud_new"],
        );
        check(Language::English, &item(2, "", 0), &["4", "8 GB", "2", "80 GB Ultra", "–"]);
    }

    #[test]
    fn stock_by_zones() {
        let t = DocumentText::of(Language::English);
        let check = |cells: &[(&str, Stock)], text: &str, look: &str| {
            let cell = |(zone, stock): &(&str, Stock)| StockCell {
                type_item_id: "t".parse().unwrap(),
                zone_id: zone.parse().unwrap(),
                stock: *stock,
                age: None,
            };
            let table = StockTable {
                region: "cn-hangzhou".parse().unwrap(),
                charge_type: ChargeType::PostPay,
                cells: cells.iter().map(cell).collect(),
            };
            let fact = stock(t, "t", Some(&table));
            assert_eq!((&*fact.text, fact.look), (text, look), "{cells:?}");
        };
        let (b, e, g) = ("cn-hangzhou-b", "cn-hangzhou-e", "cn-hangzhou-g");
        check(&[(b, Stock::Available), (g, Stock::Available)], "In stock", "good");
        check(&[(b, Stock::Available), (e, Stock::Available), (g, Stock::SoldOut)], "Zones B, E", "good");
        check(&[(b, Stock::Available), (e, Stock::Unknown)], "Zone B", "good");
        check(&[(b, Stock::SoldOut), (g, Stock::Unknown)], "Unknown", "");
        check(&[(b, Stock::SoldOut)], "Sold out", "bad");
        assert_eq!(stock(t, "t", None).text, "…");
    }

    #[test]
    fn a_column_of_prices_only_where_there_are_prices() {
        let book: PriceBook = serde_json::from_str(
            r#"{"prices":[{"region":"cn-hangzhou","type_item_id":"t","charge_type":"PREPAY","currency":"CNY","amount":"306"}]}"#,
        )
        .unwrap();
        let check = |id: &str, charge_type, expect: Option<(&str, &str)>| {
            let fact = price(DocumentText::of(Language::English), id, &book, charge_type);
            assert_eq!(fact.as_ref().map(|fact| (fact.label, &*fact.text)), expect);
        };
        check("t", ChargeType::PrePay, Some(("Price / month", "CN¥306.00")));
        check("u", ChargeType::PrePay, Some(("Price / month", "–")));
        check("t", ChargeType::PostPay, None);
    }
}
