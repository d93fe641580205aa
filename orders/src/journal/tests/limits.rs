//! Limits of requests that are accepted in one transaction.

use shared::{order::OrderPrice, prices::Currency};

use super::*;
use crate::OrderBounds;

fn operation(token: &str, members: serde_json::Value) -> NewOrder {
    let mut request = json!({ "RegionId": "cn-hangzhou", "ClientToken": token, "DesktopId": format!("desk-{token}") });
    request.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    NewOrder::from_object(request.as_object().unwrap().clone()).unwrap()
}

/// Purchases, renewals and releases of several people, at prices in two currencies: a request for each order, and one for two.
fn requests(limits: Limits, overall: Limits, currency: Option<Currency>) -> Vec<Request> {
    let price = |amount: &str, currency: &str| {
        Some(OrderPrice { amount: amount.parse().unwrap(), currency: currency.parse().unwrap() })
    };
    let asked = [
        ("ann", vec![order("a-1", "a")], price("20.5", "CNY")),
        ("ann", vec![operation("a-2", json!({ "Action": "RenewDesktop", "Period": 2 }))], price("10", "CNY")),
        ("bob", vec![order("b-1", "b"), order("b-2", "b")], price("5", "USD")),
        ("ann", vec![operation("a-3", json!({ "Action": "DeleteDesktop" }))], None),
        ("ann", vec![operation("a-4", json!({ "Action": "DeleteDesktop" }))], None),
        ("bob", vec![operation("b-3", json!({ "Action": "RenewDesktop", "Period": 1 }))], price("30", "CNY")),
        ("ann", vec![order("a-1", "a")], price("20.5", "CNY")),
        ("ann", vec![order("a-5", "a")], price("1", "CNY")),
        ("bob", vec![order("b-4", "b")], price("1", "CNY")),
    ];
    let bounds = OrderBounds { currency, ..OrderBounds::default() };
    let request = |(person, orders, price): (&str, Vec<NewOrder>, Option<OrderPrice>)| Request {
        prices: orders.iter().map(|_| price).collect(),
        inherited: Vec::new(),
        types: DesktopTypes::new(),
        principal: Principal {
            id: Some(person.to_owned()),
            name: Some(person.to_owned()),
            limits,
            overall,
            bounds: bounds.clone(),
            ..Principal::default()
        },
        orders,
    };
    asked.into_iter().map(request).collect()
}

/// What became of each request: accepted, or refused by which limit with what left.
fn told(answers: Vec<Result<Vec<super::super::Accepted>, AcceptError>>) -> Vec<String> {
    let one = |answer: Result<Vec<super::super::Accepted>, AcceptError>| match answer {
        Ok(orders) => format!("{} accepted", orders.len()),
        Err(AcceptError::Limit { code, limit, .. }) => format!("{code:?} {limit:?}"),
        Err(error) => format!("{error:?}"),
    };
    answers.into_iter().map(one).collect()
}

#[tokio::test]
async fn requests_at_the_same_time_use_limits_as_one_after_the_other() {
    let number = |limit: u32| Some(limit);
    let money = |amount: &str| Some(amount.parse().unwrap());
    let none = Limits::default();
    let cases = [
        (none, none),
        (Limits { desktops: number(1), ..none }, none),
        (Limits { units: number(3), ..none }, none),
        (Limits { releases: number(1), ..none }, none),
        (Limits { day_amount: money("30.5"), ..none }, none),
        (Limits { month_amount: money("31.5"), ..none }, none),
        (none, Limits { desktops: number(3), ..none }),
        (none, Limits { units: number(5), ..none }),
        (none, Limits { releases: number(1), ..none }),
        (none, Limits { day_amount: money("60"), ..none }),
        (Limits { units: number(4), ..none }, Limits { day_amount: money("41"), ..none }),
    ];
    let mut refused = 0;
    for (limits, overall) in cases {
        for currency in [None, "CNY".parse().ok(), "USD".parse().ok()] {
            let (together, _one) = {
                let (journal, folder, _) = journal().await;
                (journal.accept_together(&requests(limits, overall, currency), usize::MAX).await, folder)
            };
            let (journal, _two, _) = journal().await;
            let mut one_by_one = Vec::new();
            for request in requests(limits, overall, currency) {
                one_by_one.extend(journal.accept_together(&[request], usize::MAX).await);
            }
            let (together, one_by_one) = (told(together), told(one_by_one));
            assert_eq!(together, one_by_one, "{limits:?} {overall:?} {currency:?}");
            refused += together.iter().filter(|told| told.contains("Limit")).count();
        }
    }
    assert!(refused > 20, "{refused}");
}
