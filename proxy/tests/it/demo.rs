//! The faults of the demo's cloud, to which the page's banner leads.

use crate::{
    binary::{Running, deskbuy},
    site::{Reply, http},
};

#[tokio::test]
async fn a_fault_is_switched_by_a_click() {
    let flags = ["demo", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--simulator-listen=127.0.0.1:0"];
    let running = Running::start(deskbuy(&flags), &["simulator", "admin", "page"]);
    let text = |reply: Reply| String::from_utf8(reply.body).unwrap();
    let page = text(Reply::of(http().get(running.page("/demo")).header("accept-language", "en")).await);
    for fault in ["sold-out-at-purchase", "slow", "commit-then-drop", "hang:CreateDesktop"] {
        assert!(page.contains(&format!("value=\"{fault}\"")), "{fault}: {page}");
    }
    assert!(page.contains("<h1>Demo: what happens when things go wrong</h1>") && page.contains("All is well · now"));
    let choose = async |fault: &str, site: &str| {
        let request = http().post(running.page("/demo")).body(format!("scenario={fault}"));
        let request =
            request.header("content-type", "application/x-www-form-urlencoded").header("accept-language", "en");
        // The page is asked for again after it.
        Reply::of(request.header("sec-fetch-site", site)).await
    };
    let chosen = choose("commit-then-drop", "same-origin").await;
    assert_eq!(chosen.status, 200);
    let page = text(chosen);
    assert!(page.contains("A lost answer · now") && !page.contains("All is well · now"), "{page}");
    assert_eq!(choose("no-such", "same-origin").await.status, 422);
    assert_eq!(choose("slow", "cross-site").await.status, 403, "no other page clicks for somebody");
    let page = text(choose("", "same-origin").await);
    assert!(page.contains("All is well · now"), "{page}");
    assert!(running.stop().await.well);
}

/// Where nothing is simulated there is nothing to switch.
#[tokio::test]
async fn a_proxy_in_front_of_the_cloud_has_no_faults() {
    let cloud = crate::site::Cloud::new(simulator::Config::default()).await;
    let site = cloud.open(&[]).await;
    assert_eq!(site.get("/demo").await.status, 404);
}
