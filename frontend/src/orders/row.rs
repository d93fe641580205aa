//! A row of the orders page. Orders and desktops have the same shape, so that one list shows both.

use shared::{
    Action,
    actions::{CreateDesktop, DeleteDesktop, RenewDesktop},
    ids::{ClientToken, DesktopId, RegionId},
    link::Route,
    order::{Desktop, Order, OrderPrice, SortKey},
    prices::money,
    values::{ChargeType, Period},
};

use super::{parameter, state_class, state_of};
use crate::{
    checkout::{billing_name, period_name},
    language::{day, moment},
    text::{OrderText, fill},
};

/// A column of the list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The title: what the order does, or the desktop.
    Title,
    /// The state.
    State,
    /// Who has the desktop.
    User,
    /// The desktop type.
    Type,
    /// The zone, or the region.
    Zone,
    /// Billing and months.
    Billing,
    /// When a subscription ends.
    Until,
    /// When it was bought or ordered.
    Bought,
    /// Who asked for it.
    By,
}

impl Column {
    /// What the proxy sorts desktops by for this column; it does not know the words of the others.
    pub const fn sort_key(self) -> Option<SortKey> {
        match self {
            Self::Until => Some(SortKey::ValidUntil),
            Self::Bought => Some(SortKey::Bought),
            Self::User => Some(SortKey::User),
            _ => None,
        }
    }
}

/// The columns after title and state.
pub const FACTS: [Column; 7] =
    [Column::User, Column::Type, Column::Zone, Column::Billing, Column::Until, Column::Bought, Column::By];

/// The row.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Row {
    /// Its key: the token of the order, or of the order that bought the desktop.
    pub key: ClientToken,
    /// When that order was accepted, in milliseconds since 1970 UTC.
    pub created_at: i64,
    /// The address of its details.
    pub route: String,
    /// The label of its state.
    pub state: &'static str,
    /// The CSS class of its state.
    pub class: &'static str,
    /// The title.
    pub title: String,
    /// Further facts, by column.
    pub facts: [String; FACTS.len()],
    /// When it ends, in milliseconds since 1970 UTC; the largest number where it does not.
    pub until: i64,
    /// The desktop, if it can be renewed or released.
    pub desktop: Option<ManagedDesktop>,
}

/// A desktop that can be renewed or released.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ManagedDesktop {
    /// The desktop.
    pub id: DesktopId,
    /// Its region.
    pub region: RegionId,
    /// Its billing kind; `None` if it was not bought through Deskbuy.
    pub charge_type: Option<ChargeType>,
    /// Whose it is, where that is known.
    pub user: Option<String>,
    /// Its type, where that is known.
    pub type_item_id: Option<String>,
}

/// The label of an action.
pub fn action_name(t: &OrderText, action: &str) -> &'static str {
    match action {
        CreateDesktop::NAME => t.action_buy,
        RenewDesktop::NAME => t.action_renew,
        DeleteDesktop::NAME => t.action_release,
        _ => "",
    }
}

/// The label of an order's period.
pub fn period_of(t: &OrderText, order: &Order) -> Option<String> {
    parameter(order, "Period")?.parse::<Period>().ok().map(|period| period_name(t, period))
}

/// A price by the hour, or for a period.
pub fn priced(t: &OrderText, price: OrderPrice, period: Option<&str>) -> String {
    let sum = money(t.document.language, price.currency, price.amount);
    match period {
        Some(period) => fill(t.for_period, &[&sum, period]),
        None => fill(t.per_hour, &[&sum]),
    }
}

/// An order as a row.
pub fn of_order(t: &'static OrderText, order: &Order) -> Row {
    let action = action_name(t, &order.action);
    let desktop = order.desktop_id.clone().or_else(|| parameter(order, "DesktopId"));
    let facts = [
        parameter(order, "UserName"),
        parameter(order, "TypeItemId"),
        Some(parameter(order, "ZoneId").unwrap_or_else(|| order.region.to_string())),
        period_of(t, order),
        None,
        Some(moment(t, order.created_at)),
        order.requested_by.clone(),
    ];
    Row {
        key: order.token.clone(),
        created_at: order.created_at,
        route: Route::Order(order.token.clone()).href(),
        state: state_of(t, order),
        class: state_class(order.state),
        title: desktop.map_or_else(|| action.to_owned(), |desktop| format!("{action} · {desktop}")),
        facts: facts.map(Option::unwrap_or_default),
        until: i64::MAX,
        desktop: None,
    }
}

/// A desktop as a row.
pub fn of_desktop(t: &'static OrderText, desktop: &Desktop) -> Row {
    let charge_type = desktop.charge_type.parse().ok();
    let months = desktop.period.map(|months| u32::from(months) + desktop.renewed_months);
    let released = desktop.released_at.is_some();
    let (state, class) = match (&desktop.under_way, released) {
        (_, true) => (t.desktop_released, "state gone"),
        (Some(_), _) => (t.desktop_under_way, "state working"),
        _ => (t.desktop_in_use, "state good"),
    };
    let kind = charge_type.map(|kind| billing_name(t, kind).to_owned());
    let period = months.map(|months| fill(t.months, &[&months.to_string()]));
    let until = desktop.valid_until;
    let facts = [
        Some(desktop.user.clone()),
        Some(desktop.type_item_id.clone()),
        Some(desktop.zone_id.clone()),
        Some([kind, period].into_iter().flatten().collect::<Vec<_>>().join(" ")),
        until.map(|until| day(t, until)),
        Some(moment(t, desktop.created_at)),
        desktop.requested_by.clone(),
    ];
    let id: Option<DesktopId> = desktop.desktop_id.as_ref().and_then(|id| id.parse().ok());
    let free = desktop.under_way.is_none() && !released;
    Row {
        key: desktop.token.clone(),
        created_at: desktop.created_at,
        // While an operation is in progress, its order is of interest.
        route: Route::Order(desktop.under_way.clone().unwrap_or_else(|| desktop.token.clone())).href(),
        state,
        class,
        title: desktop.desktop_id.clone().unwrap_or_else(|| t.desktop_without_id.to_owned()),
        facts: facts.map(Option::unwrap_or_default),
        until: until.unwrap_or(i64::MAX),
        desktop: id.filter(|_| free).map(|id| ManagedDesktop {
            id,
            region: desktop.region.clone(),
            charge_type,
            user: Some(desktop.user.clone()),
            type_item_id: Some(desktop.type_item_id.clone()),
        }),
    }
}
