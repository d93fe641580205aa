//! Stock of every type of a region in every zone: `GET /api/stock`. How it is collected is in the proxy; alternatives
//! to a sold-out choice are in [`crate::form`].

use serde::{Deserialize, Serialize};

use crate::{
    ids::{RegionId, TypeItemId, ZoneId},
    values::ChargeType,
};

/// What `GET /api/stock` takes, beside `RegionId`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct StockRequest {
    /// The billing kind; stock may differ between the two.
    pub charge_type: ChargeType,
}

/// Whether a type is in stock in a zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stock {
    /// In stock when it was asked.
    Available,
    /// Sold out when it was asked.
    SoldOut,
    /// Not known: the question failed, timed out, or was not asked yet.
    #[default]
    Unknown,
}

/// The answer to `GET /api/stock`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StockTable {
    /// The region that was asked about.
    pub region: RegionId,
    /// The billing kind that was asked about.
    pub charge_type: ChargeType,
    /// Each type in each zone: types in the upstream's order, and within each the zones in theirs.
    pub cells: Vec<StockCell>,
}

/// One type in one zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StockCell {
    /// The type.
    pub type_item_id: TypeItemId,
    /// The zone.
    pub zone_id: ZoneId,
    /// The stock.
    pub stock: Stock,
    /// How old the answer is, in whole seconds; absent exactly where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<u64>,
}

impl StockTable {
    /// The stock of a type in a zone; a pair that is not in the table is unknown.
    #[must_use]
    pub fn stock(&self, type_item_id: &TypeItemId, zone_id: &ZoneId) -> Stock {
        let of = |cell: &&StockCell| cell.type_item_id == *type_item_id && cell.zone_id == *zone_id;
        self.cells.iter().find(of).map_or(Stock::Unknown, |cell| cell.stock)
    }

    /// The age of the oldest answer, in seconds; none where there is no answer at all.
    #[must_use]
    pub fn oldest(&self) -> Option<u64> {
        self.cells.iter().filter_map(|cell| cell.age).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(zone: &str, stock: Stock, age: Option<u64>) -> StockCell {
        StockCell { type_item_id: "t".parse().unwrap(), zone_id: zone.parse().unwrap(), stock, age }
    }

    fn table() -> StockTable {
        let cells = vec![
            cell("a", Stock::Available, Some(3)),
            cell("b", Stock::SoldOut, Some(7)),
            cell("c", Stock::Unknown, None),
        ];
        StockTable { region: "cn-hangzhou".parse().unwrap(), charge_type: ChargeType::PostPay, cells }
    }

    #[test]
    fn the_form_on_the_wire() {
        let text = r#"{"region":"cn-hangzhou","charge_type":"POSTPAY","cells":[{"type_item_id":"t","zone_id":"a","stock":"available","age":3},{"type_item_id":"t","zone_id":"b","stock":"sold_out","age":7},{"type_item_id":"t","zone_id":"c","stock":"unknown"}]}"#;
        assert_eq!(serde_json::to_string(&table()).unwrap(), text);
        assert_eq!(serde_json::from_str::<StockTable>(text).unwrap(), table());
    }

    #[test]
    fn what_is_not_in_the_table_is_unknown() {
        let check = |kind: &str, zone: &str, expect| {
            assert_eq!(table().stock(&kind.parse().unwrap(), &zone.parse().unwrap()), expect, "{kind} {zone}");
        };
        check("t", "a", Stock::Available);
        check("t", "b", Stock::SoldOut);
        check("t", "c", Stock::Unknown);
        check("t", "d", Stock::Unknown);
        check("u", "a", Stock::Unknown);
    }

    #[test]
    fn the_oldest_answer_counts() {
        assert_eq!(table().oldest(), Some(7));
        assert_eq!(StockTable { cells: Vec::new(), ..table() }.oldest(), None);
    }
}
