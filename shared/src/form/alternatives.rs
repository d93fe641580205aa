//! Alternatives to a sold-out choice: what is in stock near it.

use super::Form;
use crate::{
    actions::{DesktopTypeItem, Zone},
    ids::{TypeItemId, ZoneId},
    stock::{Stock, StockTable},
};

/// Something that is in stock where the choice is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alternative {
    /// The same type in another zone.
    Zone(ZoneId),
    /// Another type in the same zone.
    Type(TypeItemId),
}

/// What to take in place of the type and zone chosen: that type in each other zone that has it, then the nearest types
/// below and above that the zone has. `types` and `zones` are in the upstream's order, small types before large ones.
#[must_use]
pub fn alternatives(form: &Form, table: &StockTable, types: &[DesktopTypeItem], zones: &[Zone]) -> Vec<Alternative> {
    let (Some(chosen), Some(zone)) = (&form.type_item_id, &form.zone_id) else { return Vec::new() };
    let has = |item: &TypeItemId, zone: &ZoneId| table.stock(item, zone) == Stock::Available;
    let elsewhere = zones.iter().map(|zone| &zone.zone_id).filter(|other| *other != zone && has(chosen, other));
    let mut found: Vec<_> = elsewhere.cloned().map(Alternative::Zone).collect();
    if let Some(at) = types.iter().position(|item| item.type_item_id == *chosen) {
        let here = |item: &&DesktopTypeItem| has(&item.type_item_id, zone);
        let near = [types[..at].iter().rev().find(here), types[at + 1..].iter().find(here)];
        found.extend(near.into_iter().flatten().map(|item| Alternative::Type(item.type_item_id.clone())));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{stock::StockCell, values::ChargeType};

    fn item(id: &str) -> DesktopTypeItem {
        serde_json::from_value(serde_json::json!({ "TypeItemId": id })).unwrap()
    }

    fn zone(id: &str) -> Zone {
        serde_json::from_value(serde_json::json!({ "ZoneId": id, "LocalName": "" })).unwrap()
    }

    #[test]
    fn other_zones_first_then_the_neighbours() {
        let cells = ["s a -", "s b +", "m a -", "m b +", "m c ?", "l a -", "l b -", "x a +", "x b -"];
        let cells = cells.map(|cell| {
            let parts: Vec<_> = cell.split(' ').collect();
            let stock = match parts[2] {
                "+" => Stock::Available,
                "-" => Stock::SoldOut,
                _ => Stock::Unknown,
            };
            StockCell { type_item_id: parts[0].parse().unwrap(), zone_id: parts[1].parse().unwrap(), stock, age: None }
        });
        let region = "cn-hangzhou".parse().unwrap();
        let table = StockTable { region, charge_type: ChargeType::PostPay, cells: cells.to_vec() };
        let (types, zones) = (["s", "m", "l", "x"].map(item), ["a", "b", "c"].map(zone));
        let check = |chosen: &str, zone: &str, expect: &[&str]| {
            let form = Form {
                type_item_id: Some(chosen.parse().unwrap()),
                zone_id: Some(zone.parse().unwrap()),
                ..Form::default()
            };
            let found = alternatives(&form, &table, &types, &zones).into_iter().map(|found| match found {
                Alternative::Zone(zone) => format!("in {zone}"),
                Alternative::Type(item) => item.to_string(),
            });
            assert_eq!(found.collect::<Vec<_>>(), expect, "{chosen} {zone}");
        };
        check("m", "a", &["in b", "x"]);
        check("l", "b", &["m"]);
        check("m", "c", &["in b"]);
        check("x", "b", &["in a", "m"]);
        check("gone", "a", &[]);
        assert_eq!(alternatives(&Form::default(), &table, &types, &zones), []);
    }
}
