//! Stock, and the handler of `DescribeAvailableResource`.

use shared::{
    actions::{AvailableResource, DescribeAvailableResource},
    values::ChargeType,
};

use super::{Context, Handle};
use crate::{
    Kind,
    error::Error,
    world::{World, types::DesktopType},
};

/// What is sold out without any scenario: this type, in the last zone of each region.
const SCARCE_TYPE: &str = "desktop.ga1.8xlarge";
const SECOND_ZONE: usize = 1;
const LAST_ZONE: usize = 2;

/// The stock with `seventeen-left`.
const SEVENTEEN: usize = 17;

fn is_there(world: &World, item: &DesktopType, zone: usize, context: &Context<'_>) -> bool {
    let scarce = item.id == SCARCE_TYPE && zone == LAST_ZONE;
    let zone_sold_out = context.script.is_on(Kind::SoldOutZone) && zone == SECOND_ZONE;
    let gone = context.script.is_on(Kind::SeventeenLeft) && world.desktops.all().len() >= SEVENTEEN;
    !scarce && !zone_sold_out && !gone && !context.script.is_on(Kind::SoldOut)
}

/// The key of a stock query, for `sold-out-before-purchase`.
fn question(item: &DesktopType, zone: usize, charge_type: Option<ChargeType>, context: &Context<'_>) -> String {
    format!("{} {} {}", item.id, context.region.zones[zone].id, charge_type.map_or("", ChargeType::as_str))
}

/// Whether a desktop is in stock at the moment of the purchase.
pub(super) fn can_be_bought(
    world: &World,
    item: &DesktopType,
    zone: usize,
    charge_type: ChargeType,
    context: &Context<'_>,
) -> bool {
    let asked =
        || context.script.counted(Kind::SoldOutBeforePurchase, question(item, zone, Some(charge_type), context));
    let gone = context.script.is_on(Kind::SoldOutBeforePurchase) && asked() > 0;
    is_there(world, item, zone, context) && !gone && !context.script.is_on(Kind::SoldOutAtPurchase)
}

/// The error of a purchase that is out of stock.
pub(super) fn no_stock() -> Error {
    Error::forbidden(
        "OperationDenied.NoStock",
        "The requested resource is sold out in the specified zone, try other types of resources or other zones.",
    )
}

impl Handle<DescribeAvailableResource> for World {
    fn handle(
        &mut self,
        request: &DescribeAvailableResource,
        context: &mut Context<'_>,
    ) -> Result<AvailableResource, Error> {
        let item = DesktopType::find(request.type_item_id.as_str()).ok_or_else(|| Error::not_found("TypeItemId"))?;
        let zone = context.region.zone(request.zone_id.as_str()).ok_or_else(|| Error::not_found("ZoneId"))?;
        let mut available = is_there(self, item, zone, context);
        if context.script.is_on(Kind::SoldOutBeforePurchase) {
            let question = question(item, zone, request.charge_type, context);
            available &= context.script.count(Kind::SoldOutBeforePurchase, question) == 0;
        }
        Ok(AvailableResource { available })
    }
}
