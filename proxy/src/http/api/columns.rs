//! The columns of exports. Their names in both languages, and what each has to say of a row: values as they are on the
//! wire, sums as plain numbers, moments by the calendar of the cloud (UTC+8).

use shared::{
    Code, Outcome,
    calendar::{Date, timestamp},
    language::Language,
    order::{Desktop, Order, OrderPrice, OrderState},
    values::ChargeType,
};

/// A column.
pub(super) struct Column<T> {
    english: &'static str,
    chinese: &'static str,
    /// The cell of a row.
    pub(super) cell: fn(&T) -> String,
    unread: Unread,
}

/// What a column has to say of an order that cannot be read.
enum Unread {
    Nothing,
    Token,
    Why,
}

impl<T> Column<T> {
    const fn new(english: &'static str, chinese: &'static str, cell: fn(&T) -> String) -> Self {
        Self { english, chinese, cell, unread: Unread::Nothing }
    }

    /// The token.
    const fn token(english: &'static str, chinese: &'static str, cell: fn(&T) -> String) -> Self {
        Self { english, chinese, cell, unread: Unread::Token }
    }

    /// The state.
    const fn state(cell: fn(&T) -> String) -> Self {
        Self { english: "State", chinese: "状态", cell, unread: Unread::Why }
    }

    /// Its cell of an order that cannot be read.
    pub(super) const fn unread<'a>(&self, token: &'a str, language: Language) -> &'a str {
        match (&self.unread, language) {
            (Unread::Nothing, _) => "",
            (Unread::Token, _) => token,
            (Unread::Why, Language::English) => "could not be read",
            (Unread::Why, Language::Chinese) => "无法读取",
        }
    }

    /// Its name.
    pub(super) const fn name(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::Chinese => self.chinese,
        }
    }
}

/// Of orders.
pub(super) const ORDERS: &[Column<Order>] = &[
    Column::token("Client token", "幂等令牌", |order| order.token.to_string()),
    Column::new("Action", "操作", |order| order.action.clone()),
    Column::state(|order| order.state.as_str().to_owned()),
    Column::new("Outcome", "结果", |order| problem(order, |_, outcome| outcome_name(outcome))),
    Column::new("Error code", "错误码", |order| problem(order, |code, _| code.as_str())),
    Column::new("Region", "地域", |order| order.region.to_string()),
    Column::new("Zone", "可用区", |order| parameter(order, "ZoneId")),
    Column::new("User", "用户", |order| parameter(order, "UserName")),
    Column::new("Desktop type", "桌面规格", |order| parameter(order, "TypeItemId")),
    Column::new("Image", "镜像", |order| parameter(order, "ImageId")),
    Column::new("Billing", "付费方式", |order| parameter(order, "ChargeType")),
    Column::new("Months", "月数", |order| parameter(order, "Period")),
    Column::new("Order ID", "订单号", |order| text(order.order_id.as_deref())),
    Column::new("Desktop ID", "桌面 ID", |order| {
        order.desktop_id.clone().unwrap_or_else(|| parameter(order, "DesktopId"))
    }),
    Column::new("Amount", "金额", |order| amount(price(order))),
    Column::new("Currency", "币种", |order| currency(price(order))),
    Column::new("Amount is for", "金额所指", |order| {
        unit(price(order), &parameter(order, "ChargeType")).to_owned()
    }),
    Column::new("Placed by", "提交人", |order| text(order.requested_by.as_deref())),
    Column::new("Account", "账号", |order| parameter(order, "OwnerId")),
    Column::new("Placed at (UTC+8)", "提交时间 (UTC+8)", |order| timestamp(order.created_at)),
    Column::new("Changed at (UTC+8)", "变更时间 (UTC+8)", |order| timestamp(order.updated_at)),
    Column::new("Times sent", "发送次数", |order| order.attempts.to_string()),
    Column::new("RequestId", "RequestId", |order| text(order.upstream_request_id.as_deref())),
];

/// Of desktops.
pub(super) const DESKTOPS: &[Column<Desktop>] = &[
    Column::new("Desktop ID", "桌面 ID", |desktop| text(desktop.desktop_id.as_deref())),
    Column::new("User", "用户", |desktop| desktop.user.clone()),
    Column::state(|desktop| desktop_state(desktop).to_owned()),
    Column::new("Region", "地域", |desktop| desktop.region.to_string()),
    Column::new("Zone", "可用区", |desktop| desktop.zone_id.clone()),
    Column::new("Desktop type", "桌面规格", |desktop| desktop.type_item_id.clone()),
    Column::new("Billing", "付费方式", |desktop| desktop.charge_type.clone()),
    Column::new("Months bought", "购买月数", |desktop| {
        desktop.period.map(|months| months.to_string()).unwrap_or_default()
    }),
    Column::new("Renewals", "续费次数", |desktop| desktop.renewals.to_string()),
    Column::new("Months renewed", "续费月数", |desktop| desktop.renewed_months.to_string()),
    Column::new("Valid until, by our records (UTC+8)", "到期日，按本站记录 (UTC+8)", |desktop| {
        desktop.valid_until.map(|moment| Date::of(moment).to_string()).unwrap_or_default()
    }),
    Column::new("Amount of the purchase", "购买金额", |desktop| amount(desktop.price)),
    Column::new("Currency of the purchase", "购买币种", |desktop| currency(desktop.price)),
    Column::new("Amount of the purchase is for", "购买金额所指", |desktop| {
        unit(desktop.price, &desktop.charge_type).to_owned()
    }),
    Column::new("Amount of the renewals", "续费金额", |desktop| amount(desktop.renewals_price)),
    Column::new("Currency of the renewals", "续费币种", |desktop| currency(desktop.renewals_price)),
    Column::new("Bought by", "提交人", |desktop| text(desktop.requested_by.as_deref())),
    Column::new("Account", "账号", |desktop| text(desktop.account.as_deref())),
    Column::new("Bought at (UTC+8)", "购买时间 (UTC+8)", |desktop| timestamp(desktop.created_at)),
    Column::new("Released at (UTC+8)", "释放时间 (UTC+8)", |desktop| {
        desktop.released_at.map(timestamp).unwrap_or_default()
    }),
    Column::token("Client token of the purchase", "购买的幂等令牌", |desktop| desktop.token.to_string()),
];

fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

/// A parameter of the order's request.
fn parameter(order: &Order, name: &str) -> String {
    match order.request.get(name) {
        None | Some(serde_json::Value::Null) => String::new(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn problem(order: &Order, what: fn(Code, Outcome) -> &'static str) -> String {
    order.problem.as_ref().map(|problem| what(problem.code, problem.outcome)).unwrap_or_default().to_owned()
}

const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotSent => "not_sent",
        Outcome::Rejected => "rejected",
        Outcome::Unknown => "unknown",
    }
}

fn amount(price: Option<OrderPrice>) -> String {
    price.map(|price| format!("{:.*}", usize::from(price.currency.decimals()), price.amount)).unwrap_or_default()
}

fn currency(price: Option<OrderPrice>) -> String {
    price.map(|price| price.currency.to_string()).unwrap_or_default()
}

/// The price of an order. A rejected one costs nothing.
fn price(order: &Order) -> Option<OrderPrice> {
    order.price.filter(|_| order.state != OrderState::Rejected)
}

/// What an amount is for: an hour, or all of the order's months. Renewals have no way to pay but these.
fn unit(price: Option<OrderPrice>, charge_type: &str) -> &'static str {
    match price {
        None => "",
        Some(_) if charge_type == ChargeType::PostPay.as_str() => "hour",
        Some(_) => "period",
    }
}

const fn desktop_state(desktop: &Desktop) -> &'static str {
    match (&desktop.released_at, &desktop.under_way) {
        (Some(_), _) => "released",
        (None, Some(_)) => "under_way",
        (None, None) => "in_use",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_names_of_its_own() {
        fn check<T>(columns: &[Column<T>]) {
            for language in Language::ALL {
                let names: std::collections::HashSet<_> = columns.iter().map(|column| column.name(language)).collect();
                assert_eq!(names.len(), columns.len(), "{language:?}");
            }
        }
        check(ORDERS);
        check(DESKTOPS);
    }
}
