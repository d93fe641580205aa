//! Batches of operations: all accepted or none, and a result for each.

use serde_json::{Value, json};

use crate::{
    databases,
    site::{Site, changed, purchase},
};

fn states(orders: &[Value]) -> Vec<&str> {
    orders.iter().map(|order| order["state"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn twenty_of_which_three_are_sold_out() {
    for cloud in databases::each(&["seventeen-left"]).await {
        let site = cloud.open(&[]).await;
        let operations: Vec<_> = (0..20).map(|number| purchase(&format!("t-{number}"))).collect();
        let reply = site.order_all(&operations).await;
        assert_eq!(reply.status, 202, "{reply:?}");
        let tokens: Vec<_> =
            reply.json()["orders"].as_array().unwrap().iter().map(|order| order["token"].clone()).collect();
        assert_eq!(tokens, (0..20).map(|number| json!(format!("t-{number}"))).collect::<Vec<_>>());

        let mut orders = Vec::new();
        for number in 0..20 {
            orders.push(site.settled(&format!("t-{number}")).await);
        }
        let placed = orders.iter().filter(|order| order["state"] == "placed").count();
        assert_eq!(placed, 17, "{:?}", states(&orders));
        for order in orders.iter().filter(|order| order["state"] != "placed") {
            assert_eq!((&order["state"], &order["problem"]["code"]), (&json!("rejected"), &json!("sold_out")));
        }
        let bought: Vec<_> = site.state().desktops.into_iter().map(|desktop| desktop.token).collect();
        assert_eq!(bought.len(), 17);
        for order in &orders {
            let was_bought = bought.iter().any(|token| order["token"] == **token);
            assert_eq!(was_bought, order["state"] == "placed", "{order}");
        }
    }
}

#[tokio::test]
async fn all_or_none() {
    for cloud in databases::each(&[]).await {
        let site = cloud.open(&[]).await;
        site.order(&purchase("t-1")).await;
        site.settled("t-1").await;
        let other = changed(purchase("t-1"), &json!({ "UserName": "li.si" }));
        let reply = site.order_all(&[purchase("t-2"), purchase("t-3"), other]).await;
        assert_eq!(reply.status, 422);
        assert_eq!(reply.problem("token_reused")["field"], "operations[2].ClientToken");
        assert_eq!(site.get("/api/orders/t-2").await.status, 404);
        assert_eq!(site.state().desktops.len(), 1);
    }
}

#[tokio::test]
async fn a_batch_that_comes_again_is_the_same_batch() {
    for cloud in databases::each(&[]).await {
        let site = cloud.open(&[]).await;
        let operations: Vec<_> = (0..10).map(|number| purchase(&format!("t-{number}"))).collect();
        // The same at the same time, in another order, and in part.
        let (one, two, three) = tokio::join!(
            site.order_all(&operations),
            async {
                let backwards: Vec<_> = operations.iter().rev().cloned().collect();
                site.order_all(&backwards).await
            },
            site.order_all(&operations[3..6]),
        );
        assert_eq!([one.status, two.status, three.status], [202; 3]);
        for number in 0..10 {
            assert_eq!(site.settled(&format!("t-{number}")).await["state"], "placed");
        }
        assert_eq!(site.state().desktops.len(), 10);
        assert_eq!(site.calls("CreateDesktop"), 10);
    }
}

/// Five hundred fit into one request, with the longest names too. One more is refused, and nothing of it is accepted.
#[tokio::test]
async fn a_batch_holds_five_hundred() {
    for cloud in databases::each(&["hang:CreateDesktop"]).await {
        let site = cloud.open(&[]).await;
        let operation = |number: usize| {
            let user = format!("{}{number:03}", "名".repeat(253));
            changed(purchase(&format!("t-{number:03}")), &json!({ "UserName": user }))
        };
        let operations: Vec<_> = (0..501).map(operation).collect();
        let problem = site.order_all(&operations).await.problem("invalid_parameter");
        assert_eq!((&problem["field"], &problem["outcome"]), (&json!("operations"), &json!("not_sent")));
        assert_eq!(site.get("/api/orders/t-000").await.status, 404);

        let reply = site.order_all(&operations[..500]).await;
        assert_eq!(reply.status, 202, "{reply:?}");
        let answer = reply.json();
        let orders = answer["orders"].as_array().unwrap();
        assert_eq!((orders.len(), &orders[499]["token"]), (500, &json!("t-499")));
        // All of them were written down by one transaction.
        assert!(orders.iter().all(|order| order["created_at"] == orders[0]["created_at"]));
        assert_eq!(site.get("/api/orders/t-499").await.json()["request"]["UserName"], operations[499]["UserName"]);
    }
}

/// A single order does not wait behind another client's batch of a hundred.
#[tokio::test]
async fn a_single_order_does_not_wait_for_a_large_batch() {
    let site = Site::with_flags(&["slow:CreateDesktop"], &["--order-concurrency=2", "--attempt-deadline=9s"]).await;
    let operations: Vec<_> = (0..100).map(|number| purchase(&format!("t-{number}"))).collect();
    assert_eq!(site.order_all(&operations).await.status, 202);
    site.order(&purchase("single")).await;
    assert_eq!(site.settled("single").await["state"], "placed");
    let bought = site.state().desktops.len();
    assert!(bought < 50, "{bought} were bought before it");
}

#[tokio::test]
async fn throttling_slows_a_batch_down_and_loses_none_of_it() {
    let site = Site::with(&["throttled"]).await;
    let operations: Vec<_> = (0..12).map(|number| purchase(&format!("t-{number}"))).collect();
    assert_eq!(site.order_all(&operations).await.status, 202);
    for number in 0..12 {
        assert_eq!(site.settled(&format!("t-{number}")).await["state"], "placed");
    }
    assert_eq!(site.state().desktops.len(), 12);
}
