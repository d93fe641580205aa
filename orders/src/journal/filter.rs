//! What a list of orders or desktops is asked for.

use shared::{
    ids::{OwnerId, RegionId, TypeItemId},
    order::{
        OrderState, Sort,
        fields::{FieldValues, is_key},
    },
};

use super::{conditions::Conditions, place::Place};
use crate::Accounts;

/// SQL: a placed purchase. Written out, not bound, so that the indexes of these rows are used.
pub(super) const BOUGHT: &str = "action = 'CreateDesktop' AND state = 'placed'";

/// Filter and page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The accounts that the principal may see.
    pub accounts: Accounts,
    /// States; empty for all.
    pub states: Vec<OrderState>,
    /// Of this action.
    pub action: Option<String>,
    /// In this region.
    pub region: Option<RegionId>,
    /// For this user.
    pub user: Option<String>,
    /// Text in user, desktop, order, token or type, case-insensitive.
    pub search: Option<String>,
    /// With these values of order fields, exactly.
    pub fields: FieldValues,
    /// Accepted at this time or later, in milliseconds since 1970 UTC.
    pub since: Option<i64>,
    /// Accepted before this time.
    pub until: Option<i64>,
    /// Desktops only: `true` for released ones, `false` for the others.
    pub released: Option<bool>,
    /// Desktops only: of this type.
    pub type_item: Option<TypeItemId>,
    /// For this account, among those that the principal may see.
    pub account: Option<OwnerId>,
    /// Desktops only, of those that are not released: the months last until then or later.
    pub valid_since: Option<i64>,
    /// Desktops only, of those that are not released: the months last until before then.
    pub valid_before: Option<i64>,
    /// Who asks, by the identifier that limits count by, if it may approve orders of others.
    pub approver: Option<String>,
    /// Desktops only: their order; without it newest first.
    pub sort: Option<Sort>,
    /// Cursor: only what comes behind this.
    pub before: Option<Place>,
    /// Page size.
    pub limit: u32,
}

/// A value of an order field as a search finds it: the values are in what a search looks into, each on a line of its own.
pub(super) fn line(value: &str) -> String {
    format!("\n{}", value.to_lowercase())
}

impl Filter {
    pub(super) fn known_fields(&self) -> impl Iterator<Item = (&String, &String)> {
        self.fields.iter().filter(|(key, _)| is_key(key))
    }

    /// The texts that are searched for: [`Filter::search`], and the values of [`Filter::fields`].
    pub(super) fn searched(&self) -> Vec<String> {
        let search = self.search.iter().map(|text| text.to_lowercase());
        search.chain(self.known_fields().map(|(_, value)| line(value))).collect()
    }

    /// The conditions of the filter on the table of orders, without [`Filter::released`] and [`Filter::fields`].
    pub(super) fn conditions(&self) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.accounts(&self.accounts);
        conditions.one_of(self.states.iter().map(|state| format!("state = '{}'", state.as_str())));
        let texts =
            [("action = ?", self.action.as_deref()), ("region = ?", self.region.as_ref().map(RegionId::as_str))];
        let more = [
            ("user_name = ?", self.user.as_deref()),
            ("type_item = ?", self.type_item.as_ref().map(TypeItemId::as_str)),
            ("account = ?", self.account.as_ref().map(OwnerId::as_str)),
        ];
        for (condition, text) in texts.into_iter().chain(more) {
            if let Some(text) = text {
                conditions.text(condition, text);
            }
        }
        if let Some(search) = &self.search {
            conditions.search(&search.to_lowercase());
        }
        for (condition, number) in [("valid_until >= ?", self.valid_since), ("valid_until < ?", self.valid_before)] {
            if let Some(number) = number {
                conditions.number(condition, number);
            }
        }
        if let Some(since) = self.since {
            conditions.since(since);
        }
        if let Some(until) = self.until {
            conditions.until(until);
        }
        if let Some(before) = self.before.filter(|_| self.sort.is_none()) {
            conditions.before(before.position);
        }
        conditions
    }

    /// Whether it asks for released desktops or for the others. Those that were released have no end.
    pub(super) fn of_released(&self) -> Option<bool> {
        let by_end = self.valid_since.is_some() || self.valid_before.is_some();
        self.released.or(by_end.then_some(false))
    }
}
