//! `deskbuy orders`: lists and resolves unresolved orders beside a running proxy.

use std::process::Command;

use serde_json::json;

use crate::{
    databases,
    site::{Site, purchase},
};

/// Runs `deskbuy orders`: whether it went well, and all that it said.
pub(crate) async fn deskbuy(site: &Site, arguments: &[&str]) -> (bool, String) {
    run(site, &[&["orders"], arguments].concat()).await
}

/// Runs a command on the site's journal: whether it went well, and all that it said.
pub(crate) async fn run(site: &Site, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbuy"));
    command.args(arguments).env_clear().env("DESKBUY_DATABASE_URL", site.cloud.database_url());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), said.concat())
}

#[tokio::test]
async fn an_unresolved_order_is_listed_and_settled() {
    for cloud in databases::each(&["no-ids"]).await {
        let site = cloud.open(&["--order-deadline=1s"]).await;
        let (done, said) = deskbuy(&site, &[]).await;
        assert!(done && said.starts_with("No order needs a person.\nRead from "), "{said}");
        for token in ["t-1", "t-2"] {
            site.order(&purchase(token)).await;
            assert_eq!(site.settled(token).await["state"], "unresolved");
        }
        let (_, list) = deskbuy(&site, &[]).await;
        assert!(
            list.contains("t-1  CreateDesktop in cn-hangzhou for the key's own account")
                && list.contains("UserName zhang.san"),
            "{list}"
        );

        let desktop = site.state().desktops[0].id.clone();
        let placed = ["resolve", "t-1", "--placed", "--desktop-id", &desktop, "--note", "seen in the console"];
        let (done, said) = deskbuy(&site, &placed).await;
        assert!(done && said.contains("t-1 is placed\n"), "{said}");
        // Who did it is in an audit line.
        assert!(said.contains("audit") && said.contains("by=") && said.contains("seen in the console"), "{said}");
        let shown = [deskbuy(&site, &["show", "t-1"]).await.1, deskbuy(&site, &["show", "t-2"]).await.1];
        assert!(!shown[0].contains("given up") && shown[1].contains(", given up "), "{shown:?}");
        // Of a settled one there is nothing to find out.
        let is_open =
            shown.each_ref().map(|shown| shown.contains("What to look for") && shown.contains("Then: deskbuy"));
        assert_eq!(is_open, [false, true], "{shown:?}");
        let order = site.settled_with_history("t-1").await;
        assert_eq!((&order["state"], &order["desktop_id"]), (&json!("placed"), &json!(desktop)));
        assert!(order.get("problem").is_none());
        let line = order["history"].as_array().unwrap().last().unwrap();
        assert_eq!((&line["event"], &line["note"]), (&json!("confirmed"), &json!("seen in the console")));
        assert_eq!(site.get("/api/desktops").await.json()["desktops"][0]["desktop_id"], desktop);

        let rejected = ["resolve", "t-2", "--rejected", "--note", "not in the console"];
        assert!(deskbuy(&site, &rejected).await.0);
        let order = site.settled("t-2").await;
        assert_eq!((&order["state"], &order["problem"]["outcome"]), (&json!("rejected"), &json!("rejected")));
        assert!(deskbuy(&site, &[]).await.1.starts_with("No order needs a person.\n"));

        let (done, said) = deskbuy(&site, &rejected).await;
        assert!(!done && said.contains("only an unresolved one"), "{said}");
    }
}

#[tokio::test]
async fn what_is_no_finding_is_refused() {
    let site = Site::with(&[]).await;
    let check = async |arguments: &[&str], expect: &str| {
        let (done, said) = deskbuy(&site, arguments).await;
        assert!(!done && said.contains(expect), "{arguments:?}: {said}");
    };
    check(&["resolve", "t-1", "--placed", "--note", "x"], "there is no order t-1").await;
    check(&["resolve", "t-1", "--note", "x"], "--placed").await;
    check(&["resolve", "t-1", "--placed", "--rejected", "--note", "x"], "cannot be used with").await;
    check(&["resolve", "t-1", "--placed"], "--note").await;
    check(&["resolve", "t-1", "--placed", "--note", " "], "1 to 500 characters").await;
    check(&["resolve", "t-1", "--rejected", "--desktop-id", "d", "--note", "x"], "cannot be used with").await;
    check(&["--database-url=mysql://localhost/deskbuy"], "must begin with sqlite://").await;
}
