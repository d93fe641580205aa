//! Account isolation, as for a reseller's customers: the orders and desktops of one account do not exist for the
//! others.

use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};

use crate::{
    databases,
    events::Stream,
    operator::deskbuy,
    signin::{Desk, person},
    site::{Cloud, Reply, changed, purchase, release, renewal, subscription},
};

const FLAGS: &[&str] = &["--buyers=*", "--owner-claim=account"];

/// Ann buys for account 11, Bob for account 22, Vic has none and looks for the installation's own.
pub struct Shop {
    pub desk: Desk,
    pub ann: String,
    pub bob: String,
    pub vic: String,
}

impl Shop {
    pub async fn on(cloud: Cloud) -> Self {
        let desk = Desk::on(cloud, FLAGS).await;
        let of = |name: &str, account: Value| desk.cookie(&changed(person(name), &json!({ "account": account })), 0);
        let (ann, bob, vic) = (of("ann", json!("11")), of("bob", json!(22)), of("vic", Value::Null));
        Self { desk, ann, bob, vic }
    }

    /// The names of what a list has: tokens.
    async fn tokens(&self, path: &str, cookie: &str) -> Vec<String> {
        let list = self.desk.get(path, cookie).await.json();
        let rows = list.as_object().unwrap().values().find_map(Value::as_array).unwrap();
        rows.iter().map(|row| row["token"].as_str().unwrap().to_owned()).collect()
    }

    pub async fn write_user(&self, action: &str, name: &str, cookie: &str) -> Reply {
        let body = json!({ "RegionId": "cn-hangzhou", "UserName": name, "Email": format!("{name}@example.com") });
        let request = self.desk.site.request("POST", &format!("/api/{action}")).header("cookie", cookie);
        Reply::of(request.header("content-type", "application/json").body(body.to_string())).await
    }

    /// The names of the users whom somebody is shown.
    pub async fn users(&self, cookie: &str) -> Vec<String> {
        let request = self.desk.site.request("GET", "/api/DescribeActivityDirectoryUsers?RegionId=cn-hangzhou");
        // Not from the cache: they may have been written in other ways.
        let reply = Reply::of(request.header("cookie", cookie).header("cache-control", "no-cache")).await;
        let users = reply.json()["Users"].as_array().unwrap().clone();
        users.iter().map(|user| user["Name"].as_str().unwrap().to_owned()).collect()
    }

    pub async fn buy(&self, operation: Value, cookie: &str) -> Value {
        let token = operation["ClientToken"].as_str().unwrap().to_owned();
        let reply = self.desk.order(&[operation], cookie).await;
        assert_eq!(reply.status, 202, "{reply:?}");
        self.desk.settled(&token, cookie).await
    }
}

#[tokio::test]
async fn each_sees_the_orders_and_desktops_of_the_own_account() {
    for cloud in databases::each(&[]).await {
        let shop = Shop::on(cloud).await;
        let order = shop.buy(purchase("a-1"), &shop.ann).await;
        assert_eq!((&order["state"], &order["request"]["OwnerId"]), (&json!("placed"), &json!("11")), "{order}");
        shop.buy(purchase("b-1"), &shop.bob).await;
        let batch = [purchase("a-2-001"), purchase("a-2-002")];
        assert_eq!(shop.desk.order(&batch, &shop.ann).await.status, 202);
        for token in ["a-2-001", "a-2-002"] {
            shop.desk.settled(token, &shop.ann).await;
        }

        for list in ["/api/orders", "/api/desktops"] {
            assert_eq!(shop.tokens(list, &shop.ann).await, ["a-2-002", "a-2-001", "a-1"], "{list}");
            assert_eq!(shop.tokens(list, &shop.bob).await, ["b-1"], "{list}");
            assert!(shop.tokens(list, &shop.vic).await.is_empty(), "{list}");
            // Whatever else is asked for, and wherever the page begins.
            assert_eq!(shop.tokens(&format!("{list}?q=a-"), &shop.bob).await, [""; 0], "{list}");
            assert_eq!(shop.tokens(&format!("{list}?user=zhang.san&cursor=99"), &shop.bob).await, ["b-1"], "{list}");
            assert_eq!(shop.tokens(&format!("{list}?q=a-2"), &shop.ann).await, ["a-2-002", "a-2-001"], "{list}");
        }
        for token in ["a-1", "a-2-001"] {
            let foreign = shop.desk.get(&format!("/api/orders/{token}"), &shop.bob).await;
            let absent = shop.desk.get("/api/orders/no-such-order", &shop.bob).await;
            // One must not be able to tell them apart, but for the request's own number.
            let told = |problem: Value| changed(problem, &json!({ "request_id": null }));
            assert_eq!(told(foreign.problem("not_found")), told(absent.problem("not_found")));
            shop.desk.get(&format!("/api/orders/{token}?wait=25"), &shop.bob).await.problem("not_found");
            shop.desk.get(&format!("/api/orders/{token}"), &shop.vic).await.problem("not_found");
            assert_eq!(shop.desk.get(&format!("/api/orders/{token}"), &shop.ann).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_token_of_another_account_is_taken_and_no_more_is_said() {
    for cloud in databases::each(&[]).await {
        let shop = Shop::on(cloud).await;
        let before = shop.buy(purchase("a-1"), &shop.ann).await;
        // The very same purchase, which for Ann is her order once more, and another one.
        for operation in [purchase("a-1"), subscription("a-1")] {
            let reply = shop.desk.order(std::slice::from_ref(&operation), &shop.bob).await;
            let expect = json!({
                "type": "urn:deskbuy:problem:token_reused", "title": "The token was used for another order",
                "status": 422, "code": "token_reused", "outcome": "not_sent", "field": "ClientToken",
            });
            assert_eq!(changed(reply.problem("token_reused"), &json!({ "request_id": null })), expect);
        }
        // With one of his own beside it neither is taken.
        let reply = shop.desk.order(&[purchase("b-1"), purchase("a-1")], &shop.bob).await;
        assert_eq!(reply.problem("token_reused")["field"], "operations[1].ClientToken");
        assert_eq!(shop.tokens("/api/orders", &shop.bob).await, [""; 0]);

        assert_eq!(shop.desk.order(&[purchase("a-1")], &shop.ann).await.status, 202);
        assert_eq!(shop.desk.settled("a-1", &shop.ann).await, before, "nothing has touched it");
        assert_eq!(shop.desk.site.calls("CreateDesktop"), 1);
    }
}

#[tokio::test]
async fn a_dead_order_is_tried_again_by_its_own_account_only() {
    for cloud in databases::each(&["sold-out-before-purchase"]).await {
        let shop = Shop::on(cloud).await;
        assert_eq!(shop.buy(purchase("a-1"), &shop.ann).await["state"], "rejected");
        shop.desk.site.set_scenarios(&[]);
        assert_eq!(shop.buy(purchase("a-1-r1"), &shop.ann).await["state"], "placed");
        shop.desk.order(&[purchase("a-1-r1")], &shop.bob).await.problem("token_reused");
        assert_eq!(shop.desk.site.state().desktops.len(), 1);
    }
}

#[tokio::test]
async fn desktops_of_other_accounts_are_not_renewed_or_released() {
    for cloud in databases::each(&[]).await {
        let shop = Shop::on(cloud).await;
        let paid = shop.buy(subscription("a-1"), &shop.ann).await["desktop_id"].as_str().unwrap().to_owned();
        let hourly = shop.buy(purchase("a-2"), &shop.ann).await["desktop_id"].as_str().unwrap().to_owned();
        let told = async |operation: Value| {
            let reply = shop.desk.order(&[operation], &shop.bob).await;
            let problem = reply.problem("not_found");
            assert_eq!((reply.status, &problem["field"]), (404, &json!("DesktopId")), "{problem}");
            changed(problem, &json!({ "request_id": null }))
        };
        assert_eq!(told(renewal("b-1", &paid, 1)).await, told(renewal("b-2", "dk-none", 1)).await);
        assert_eq!(told(release("b-3", &hourly)).await, told(release("b-4", "dk-none")).await);
        let elsewhere = changed(release("a-3", &hourly), &json!({ "RegionId": "cn-beijing" }));
        shop.desk.order(&[elsewhere], &shop.ann).await.problem("not_found");
        let reply = shop.desk.order(&[purchase("b-5"), release("b-6", &hourly)], &shop.bob).await;
        assert_eq!(reply.problem("not_found")["field"], "operations[1].DesktopId");
        assert_eq!(shop.tokens("/api/orders", &shop.bob).await, [""; 0]);
        for action in ["RenewDesktop", "DeleteDesktop"] {
            assert_eq!(shop.desk.site.calls(action), 0);
        }

        assert_eq!(shop.buy(renewal("a-4", &paid, 1), &shop.ann).await["state"], "placed");
        assert_eq!(shop.buy(release("a-5", &hourly), &shop.ann).await["state"], "placed");
    }
}

#[tokio::test]
async fn changes_of_other_accounts_are_not_streamed() {
    for cloud in databases::each(&[]).await {
        let shop = Shop::on(cloud).await;
        let listen = async |cookie: &str, last: Option<&str>| {
            let request = shop.desk.site.request("GET", "/api/orders/events").header("cookie", cookie);
            let request = last.into_iter().fold(request, |request, last| request.header("last-event-id", last));
            let mut stream = Stream::of(request).await;
            assert_eq!(stream.next().await.unwrap().name, "start");
            stream
        };
        let mut of_bob = listen(&shop.bob, None).await;
        // More lines than are read at once lie between, none of them Bob's.
        let many: Vec<_> = (0..100).map(|number| purchase(&format!("a-{number:03}"))).collect();
        assert_eq!(shop.desk.order(&many, &shop.ann).await.status, 202);
        for number in 0..100 {
            shop.desk.settled(&format!("a-{number:03}"), &shop.ann).await;
        }
        shop.buy(purchase("b-1"), &shop.bob).await;
        let last = of_bob.until_only_placed("b-1").await;
        listen(&shop.bob, Some("0")).await.until_only_placed("b-1").await;
        listen(&shop.ann, Some("0")).await.until_placed("a-099").await;
        assert!(last > 200, "too few lines lay between: {last}");
    }
}

#[tokio::test]
async fn an_operator_sees_all_and_for_whom_they_are() {
    for cloud in databases::each(&["no-ids"]).await {
        let desk = Desk::on(cloud, &[FLAGS, &["--order-deadline=1s"]].concat()).await;
        for (token, account) in [("a-1", "11"), ("b-1", "22")] {
            let cookie = desk.cookie(&changed(person("ann"), &json!({ "account": account })), 0);
            assert_eq!(desk.order(&[purchase(token)], &cookie).await.status, 202);
            assert_eq!(desk.settled(token, &cookie).await["state"], "unresolved");
        }
        let (_, list) = deskbuy(&desk.site, &[]).await;
        for line in
            ["a-1  CreateDesktop in cn-hangzhou for account 11", "b-1  CreateDesktop in cn-hangzhou for account 22"]
        {
            assert!(list.contains(line), "{list}");
        }
    }
}

/// Orders from before accounts came by claim are the installation's own, and stay where they were.
#[tokio::test]
async fn orders_from_before_belong_to_whom_they_were_for() {
    for cloud in databases::each(&[]).await {
        let site = cloud.open(&[]).await;
        site.order(&purchase("old-1")).await;
        site.settled("old-1").await;
        let site = site.close().await.open(&["--owner-id=22"]).await;
        site.order(&purchase("old-2")).await;
        site.settled("old-2").await;
        let shop = Shop::on(site.close().await).await;
        assert_eq!(shop.tokens("/api/orders", &shop.vic).await, ["old-1"]);
        assert_eq!(shop.tokens("/api/orders", &shop.bob).await, ["old-2"]);
        assert!(shop.tokens("/api/orders", &shop.ann).await.is_empty());

        // Without the claim all buy for the same account, and see all.
        let site = shop.desk.site.close().await.open(&[]).await;
        let orders = site.get("/api/orders").await.json()["orders"].as_array().unwrap().len();
        assert_eq!(orders, 2);
    }
}

/// A journal that an earlier version wrote: its rows get their account when the schema is brought up to date.
#[tokio::test]
async fn a_journal_of_an_earlier_version_is_taken_over() {
    for cloud in databases::each(&[]).await {
        let site = cloud.open(&["--owner-id=11"]).await;
        site.order(&purchase("old-1")).await;
        site.settled("old-1").await;
        let cloud = site.close().await;
        let mut connection = AnyConnection::connect(&cloud.database_url()).await.unwrap();
        // Only SQLite has triggers that name the column.
        let triggers = ["DROP TRIGGER desktops_counted", "DROP TRIGGER desktops_recounted"];
        let triggers = triggers.into_iter().filter(|_| cloud.database_url().starts_with("sqlite:"));
        for statement in triggers.chain([
            "DROP INDEX orders_types",
            "DROP INDEX orders_account",
            "DROP INDEX orders_desktop",
            "ALTER TABLE orders DROP COLUMN account",
            "DELETE FROM _sqlx_migrations WHERE version = 4",
        ]) {
            sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
        let shop = Shop::on(cloud).await;
        assert_eq!(shop.tokens("/api/orders", &shop.ann).await, ["old-1"]);
        assert!(shop.tokens("/api/orders", &shop.bob).await.is_empty());
    }
}

/// A session from before a change of the owner claim does not go on buying for the account of then.
#[tokio::test]
async fn an_account_counts_only_for_the_claim_that_it_is_of() {
    let settings = [&["--buyers=*", "--owner-id=33"][..], FLAGS, &["--buyers=*", "--owner-claim=customer"]];
    let claims = changed(person("ann"), &json!({ "account": "11", "customer": "12" }));
    for (flags, account) in settings.into_iter().zip(["33", "11", "12"]) {
        let desk = Desk::with(flags).await;
        for others in settings.iter().filter(|others| **others != flags) {
            let elsewhere = Desk::with(others).await.cookie(&claims, 0);
            desk.order(&[purchase("t-1")], &elsewhere).await.problem("sign_in_required");
        }
        let reply = desk.order(&[purchase("t-1")], &desk.cookie(&claims, 0)).await;
        assert_eq!(reply.json()["orders"][0]["request"]["OwnerId"], account, "{reply:?}");
    }
}
