//! Account isolation of users: whom an account sees and may change, and who comes to belong to one.

use std::time::Duration;

use serde_json::json;
use tokio::time::sleep;

use crate::{
    accounts::Shop,
    databases,
    site::{changed, purchase},
};

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
