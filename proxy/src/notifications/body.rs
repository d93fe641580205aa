//! The body that a webhook is sent: facts of the journal, with the names of people only where the operator wants them.

use orders::{Details, Notification, NotificationEvent, account_of};
use serde_json::{Map, Value, json};
use shared::{link::Route, order::Order};
use url::Url;

/// The body of a notification.
pub(super) fn json(notification: &Notification, personal_data: bool, page: Option<&Url>) -> Value {
    let Notification { id, event, at, order, token, details, .. } = notification;
    let mut body = json!({ "id": id, "event": event.as_str(), "at": at });
    let Details { code, valid_until, days, limit, by, account } = details;
    match (event, order) {
        (NotificationEvent::LimitReached, _) => {
            let mut members = json!({ "limit": limit, "account": account });
            if personal_data {
                members["requested_by"] = json!(by);
            }
            body["limit_reached"] = without_nothing(members);
        }
        (NotificationEvent::Expiring, Some(order)) => {
            let mut members = facts(order, personal_data);
            members["valid_until"] = json!(valid_until);
            members["days"] = json!(days);
            body["desktop"] = without_nothing(members);
        }
        (_, Some(order)) => {
            let mut members = facts(order, personal_data);
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

fn facts(order: &Order, personal_data: bool) -> Value {
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
    if personal_data {
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
