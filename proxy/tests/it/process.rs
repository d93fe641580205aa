//! The binary `deskbuy` as a process: config errors, help, output, and the stop.

use std::process::Output;

use simulator::Config;
use sqlx::Connection;

use crate::{
    binary::{Running, deskbuy},
    site::Cloud,
};

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn no_start_without_credentials() {
    let output = deskbuy(&["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("ALIBABA_CLOUD_ACCESS_KEY_ID"), "{output:?}");
}

#[test]
fn a_variable_that_no_setting_has_ends_the_start() {
    let refused = |variables: &[(&str, &str)]| {
        let output = deskbuy(&["serve", "--listen=0.0.0.0:0"]).envs(variables.iter().copied()).output().unwrap();
        assert!(!output.status.success());
        stderr(&output)
    };
    let said = refused(&[("DESKBUY_OWNER_CLAM", "account"), ("DESKBUY_ORDER_DEDLINE", "5m")]);
    for meant in ["is DESKBUY_OWNER_CLAIM meant?", "is DESKBUY_ORDER_DEADLINE meant?"] {
        assert!(said.contains(meant), "{said}");
    }
    // What Kubernetes sets is no setting, and what is empty is not set.
    let said = refused(&[
        ("DESKBUY_SERVICE_HOST", "10.0.0.1"),
        ("DESKBUY_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
        ("DESKBUY_RATE_LIMIT", ""),
        ("DESKBUY_LOG_FORMAT", " "),
        ("DESKBUY_ORDER_DEADLINE", ""),
        ("DESKBUY_NO_SUCH", ""),
    ]);
    let is_start = said.contains("DESKBUY_LISTEN") && !said.contains("is no setting");
    assert!(is_start && !said.contains("RATE_LIMIT"), "{said}");
}

#[tokio::test]
async fn a_check_does_what_a_start_does_and_changes_nothing() {
    let cloud = Cloud::new(Config::default()).await;
    let endpoint = format!("http://{}", cloud.address);
    let check = async |database: String, more: &[&str]| {
        let mut command = deskbuy(&["check", "--endpoint-clouddesktop", &endpoint, "--endpoint-vpc", &endpoint]);
        command.arg("--database-url").arg(&database).args(more);
        command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "demo-id").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "demo-secret");
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output))
    };
    let file = cloud.folder.path().join("checked.sqlite");
    let (well, said) = check(format!("sqlite://{}", file.display()), &[]).await;
    assert!(
        well && said.contains("a start would make it") && said.contains("listen = 127.0.0.1:8080 (default)"),
        "{said}"
    );
    assert!(!file.exists() && !said.contains("demo-secret"), "{said}");
    let (well, said) = check(cloud.database_url(), &["--page=/no/such/folder"]).await;
    assert!(well && said.contains("WARN   page: There is no page in the folder"), "{said}");
    let prices = concat!("--prices=", env!("CARGO_MANIFEST_DIR"), "/../deploy/prices.example.toml");
    let (well, said) = check(cloud.database_url(), &[prices]).await;
    let line = said.lines().find(|line| line.starts_with("ok     prices: "));
    assert!(well && line.is_some_and(|line| line.ends_with("in CNY")), "{said}");
    std::fs::write(&file, "a text").unwrap();
    let (well, said) = check(format!("sqlite://{}", file.display()), &[]).await;
    assert!(!well && said.contains("FAILED database"), "{said}");
    assert_eq!(std::fs::read(&file).unwrap(), b"a text");
    let (well, said) = check(cloud.database_url(), &["--regions=nowhere!"]).await;
    assert!(!well && said.contains("DESKBUY_REGIONS"), "{said}");
    let nowhere = cloud.folder.path().join("no-such-folder/checked.sqlite");
    let (well, said) = check(format!("sqlite://{}", nowhere.display()), &[]).await;
    assert!(!well && said.contains("FAILED database") && said.contains("it cannot be made"), "{said}");
    let sign_in = ["--oidc-issuer=http://127.0.0.1:1", "--oidc-client-id=x", "--buyers=*"];
    let (well, said) = check(cloud.database_url(), &sign_in).await;
    assert!(!well && said.contains("FAILED provider of sign-in"), "{said}");
}

#[tokio::test]
async fn the_operators_commands_open_journals_only() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.sqlite");
    let url = format!("sqlite://{}", file.display());
    let run = async |arguments: &[&str]| {
        let mut command = deskbuy(arguments);
        command.env("DESKBUY_DATABASE_URL", &url).current_dir(folder.path());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output))
    };
    let (done, said) = run(&["orders"]).await;
    assert!(!done && said.contains("there is no file") && !file.exists(), "{said}");
    let (done, said) = run(&["sessions", "end", "ann"]).await;
    assert!(!done && said.contains("there is no file") && !file.exists(), "{said}");

    let mut other = sqlx::SqliteConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
    sqlx::raw_sql("CREATE TABLE orders (id INTEGER)").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    let before = std::fs::read(&file).unwrap();
    let (done, said) = run(&["orders"]).await;
    assert!(!done && said.contains("is not a journal of deskbuy"), "{said}");
    assert_eq!(std::fs::read(&file).unwrap(), before, "nothing is changed");
    for command in ["migrate", "orders"] {
        let (done, said) = run(&[command]).await;
        assert!(!done && said.contains("is not a journal of deskbuy"), "{said}");
        assert_eq!(std::fs::read(&file).unwrap(), before, "{command} changes nothing");
    }
    std::fs::write(&file, "Nothing of the kind.").unwrap();
    for command in ["migrate", "orders"] {
        let (done, said) = run(&[command]).await;
        assert!(!done && said.contains("is not a journal of deskbuy") && !said.contains("ERROR"), "{said}");
    }

    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
    let (done, said) = run(&["migrate"]).await;
    assert!(done && said.contains("is up to date"), "{said}");
    let (done, said) = run(&["orders"]).await;
    assert!(done && said.contains(&format!("Read from {}", file.display())), "{said}");
}

#[tokio::test]
async fn a_database_that_cannot_be_written_makes_the_proxy_unready() {
    let cloud = Cloud::new(Config::default()).await;
    let file = cloud.folder.path().join("journal.sqlite");
    // What has come of an order cannot be written down at the end, and is not waited for.
    let running = Running::serving(&cloud, &["--drain=300ms"]);
    let http = crate::site::http();
    let ready = async || crate::site::Reply::of(http.get(running.admin("/ready"))).await;
    let order = async |token: &str| {
        let body = serde_json::json!({ "operations": [crate::site::purchase(token)] }).to_string();
        let request = http.post(running.page("/api/orders")).header("content-type", "application/json").body(body);
        crate::site::Reply::of(request).await
    };
    assert_eq!((ready().await.status, order("t-1").await.status), (200, 202));
    let aside = cloud.folder.path().join("aside.sqlite");
    std::fs::rename(&file, &aside).unwrap();
    let refused = order("t-2").await;
    assert_eq!(refused.problem("journal_unavailable")["detail"], "Cause: the database file was removed or replaced.");
    let reply = ready().await;
    assert_eq!(
        (reply.status, reply.body),
        (503, b"the journal cannot be written: the database file was removed or replaced\n".to_vec())
    );
    std::fs::rename(&aside, &file).unwrap();
    assert_eq!((ready().await.status, order("t-2").await.status), (200, 202));
    // SQLite writes on into a log that is gone, and a restart would know nothing of it.
    std::fs::remove_file(cloud.folder.path().join("journal.sqlite-wal")).unwrap();
    order("t-3").await.problem("journal_unavailable");
    assert_eq!(ready().await.status, 503);
    assert!(running.stop().await.well);
    let running = Running::serving(&cloud, &[]);
    let orders = crate::site::Reply::of(http.get(running.page("/api/orders"))).await.json();
    assert_eq!(orders["orders"].as_array().map(Vec::len), Some(2), "the stop has written all into the file: {orders}");
    assert!(running.stop().await.well);
}

#[tokio::test]
async fn a_database_has_several_hosts_and_may_be_read_only() {
    let url = crate::databases::fresh().await;
    // Nobody listens at the first one.
    let several = url.replacen("@127.0.0.1:", "@127.0.0.1:1,127.0.0.1:", 1) + "?target_session_attrs=read-write";
    let http = crate::site::http();
    let start = |url: &str| {
        let listen = ["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--log-format=json"];
        let mut command = deskbuy(&[&listen[..], &["--database-url", url]].concat());
        command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "demo-id").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "demo-secret");
        Running::start(command, &["admin", "page"])
    };
    let ready = async |running: &Running| {
        let reply = crate::site::Reply::of(http.get(running.admin("/ready"))).await;
        (reply.status, String::from_utf8(reply.body).unwrap())
    };
    let running = start(&several);
    assert_eq!(ready(&running).await, (200, "ready\n".to_owned()));
    assert!(running.stop().await.well);

    let name = url.rsplit_once('/').unwrap().1;
    let mut other = sqlx::PgConnection::connect(&url).await.unwrap();
    let statement = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut other).await.unwrap();
    let running = start(&url);
    let cause = "the journal cannot be written: the database is read-only\n".to_owned();
    assert_eq!(ready(&running).await, (503, cause));
    assert!(running.stop().await.well);
}

#[tokio::test]
async fn a_database_that_is_not_there_yet_is_waited_for() {
    let url = crate::databases::fresh().await;
    let port: u16 = url.rsplit_once(':').unwrap().1.split('/').next().unwrap().parse().unwrap();
    // A port where nobody listens yet, and from which connections then go to the server.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let url = url.replace(&format!(":{port}/"), &format!(":{}/", address.port()));
    let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (page, admin) = (free(), free());
    let starting = std::thread::spawn(move || {
        let (page, admin) = (format!("--listen={page}"), format!("--admin-listen={admin}"));
        let listen = ["serve", &page, &admin, "--log-format=json"];
        let mut command = deskbuy(&[&listen[..], &["--database-url", &url]].concat());
        command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "demo-id").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "demo-secret");
        Running::start(command, &["admin", "page"])
    });
    let http = crate::site::http();
    let get = async |at: std::net::SocketAddr, path: &str| {
        let response = http.get(format!("http://{at}{path}")).send().await.ok()?;
        Some((response.status().as_u16(), response.text().await.ok()?))
    };
    let cause = "waiting for the database: the database cannot be reached";
    while get(admin, "/ready").await != Some((503, format!("{cause}\n"))) {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(get(admin, "/live").await, Some((200, "live\n".to_owned())));
    let (status, told) = get(page, "/api/session").await.unwrap();
    assert!(status == 503 && told.contains(cause), "{told}");
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut far = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    let running = tokio::task::spawn_blocking(move || starting.join().unwrap()).await.unwrap();
    assert_eq!(get(admin, "/ready").await, Some((200, "ready\n".to_owned())));
    assert_eq!(get(page, "/api/session").await.unwrap().0, 200);
    let ended = running.stop().await;
    assert!(ended.well && ended.saying("the database is available").len() == 1, "{}", ended.log);
    assert!(
        ended.log.contains("waiting for the database") && ended.log.contains("Connection refused"),
        "{}",
        ended.log
    );
}

#[test]
fn a_level_that_is_none_ends_the_start() {
    for level in ["verbose", "info,loud", "sqlx=loud", "info sqlx=warn", "info;sqlx=warn", "=info", "sqlx=", ","] {
        let output = deskbuy(&["serve", "--log", level]).output().unwrap();
        assert!(!output.status.success() && stderr(&output).contains("DESKBUY_LOG"), "{level}: {output:?}");
    }
}

#[test]
fn no_start_for_all_the_world() {
    let mut command = deskbuy(&["serve", "--listen=0.0.0.0:0"]);
    command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "an-id").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "a-secret");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    for setting in ["DESKBUY_LISTEN", "DESKBUY_OIDC_ISSUER", "DESKBUY_PUBLIC_URL"] {
        assert!(stderr(&output).contains(setting), "{output:?}");
    }
    assert!(!stderr(&output).contains("a-secret"));
}

#[test]
fn help_explains_each_setting() {
    let output = deskbuy(&["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for setting in
        ["DESKBUY_LISTEN", "DESKBUY_ENDPOINT_CLOUDDESKTOP", "DESKBUY_DATABASE_URL", "ALIBABA_CLOUD_ACCESS_KEY_ID"]
    {
        assert!(help.contains(setting), "{setting} is not in {help}");
    }
    // Every flag has a sentence of its own.
    for block in help.split("\n\n").filter(|block| block.trim_start().starts_with("--")) {
        assert!(block.trim().lines().count() > 1, "{block}");
    }
}

#[tokio::test]
async fn serves_prints_addresses_and_stops_on_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("journal.sqlite").display());
    let page = folder.path().display().to_string();
    let flags =
        ["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--database-url", &database, "--page", &page];
    let mut command = deskbuy(&flags);
    command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "an-id").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "a-secret");
    let running = Running::start(command, &["admin", "page"]);
    assert!(
        running.addresses[1]
            .ends_with("/?commodityCode=CloudDesktopPost&request={%22region%22:%22cn-hangzhou%22}#/buy"),
        "{:?}",
        running.addresses
    );
    assert!(running.stop().await.well);
}

#[cfg(feature = "demo")]
#[tokio::test]
async fn the_demo_needs_nothing() {
    let flags = ["demo", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--simulator-listen=127.0.0.1:0"];
    let running = Running::start(
        deskbuy(&[&flags[..], &["--page", "no-such-folder"]].concat()),
        &["simulator", "approval", "admin", "page"],
    );
    let http = crate::site::http();
    let get = async |path: &str| crate::site::Reply::of(http.get(running.page(path))).await;
    assert_eq!(get("/api/session").await.json()["demo"], true);
    assert_eq!(get("/api/DescribeZones?RegionId=cn-hangzhou").await.status, 200);
    assert!(running.stop().await.well);
}
