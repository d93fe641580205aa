//! Account isolation, as for a reseller's customers: the orders and desktops of one account do not exist for the
//! others.

use std::time::Duration;

use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};
use tokio::time::sleep;

use crate::{
    databases,
    events::Stream,
    operator::deskbuy,
    signin::{Desk, person},
    site::{Cloud, Reply, changed, purchase, release, renewal, subscription},
};

const FLAGS: &[&str] = &["--buyers=*", "--owner-claim=account"];

/// Ann buys for account 11, Bob for account 22, Vic has none and looks for the installation's own.
struct Shop {
    desk: Desk,
    ann: String,
    bob: String,
    vic: String,
}

impl Shop {
    async fn on(cloud: Cloud) -> Self {
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

    async fn write_user(&self, action: &str, name: &str, cookie: &str) -> Reply {
        let body = json!({ "RegionId": "cn-hangzhou", "UserName": name, "Email": format!("{name}@example.com") });
        let request = self.desk.site.request("POST", &format!("/api/{action}")).header("cookie", cookie);
        Reply::of(request.header("content-type", "application/json").body(body.to_string())).await
    }

    /// The names of the users whom somebody is shown.
    async fn users(&self, cookie: &str) -> Vec<String> {
        let request = self.desk.site.request("GET", "/api/DescribeActivityDirectoryUsers?RegionId=cn-hangzhou");
        // Not from the cache: they may have been written in other ways.
        let reply = Reply::of(request.header("cookie", cookie).header("cache-control", "no-cache")).await;
        let users = reply.json()["Users"].as_array().unwrap().clone();
        users.iter().map(|user| user["Name"].as_str().unwrap().to_owned()).collect()
    }

    async fn buy(&self, operation: Value, cookie: &str) -> Value {
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

#[tokio::test]
async fn each_sees_and_changes_the_users_of_the_own_account() {
    for cloud in databases::each(&[]).await {
        let shop = Shop::on(cloud).await;
        let write = async |action: &str, name: &str, cookie: &str| shop.write_user(action, name, cookie).await;
        let users = async |cookie: &str| shop.users(cookie).await;
        assert!(users(&shop.ann).await.is_empty() && users(&shop.vic).await.is_empty());
        assert_eq!(write("CreateUser", "a.user", &shop.ann).await.status, 200);
        shop.buy(purchase("a-1"), &shop.ann).await;
        let mut own = users(&shop.ann).await;
        own.sort();
        assert_eq!(own, ["a.user", "zhang.san"]);
        assert!(users(&shop.bob).await.is_empty());
        // To buy for a user whom another account created does not make that user one's own.
        shop.buy(changed(purchase("b-1"), &json!({ "UserName": "a.user" })), &shop.bob).await;
        assert!(users(&shop.bob).await.is_empty());
        for name in ["a.user", "zhang.san", "no.body"] {
            let reply = write("ModifyUser", name, &shop.bob).await;
            assert_eq!((reply.status, &reply.problem("not_found")["field"]), (404, &json!("UserName")), "{name}");
        }
        assert_eq!(shop.desk.site.calls("ModifyUser"), 0);
        // Nor does to create one: the cloud may answer as if it had, or not at all.
        let before = shop.desk.site.calls("CreateUser");
        for name in ["a.user", "zhang.san"] {
            assert_eq!(
                write("CreateUser", name, &shop.bob).await.problem("user_refused")["outcome"],
                "not_sent",
                "{name}"
            );
        }
        assert_eq!(shop.desk.site.calls("CreateUser"), before);
        assert!(users(&shop.bob).await.is_empty());
        let reply =
            shop.desk.get("/api/DescribeActivityDirectoryUsers?RegionId=cn-hangzhou&UserName=a.user", &shop.bob);
        assert_eq!(reply.await.json()["Users"], json!([]), "a search finds none either");
        assert_eq!(write("ModifyUser", "a.user", &shop.ann).await.status, 200);
        assert_eq!(write("ModifyUser", "zhang.san", &shop.ann).await.status, 200);
    }
}

/// Otherwise a desktop for a name would be the price of somebody's address, and of a new password at another one.
#[tokio::test]
async fn a_desktop_for_a_user_of_another_account_does_not_make_that_user_ones_own() {
    for cloud in databases::each(&[]).await {
        let shop = Shop::on(cloud).await;
        shop.buy(purchase("a-1"), &shop.ann).await;
        for (token, name) in [("b-1", "zhang.san"), ("b-2", "Zhang.San")] {
            let order = shop.buy(changed(purchase(token), &json!({ "UserName": name })), &shop.bob).await;
            assert_eq!(order["state"], "placed", "{order}");
            assert!(shop.users(&shop.bob).await.is_empty(), "{name}");
            assert_eq!(shop.write_user("ModifyUser", name, &shop.bob).await.status, 404, "{name}");
        }
        assert_eq!(shop.users(&shop.ann).await, ["zhang.san"]);
        assert_eq!(shop.write_user("ModifyUser", "zhang.san", &shop.ann).await.status, 200);
        // The first to have a desktop for a user is the one, in either direction.
        shop.buy(changed(purchase("b-3"), &json!({ "UserName": "li.si" })), &shop.bob).await;
        shop.buy(changed(purchase("a-2"), &json!({ "UserName": "li.si" })), &shop.ann).await;
        assert_eq!(shop.users(&shop.bob).await, ["li.si"]);
        assert_eq!(shop.users(&shop.ann).await, ["zhang.san"]);
    }
}

/// The directory does not tell names apart by their case.
#[tokio::test]
async fn names_of_users_are_the_same_in_any_case() {
    for cloud in databases::each(&[]).await {
        let shop = Shop::on(cloud).await;
        assert_eq!(shop.write_user("CreateUser", "A.User", &shop.ann).await.status, 200);
        shop.buy(purchase("a-1"), &shop.ann).await;
        let before = shop.desk.site.calls("CreateUser");
        for name in ["a.user", "A.USER", "Zhang.San"] {
            let refused = shop.write_user("CreateUser", name, &shop.bob).await.problem("user_refused");
            assert_eq!(refused["outcome"], "not_sent", "{name}");
            assert_eq!(shop.write_user("ModifyUser", name, &shop.bob).await.status, 404, "{name}");
        }
        assert_eq!(shop.desk.site.calls("CreateUser"), before);
        shop.buy(changed(purchase("b-1"), &json!({ "UserName": "a.user" })), &shop.bob).await;
        assert!(shop.users(&shop.bob).await.is_empty());
        // A capital that not every database folds.
        assert_eq!(shop.write_user("CreateUser", "Émile", &shop.ann).await.status, 200);
        shop.buy(changed(purchase("b-2"), &json!({ "UserName": "Émile" })), &shop.bob).await;
        assert!(shop.users(&shop.bob).await.is_empty());
        // An order for a name in other letters is one for the same user.
        shop.buy(changed(purchase("a-2"), &json!({ "UserName": "LI.SI" })), &shop.ann).await;
        let mut own = shop.users(&shop.ann).await;
        own.sort();
        assert_eq!(own, ["A.User", "li.si", "zhang.san", "Émile"]);
    }
}

/// A user whose creation had no answer is the account's as soon as the directory shows it with the address that was asked for.
#[tokio::test]
async fn a_user_who_was_created_without_an_answer_is_claimed_when_found() {
    for cloud in databases::each(&["commit-then-drop:CreateUser", "fail:DescribeActivityDirectoryUsers"]).await {
        let shop = Shop::on(cloud).await;
        let lost = shop.write_user("CreateUser", "a.user", &shop.ann).await;
        assert_eq!(lost.problem("outcome_unknown")["outcome"], "unknown");
        shop.desk.site.set_scenarios(&[]);
        assert!(shop.users(&shop.bob).await.is_empty());
        // That nobody knows is written down after the answer.
        while shop.users(&shop.ann).await.is_empty() {
            sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(shop.users(&shop.ann).await, ["a.user"]);
        // From then on it is as if the answer had come.
        assert_eq!(shop.write_user("ModifyUser", "a.user", &shop.ann).await.status, 200);
        assert_eq!(
            shop.write_user("CreateUser", "a.user", &shop.bob).await.problem("user_refused")["outcome"],
            "not_sent"
        );
        assert!(shop.users(&shop.bob).await.is_empty());
    }
}

/// One is created, and the other is told so.
#[tokio::test]
async fn a_user_is_not_created_twice_at_the_same_time() {
    for cloud in databases::each(&["slow:CreateUser"]).await {
        let shop = Shop::on(cloud).await;
        for (one, other) in [(&shop.ann, &shop.ann), (&shop.ann, &shop.bob)] {
            let before = shop.desk.site.calls("CreateUser");
            let name = format!("user{before}");
            let (one, other) =
                tokio::join!(shop.write_user("CreateUser", &name, one), shop.write_user("CreateUser", &name, other));
            let (done, refused) = if one.status == 200 { (one, other) } else { (other, one) };
            assert_eq!(done.status, 200, "{done:?}");
            assert_eq!(refused.problem("user_refused")["outcome"], "not_sent");
            assert_eq!(shop.desk.site.calls("CreateUser"), before + 1);
        }
    }
}
