//! The body that a webhook is sent: facts of the journal, with the names of people only where the operator wants them.

use orders::{Details, Notification, NotificationEvent, OrderFieldRules, account_of};
use serde_json::{Map, Value, json};
use shared::{
    link::Route,
    order::{Order, fields::OrderField},
};
use url::Url;

/// What a target may know.
#[derive(Clone, Copy)]
pub(super) struct Audience<'a> {
    /// The names of people.
    pub(super) personal_data: bool,
    /// The operator's order fields.
    pub(super) fields: &'a OrderFieldRules,
}

impl<'a> Audience<'a> {
    /// The values of an order that it may know, with their fields. What is not defined any more may name somebody.
    pub(super) fn values(self, order: &'a Order) -> impl Iterator<Item = (&'a OrderField, &'a str)> {
        let rules = self.fields.iter().filter(move |rule| self.personal_data || !rule.personal_data);
        rules.filter_map(|rule| Some((&rule.field, order.fields.get(&rule.field.key)?.as_str())))
    }
}

/// The body of a notification.
pub(super) fn json(notification: &Notification, audience: Audience<'_>, page: Option<&Url>) -> Value {
    let Notification { id, event, at, order, token, details, .. } = notification;
    let mut body = json!({ "id": id, "event": event.as_str(), "at": at });
    let Details { code, valid_until, days, limit, by, account } = details;
    match (event, order) {
        (NotificationEvent::LimitReached, _) => {
            let mut members = json!({ "limit": limit, "account": account });
            if audience.personal_data {
                members["requested_by"] = json!(by);
            }
            body["limit_reached"] = without_nothing(members);
        }
        (NotificationEvent::Expiring, Some(order)) => {
            let mut members = facts(order, audience);
            members["valid_until"] = json!(valid_until);
            members["days"] = json!(days);
            body["desktop"] = without_nothing(members);
        }
        (_, Some(order)) => {
            let mut members = facts(order, audience);
            members["code"] = json!(code);
            if *event == NotificationEvent::AwaitingApproval {
                members["approve_until"] = json!(order.approve_until);
            }
            body["order"] = without_nothing(members);
        }
        // It cannot be read here.
        (event, None) => {
            let name = if *event == NotificationEvent::Expiring { "desktop" } else { "order" };
            body[name] = json!({ "token": token });
        }
    }
    if let Some(url) = link(notification, page) {
        body["url"] = json!(url.as_str());
    }
    body
}

/// The address of the page where it can be seen.
pub(super) fn link(notification: &Notification, page: Option<&Url>) -> Option<Url> {
    let token = notification.order.as_ref()?.token.clone();
    let route = match notification.event {
        NotificationEvent::Expiring => Route::Desktop(token),
        _ => Route::Order(token),
    };
    let mut url = page?.clone();
    url.set_fragment(Some(route.href().trim_start_matches('#')));
    Some(url)
}

fn facts(order: &Order, audience: Audience<'_>) -> Value {
    let parameter = |name: &str| order.request.get(name).cloned().unwrap_or_default();
    let mut members = json!({
        "token": order.token,
        "action": order.action,
        "region": order.region,
        "account": account_of(order),
        "type_item_id": parameter("TypeItemId"),
        "zone_id": parameter("ZoneId"),
        "charge_type": parameter("ChargeType"),
        "period": parameter("Period"),
        "order_id": order.order_id,
        "desktop_id": desktop(order),
        "price": order.price,
        "attempts": order.attempts,
        "created_at": order.created_at,
        "upstream_request_id": order.upstream_request_id,
    });
    let values: Map<_, _> = audience.values(order).map(|(field, value)| (field.key.clone(), value.into())).collect();
    if !values.is_empty() {
        members["fields"] = values.into();
    }
    if audience.personal_data {
        members["user"] = parameter("UserName");
        members["requested_by"] = json!(order.requested_by);
    }
    members
}

/// The desktop that an order bought, or is about.
pub(super) fn desktop(order: &Order) -> Option<&str> {
    order.desktop_id.as_deref().or_else(|| order.request.get("DesktopId")?.as_str())
}

/// Without the members that are not known.
fn without_nothing(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>().into()
        }
        value => value,
    }
}
