//! Account isolation: which orders a principal may see and add to. Where accounts come by claim, a principal sees the
//! orders of one account only. Orders of other accounts do not exist for it.

use shared::{ids::OwnerId, order::Order};

/// The orders that a principal may see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Accounts {
    /// All of them: for the operator, and for installations in which every user buys for the same account.
    #[default]
    All,
    /// Those of one account. Without a number, those of the account that the installation's key belongs to.
    One(Option<OwnerId>),
}

impl Accounts {
    /// Whether an order is among them.
    #[must_use]
    pub fn holds(&self, order: &Order) -> bool {
        match self {
            Self::All => true,
            Self::One(account) => account_of(order) == account.as_ref().map(OwnerId::as_str),
        }
    }
}

/// Who looks at an order, as far as that says what may be done about it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Viewer<'a> {
    /// The identifier that limits count by. Without sign-in there is none, and the viewer is the operator.
    pub id: Option<&'a str>,
    /// Whether orders of others may be approved.
    pub approves: bool,
}

impl<'a> Viewer<'a> {
    /// The identifier of one who may approve orders of others.
    #[must_use]
    pub fn approver(self) -> Option<&'a str> {
        self.id.filter(|_| self.approves)
    }

    /// Whether it may change order fields of what somebody with this identifier has ordered: its own, or as an approver.
    #[must_use]
    pub fn may_change_fields(self, buyer_id: Option<&str>) -> bool {
        self.id.is_none() || self.approves || self.id == buyer_id
    }
}

/// The account that an order is for, if it is not the one that the key belongs to. The database derives its column
/// `account` from the same parameter.
#[must_use]
pub fn account_of(order: &Order) -> Option<&str> {
    order.request.get("OwnerId")?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::order::{OrderState, fields::FieldValues};

    use super::*;

    #[test]
    fn an_order_belongs_to_one_account() {
        let order = |owner: serde_json::Value| Order {
            token: "t".parse().unwrap(),
            action: "CreateDesktop".to_owned(),
            region: "cn-hangzhou".parse().unwrap(),
            state: OrderState::Accepted,
            request: owner.as_object().unwrap().clone(),
            fields: FieldValues::new(),
            requested_by: None,
            order_id: None,
            desktop_id: None,
            upstream_request_id: None,
            problem: None,
            attempts: 0,
            created_at: 0,
            updated_at: 0,
            price: None,
            approve_until: None,
            decidable: false,
            fields_editable: false,
            history: Vec::new(),
        };
        let (own, of_42) = (order(json!({})), order(json!({ "OwnerId": "42" })));
        let account = |number: &str| Accounts::One(Some(number.parse().unwrap()));
        let check = |accounts: Accounts, expect: (bool, bool)| {
            assert_eq!((accounts.holds(&own), accounts.holds(&of_42)), expect, "{accounts:?}");
        };
        check(Accounts::All, (true, true));
        check(Accounts::One(None), (true, false));
        check(account("42"), (false, true));
        check(account("4"), (false, false));
    }
}
