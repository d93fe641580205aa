//! What a renewal or release takes of the purchase of its desktop: the price by its type, and its order fields.

use std::collections::HashMap;

use shared::{
    ids::TypeItemId,
    order::{NewOrder, Operation, OrderPrice, fields::FieldValues},
};

use crate::{JournalError, Orders, Principal};

/// Purchases by region and desktop.
pub(crate) type Purchases = HashMap<(String, String), (TypeItemId, FieldValues)>;

impl Orders {
    /// The purchases of the desktops that these orders renew or release, as far as something is wanted of them.
    pub(crate) async fn purchases_of(
        &self,
        orders: &[NewOrder],
        principal: &Principal,
    ) -> Result<Purchases, JournalError> {
        let has_fields = !principal.fields.is_empty();
        let are_renewals_wanted = has_fields || !self.prices.prices.is_empty() || principal.approval.types.is_some();
        let wanted = |order: &NewOrder| match &order.operation {
            Operation::Renew(request) if are_renewals_wanted => Some(request.desktop_id.clone()),
            Operation::Delete(request) if has_fields => Some(request.desktop_id.clone()),
            Operation::Renew(_) | Operation::Create(_) | Operation::Delete(_) => None,
        };
        let desktops: Vec<_> = orders.iter().filter_map(wanted).collect();
        self.driver.journal().purchases_of(&desktops.iter().collect::<Vec<_>>(), &principal.accounts).await
    }

    /// What each of the orders costs by the operator's prices. That of a renewal is known where the desktop was bought here.
    pub(crate) fn prices_of(&self, orders: &[NewOrder], purchases: &Purchases) -> Vec<Option<OrderPrice>> {
        if self.prices.prices.is_empty() {
            return Vec::new();
        }
        let price = |order: &NewOrder| match &order.operation {
            Operation::Create(request) => OrderPrice::of_purchase(&self.prices, &order.region, request),
            Operation::Renew(request) => {
                let (type_item_id, _) = purchase(purchases, order)?;
                OrderPrice::of_renewal(&self.prices, &order.region, type_item_id, request.period)
            }
            Operation::Delete(_) => None,
        };
        orders.iter().map(price).collect()
    }
}

/// The purchase of the desktop that an order renews or releases.
fn purchase<'a>(purchases: &'a Purchases, order: &NewOrder) -> Option<&'a (TypeItemId, FieldValues)> {
    let desktop = match &order.operation {
        Operation::Create(_) => return None,
        Operation::Renew(request) => &request.desktop_id,
        Operation::Delete(request) => &request.desktop_id,
    };
    purchases.get(&(order.region.to_string(), desktop.to_string()))
}

/// What each of the orders takes of the order fields of the purchase of its desktop.
pub(crate) fn inherited(orders: &[NewOrder], purchases: &Purchases) -> Vec<FieldValues> {
    if purchases.is_empty() {
        return Vec::new();
    }
    orders
        .iter()
        .map(|order| purchase(purchases, order).map(|(_, fields)| fields.clone()).unwrap_or_default())
        .collect()
}
