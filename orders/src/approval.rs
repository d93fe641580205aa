//! Approval: which requests an approver has to approve before anything of them is sent, and the decisions of approvers.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use shared::{
    ids::{ClientToken, TypeItemId},
    limits::WithoutApproval,
    order::{NewOrder, Operation, Order, OrderEvent, OrderPrice, approval::Decision},
    prices::Amount,
};

use crate::{
    Accounts, JournalError, Orders, Principal, failpoint,
    journal::{DecideError, Decided, DesktopTypes, counted},
};

/// What may be ordered without an approver. By default everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApprovalBounds {
    /// Nothing.
    pub always: bool,
    /// At most so many desktops in a request, bought and renewed.
    pub desktops: Option<u32>,
    /// Periods of at most so many months.
    pub longest_period: Option<u8>,
    /// At most so much money in a request, by the price book. What has no price is beyond it.
    pub amount: Option<Amount>,
    /// No desktop of these types, bought or renewed.
    pub types: Option<Arc<[TypeItemId]>>,
    /// How long an order waits.
    pub expiry: Duration,
}

impl ApprovalBounds {
    /// Whether a bound is set.
    #[must_use]
    pub fn are_set(&self) -> bool {
        let Self { always, desktops, longest_period, amount, types, expiry: _ } = self;
        *always || desktops.is_some() || longest_period.is_some() || amount.is_some() || types.is_some()
    }

    /// The bounds as callers are told them. None where nothing waits.
    #[must_use]
    pub fn told(&self) -> Option<WithoutApproval> {
        let Self { always, desktops, longest_period, amount, types, expiry: _ } = self;
        let not_types = types.iter().flat_map(|types| types.iter().cloned()).collect();
        self.are_set().then_some(WithoutApproval {
            never: *always,
            desktops: *desktops,
            longest_period: *longest_period,
            not_types,
            amount: *amount,
        })
    }

    /// Whether a request has to be approved, all of it. `prices` are those of its orders, by their places; `types` those of
    /// the desktops that it renews. One whose type is not known may be of any.
    #[must_use]
    pub fn holds_back(&self, orders: &[NewOrder], prices: &[Option<OrderPrice>], types: &DesktopTypes) -> bool {
        if self.always || !self.are_set() {
            return self.always;
        }
        let mut tokens = HashSet::new();
        // Several renewals of one desktop make one long period.
        let mut months_of = HashMap::<_, u32>::new();
        let (mut desktops, mut amount) = (0_u32, Some(Amount::ZERO));
        for (index, NewOrder { token, region, operation, .. }) in orders.iter().enumerate() {
            // An order that is there twice is one.
            if !tokens.insert(token) {
                continue;
            }
            let (type_item_id, months) = match operation {
                Operation::Create(request) => {
                    (Some(&request.type_item_id), request.period.map_or(0, |period| u32::from(period.months())))
                }
                Operation::Renew(request) => {
                    let months = months_of.entry((region, &request.desktop_id)).or_default();
                    *months += u32::from(request.period.months());
                    (types.get(&(region.to_string(), request.desktop_id.to_string())), *months)
                }
                Operation::Delete(_) => continue,
            };
            let is_too_long = self.longest_period.is_some_and(|most| months > u32::from(most));
            let is_of_types = self.types.as_ref().is_some_and(|types| type_item_id.is_none_or(|id| types.contains(id)));
            if is_too_long || is_of_types {
                return true;
            }
            desktops += 1;
            let costs = counted(operation, prices.get(index).copied().flatten());
            amount = amount.zip(costs).map(|(sum, costs)| sum.plus(costs));
        }
        let are_too_many = self.desktops.is_some_and(|most| desktops > most);
        let is_too_much = self.amount.is_some_and(|most| amount.is_none_or(|amount| amount > most));
        are_too_many || is_too_much
    }
}

impl Orders {
    /// Approves or declines orders that await it, all of them or none, and has those that are approved carried out. The
    /// approver decides about no order of its own.
    pub async fn decide(
        &self,
        tokens: &[ClientToken],
        decision: Decision,
        approver: &Principal,
        note: Option<&str>,
    ) -> Result<Vec<Order>, DecideError> {
        let (event, audited) = match decision {
            Decision::Approve => (OrderEvent::Approved, "the order is approved"),
            Decision::Decline => (OrderEvent::Declined, "the order is declined"),
        };
        failpoint::hit("before-approval");
        let decided = self.driver.journal().decide(tokens, event, approver, note).await.inspect_err(|error| {
            if matches!(error, DecideError::Unknown(_)) {
                let tokens: Vec<_> = tokens.iter().map(ClientToken::as_str).collect();
                let by = approver.name.as_deref();
                tracing::info!(target: "audit", by, ?tokens, "perhaps {audited}: whether it is written is not known");
            }
        })?;
        failpoint::hit("after-approval");
        for Decided { order, .. } in decided.iter().filter(|one| one.is_new) {
            let (action, token, region) = (&order.action, order.token.as_str(), &order.region);
            tracing::info!(target: "audit", by = approver.name.as_deref(), %action, token, %region, "{audited}");
            let _ = self.driver.changes().send(order.token.clone());
        }
        if decision == Decision::Approve {
            // They wait in the journal now, like any that this proxy had no room for.
            self.driver.more_wait(true);
        }
        Ok(decided.into_iter().map(|one| one.order).collect())
    }

    /// How many orders wait for this approver.
    pub async fn waiting(&self, accounts: &Accounts, approver: &str) -> Result<i64, JournalError> {
        self.driver.journal().waiting(accounts, approver).await
    }

    /// Ends orders about which nobody has decided in time.
    pub(crate) async fn expire(&self) -> Result<(), JournalError> {
        for order in self.driver.journal().expire().await? {
            let (action, token, region) = (&order.action, order.token.as_str(), &order.region);
            tracing::info!(target: "audit", %action, token, %region, "nobody has decided about the order in time");
            let _ = self.driver.changes().send(order.token);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    fn order(changes: &Value) -> NewOrder {
        let mut members = json!({
            "Action": "CreateDesktop", "RegionId": "cn-hangzhou", "ClientToken": "t-1", "TypeItemId": "a.small",
            "ChargeType": "PREPAY", "Period": 1, "VpcId": "v", "ZoneId": "z", "VSwitchId": "s", "ImageId": "i",
            "UserName": "u", "UserGroup": "Users",
        });
        if changes["Action"] != Value::Null {
            members = json!({ "RegionId": "cn-hangzhou", "ClientToken": "t-1", "DesktopId": "d-1" });
        }
        let members: &mut Map<String, Value> = members.as_object_mut().unwrap();
        members.extend(changes.as_object().unwrap().clone());
        NewOrder::from_object(members.clone()).unwrap()
    }

    #[test]
    fn a_request_is_held_back_as_a_whole() {
        let nothing = ApprovalBounds::default();
        let price = |amount: &str| {
            let amount = amount.parse().unwrap();
            Some(OrderPrice { currency: "CNY".parse().unwrap(), amount })
        };
        let types = |id: &str| {
            DesktopTypes::from_iter([(("cn-hangzhou".to_owned(), "d-1".to_owned()), id.parse::<TypeItemId>().unwrap())])
        };
        let check = |bounds: &ApprovalBounds, orders: &[Value], prices: &[Option<OrderPrice>], expect: bool| {
            let orders: Vec<_> = orders.iter().map(order).collect();
            assert_eq!(bounds.holds_back(&orders, prices, &types("a.medium")), expect, "{bounds:?} {orders:?}");
        };
        let (one, other) = (json!({}), json!({ "ClientToken": "t-2" }));
        let renewal = json!({ "Action": "RenewDesktop", "ClientToken": "t-3", "Period": 6 });
        let release = json!({ "Action": "DeleteDesktop", "ClientToken": "t-4" });
        let all = [one.clone(), other.clone(), renewal.clone(), release.clone()];
        check(&nothing, &all, &[], false);
        check(&ApprovalBounds { always: true, ..nothing.clone() }, std::slice::from_ref(&release), &[], true);
        let few = |desktops| ApprovalBounds { desktops: Some(desktops), ..nothing.clone() };
        check(&few(3), &all, &[], false);
        check(&few(2), &all, &[], true);
        check(&few(1), &[one.clone(), one.clone(), release.clone()], &[], false);
        let short = |months| ApprovalBounds { longest_period: Some(months), ..nothing.clone() };
        check(&short(6), &all, &[], false);
        check(&short(3), &all, &[], true);
        check(&short(3), &[one.clone(), other.clone()], &[], false);
        let cheap = |amount: &str| ApprovalBounds { amount: amount.parse().ok(), ..nothing.clone() };
        let both = [one.clone(), other.clone()];
        check(&cheap("200"), &both, &[price("100"), price("100")], false);
        check(&cheap("199.99"), &both, &[price("100"), price("100")], true);
        check(&cheap("200"), &both, &[price("100"), None], true);
        check(&cheap("200"), &both, &[], true);
        check(&cheap("0"), std::slice::from_ref(&release), &[], false);
        let of_type = |name: &str| ApprovalBounds { types: Some(Arc::new([name.parse().unwrap()])), ..nothing.clone() };
        check(&of_type("a.small"), &both, &[], true);
        check(&of_type("a.large"), &all, &[], false);
        check(&of_type("a.small"), &[renewal.clone(), release.clone()], &[], false);
        // A renewal goes by the type of its desktop, and waits where that is not known.
        check(&of_type("a.medium"), std::slice::from_ref(&renewal), &[], true);
        check(&of_type("a.medium"), std::slice::from_ref(&release), &[], false);
        let renewal = [order(&renewal)];
        assert!(of_type("a.small").holds_back(&renewal, &[], &DesktopTypes::new()));
        assert!(!short(6).holds_back(&renewal, &[], &DesktopTypes::new()));
    }
}
