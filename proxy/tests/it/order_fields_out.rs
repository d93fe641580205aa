//! Where the values of order fields go: into files and notifications, and never to the cloud.

use std::sync::{Arc, Mutex};

use serde_json::json;
use shared::csv;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    databases,
    notifications::flag as targets_flag,
    order_fields::{change_at, flag, with},
    receiver::Receiver,
    site::{Cloud, purchase, release, renewal, subscription},
};

#[tokio::test]
async fn files_have_a_column_for_each_field() {
    for cloud in databases::each(&[]).await {
        let flag = flag(&cloud);
        let site = cloud.open(&[&flag]).await;
        let ordered = json!({ "cost_centre": "CN-4711", "ticket": "=1+1" });
        site.order(&with(purchase("t-1"), &ordered)).await;
        site.settled("t-1").await;
        let values = ["CN-4711", "", "=1+1"].map(str::to_owned);
        for (path, names) in [
            ("/api/orders.csv?lang=en", ["Cost centre", "Department", "Ticket"]),
            ("/api/desktops.csv?lang=zh", ["成本中心", "部门", "工单号"]),
        ] {
            let text = String::from_utf8(site.get(path).await.body).unwrap();
            let rows = csv::read(&text);
            let last = |row: &[String]| row[row.len() - 3..].to_vec();
            assert_eq!((last(&rows[0]), last(&rows[1])), (names.map(str::to_owned).to_vec(), values.to_vec()));
            assert!(text.contains("CN-4711,,'=1+1"), "no spreadsheet takes it for a formula: {text}");
            assert_eq!(rows[0].len(), rows[1].len());
        }
        let found = String::from_utf8(site.get("/api/orders.csv?q=4712").await.body).unwrap();
        assert_eq!(csv::read(&found).len(), 1, "the header alone");
    }
}

#[tokio::test]
async fn targets_are_told_what_tells_of_nobody_and_the_rest_where_the_settings_say_so() {
    let (plain, personal, robot) = (Receiver::willing().await, Receiver::willing().await, Receiver::willing().await);
    let cloud = Cloud::new(simulator::Config::default()).await;
    let targets = [
        ("name = \"plain\"\nkind = \"webhook\"\nSECRET", &plain),
        ("name = \"personal\"\nkind = \"webhook\"\npersonal_data = true\nSECRET", &personal),
        ("name = \"robot\"\nkind = \"wecom\"", &robot),
    ];
    let (fields, notifications) = (flag(&cloud), targets_flag(&cloud, &targets));
    let site = cloud.open(&[&fields, &notifications]).await;
    site.order(&with(purchase("t-1"), &json!({ "cost_centre": "CN-4711", "ticket": "for zhang.san" }))).await;
    let told = plain.wait_for(1).await[0].json();
    assert_eq!(told["order"]["fields"], json!({ "cost_centre": "CN-4711" }), "{told}");
    let told = personal.wait_for(1).await[0].json();
    assert_eq!(told["order"]["fields"], json!({ "cost_centre": "CN-4711", "ticket": "for zhang.san" }), "{told}");
    let said = robot.wait_for(1).await[0].json()["text"]["content"].as_str().unwrap().to_owned();
    assert!(said.contains("成本中心 CN-4711") && !said.contains("zhang.san"), "{said}");
}

/// Passes everything on to the simulator, and keeps what it was sent.
async fn recorder(cloud: &mut Cloud) -> Arc<Mutex<Vec<u8>>> {
    let (sent, to) = (Arc::new(Mutex::new(Vec::new())), cloud.address);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    cloud.address = listener.local_addr().unwrap();
    let kept = Arc::clone(&sent);
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let (mut near_in, mut near_out) = near.into_split();
            let (mut far_in, mut far_out) = TcpStream::connect(to).await.unwrap().into_split();
            let kept = Arc::clone(&kept);
            tokio::spawn(async move {
                let mut part = [0; 4096];
                while let Ok(length @ 1..) = near_in.read(&mut part).await {
                    kept.lock().unwrap().extend_from_slice(&part[..length]);
                    far_out.write_all(&part[..length]).await.unwrap();
                }
            });
            tokio::spawn(async move { tokio::io::copy(&mut far_in, &mut near_out).await });
        }
    });
    sent
}

#[tokio::test]
async fn nothing_of_them_is_sent_to_the_cloud() {
    let mut cloud = Cloud::new(simulator::Config::default()).await;
    let sent = recorder(&mut cloud).await;
    let flag = flag(&cloud);
    let site = cloud.open(&[&flag]).await;
    let values = json!({ "cost_centre": "XQ-9173", "ticket": "zebra-9173" });
    site.order(&with(subscription("t-1"), &values)).await;
    let placed = site.settled("t-1").await;
    let desktop = placed["desktop_id"].as_str().unwrap();
    change_at(&site, ("x", "y"), "t-1", &json!({ "ticket": "zebra-9174" })).await;
    site.order(&with(renewal("t-2", desktop, 1), &json!({ "ticket": "zebra-9175" }))).await;
    site.settled("t-2").await;
    site.order(&with(purchase("t-3"), &values)).await;
    let by_the_hour = site.settled("t-3").await;
    site.order(&release("t-4", by_the_hour["desktop_id"].as_str().unwrap())).await;
    assert_eq!(site.settled("t-4").await["state"], "placed");
    let sent = String::from_utf8_lossy(&sent.lock().unwrap()).to_lowercase();
    assert!(sent.contains("createdesktop") && sent.contains("renewdesktop") && sent.contains("deletedesktop"));
    for secret in ["9173", "zebra", "xq-", "orderfields", "cost_centre", "ticket"] {
        assert!(!sent.contains(secret), "{secret}");
    }
}
