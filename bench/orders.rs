//! Orders a second and how long people wait for them: the real proxy over real sockets, on both databases, each of them
//! writing to the disk as it does in earnest. Prints a table and judges nothing.
//!
//! The upstream is a simulator that never answers a purchase, so that what is measured is acceptance and not driving.

#[path = "../proxy/tests/support/postgres.rs"]
mod postgres;

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use clap::{Args, FromArgMatches};
use cloud::{AccessKey, CredentialsSource};
use postgres::Postgres;
use proxy::{server::Server, settings::ServeArgs};
use serde_json::{Value, json};
use simulator::{Config, Simulator};
use sqlx::{AnyConnection, AssertSqlSafe, Connection};
use tokio::{net::TcpListener, sync::oneshot, task::JoinSet};

/// Orders of the long list.
const LONG: usize = 1_000_000;
/// Orders that wait for the driver, in batches of a hundred.
const WAITING: usize = 200_000;

#[tokio::main]
async fn main() {
    sqlx::any::install_default_drivers();
    println!("{:12} {:38} {:>10} {:>9} {:>9} {:>9}", "database", "what", "orders/s", "p50 ms", "p99 ms", "max ms");
    let databases = std::env::var("DATABASES").unwrap_or_else(|_| "sqlite,postgres".to_owned());
    let has = |database: &str| databases.split(',').any(|one| one == database);
    if has("sqlite") {
        let folder = tempfile::tempdir().unwrap();
        measure("SQLite", &format!("sqlite://{}", folder.path().join("journal.sqlite").display())).await;
    }
    if !has("postgres") {
        return;
    }
    match Postgres::start(true) {
        Some(server) => measure("PostgreSQL", &server.create("bench").await).await,
        None => println!("PostgreSQL   no server is installed (Debian: apt install postgresql)"),
    }
}

async fn measure(name: &str, database: &str) {
    let parts = std::env::var("PARTS").unwrap_or_else(|_| "rates,waiting,lists".to_owned());
    let has = |part: &str| parts.split(',').any(|one| one == part);
    if has("rates") {
        rates(name, database).await;
    }
    if has("waiting") {
        let site = Site::start(database).await;
        waiting(name, &site).await;
        site.stop().await;
    }
    if has("lists") {
        lists(name, database).await;
    }
}

/// How many orders a second are accepted, from how many clients.
async fn rates(name: &str, database: &str) {
    let site = Site::start(database).await;
    for (what, clients, each, batch) in [
        ("POST of 1 order, 1 client", 1, 400, 1),
        ("POST of 1 order, 16 clients", 16, 60, 1),
        ("POST of 1 order, 64 clients", 64, 100, 1),
        ("POST of 20 orders, 4 clients", 4, 25, 20),
        ("POST of 100 orders, 4 clients", 4, 10, 100),
        ("POST of 500 orders, 1 client", 1, 10, 500),
    ] {
        let began = Instant::now();
        let times = site.clients(clients, each, batch).await;
        let orders = clients * each * batch;
        let orders = f64::from(u32::try_from(orders).unwrap_or(u32::MAX));
        row(name, what, Some(orders / began.elapsed().as_secs_f64()), times);
    }
    site.stop().await;
}

/// Pages of a list of a million, and orders beside many readers.
async fn lists(name: &str, database: &str) {
    // The first start makes the tables.
    Site::start(database).await.stop().await;
    fill(database).await;
    let site = Site::start(database).await;
    let first = site.get("orders?limit=50").await;
    let next = first["next"].as_str().unwrap_or_default().to_owned();
    let middle = next.parse::<i64>().unwrap_or_default() - 500_000;
    for (what, path) in [
        ("first page of 1,000,000", "orders?limit=50".to_owned()),
        ("first page, 200 rows", "orders?limit=200".to_owned()),
        ("page from the middle", format!("orders?limit=50&cursor={middle}")),
        ("state", "orders?limit=50&state=unresolved".to_owned()),
        ("three states", "orders?limit=50&state=accepted,sending,unresolved".to_owned()),
        ("action, none", "orders?limit=50&action=RenewDesktop".to_owned()),
        ("region, none", "orders?limit=50&region=cn-beijing".to_owned()),
        ("user", "orders?limit=50&user=user-77".to_owned()),
        ("the last quarter of an hour", "orders?limit=50&within=900".to_owned()),
        ("before all", "orders?limit=50&until=1".to_owned()),
        ("search, found at once", "orders?limit=50&q=user-1".to_owned()),
        ("search, one row", "orders?limit=50&q=long-99999%0A".to_owned()),
        ("search, not found", "orders?limit=50&q=nobody-at-all".to_owned()),
        ("search, all have its parts, none it", "orders?limit=50&q=sk-des".to_owned()),
        ("search, signs alone, not found", "orders?limit=50&q=~~~".to_owned()),
        ("search, two characters, not found", "orders?limit=50&q=~~".to_owned()),
        ("desktops", "desktops?limit=50".to_owned()),
        ("desktops, released", "desktops?limit=50&released=true".to_owned()),
        ("desktops, q=zzzz, released", "desktops?limit=50&q=zzzz&released=true".to_owned()),
        ("desktops, 60 days", "desktops?limit=100&released=false&valid_within=60".to_owned()),
        ("desktops, by end", "desktops?limit=100&released=false&sort=valid_until".to_owned()),
        ("desktops, by user", "desktops?limit=100&released=false&sort=-user".to_owned()),
        ("two filters that never meet", "orders?limit=50&region=cn-hangzhou&state=rejected".to_owned()),
        ("filter and search that never meet", "orders?limit=50&region=cn-hangzhou&q=n1.large".to_owned()),
        ("desktops, the same", "desktops?limit=50&region=cn-hangzhou&q=n1.large".to_owned()),
        ("desktops, the same, by user", "desktops?limit=50&region=cn-hangzhou&q=n1.large&sort=user".to_owned()),
        ("desktops, the same, by end", "desktops?limit=50&region=cn-shanghai&q=n1.small&sort=valid_until".to_owned()),
        ("desktops, totals", "desktops/totals?released=false".to_owned()),
    ] {
        let mut times = Vec::new();
        for _ in 0..40 {
            let began = Instant::now();
            site.get(&path).await;
            times.push(began.elapsed());
        }
        row(name, &format!("list: {what}"), None, times);
    }
    let orders = site.clients(1, 100, 1);
    let reads = futures_util::future::join_all((0..40).map(|_| read_on(&site)));
    tokio::select! {
        times = orders => row(name, "POST of 1 order, beside 40 readers", None, times),
        _ = reads => {}
    }
    let began = Instant::now();
    site.ask("orders.csv").await;
    row(name, "orders: all of them as a file", None, vec![began.elapsed()]);
    site.stop().await;
}

/// Reads without end, as one of many readers.
async fn read_on(site: &Site) {
    loop {
        site.get("desktops?limit=50&q=user-1&released=true").await;
    }
}

/// How much memory orders take that wait for the driver: of this process, in which are the clients and the cloud too.
async fn waiting(name: &str, site: &Site) {
    let before = resident();
    let began = Instant::now();
    site.clients(4, WAITING / 400, 100).await;
    let took = began.elapsed().as_secs_f64();
    println!(
        "{name:12} {WAITING} orders wait, accepted in {took:.0} s: {} MB resident, {before} MB before",
        resident()
    );
}

/// The resident memory of this process, in MB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or_default() / 1024
}

fn row(database: &str, what: &str, rate: Option<f64>, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)].as_secs_f64() * 1_000.0;
    let rate = rate.map_or_else(|| "-".to_owned(), |rate| format!("{rate:.0}"));
    println!("{database:12} {what:38} {rate:>10} {:9.1} {:9.1} {:9.1}", at(50), at(99), at(100));
}

/// A proxy in this process.
struct Site {
    http: reqwest::Client,
    page: SocketAddr,
    stop: oneshot::Sender<()>,
    running: tokio::task::JoinHandle<()>,
    run: String,
}

impl Site {
    async fn start(database: &str) -> Self {
        let scenarios = vec!["hang".parse().unwrap()];
        let simulator = Simulator::new(Config { scenarios, ..Config::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(simulator.serve(listener, std::future::pending()));
        let line = [
            "deskbuy",
            "--listen=127.0.0.1:0",
            "--admin-listen=127.0.0.1:0",
            "--drain=100ms",
            "--database-url",
            database,
        ];
        let line = line.into_iter().chain(["--endpoint-clouddesktop", &endpoint, "--endpoint-vpc", &endpoint]);
        let args = ServeArgs::augment_args(clap::Command::new("deskbuy")).get_matches_from(line);
        let credentials = CredentialsSource::Fixed(AccessKey {
            access_key_id: Config::default().access_key_id.into(),
            access_key_secret: Config::default().access_key_secret.as_str().into(),
            security_token: None,
        });
        let args = ServeArgs::from_arg_matches(&args).unwrap();
        let (settings, credentials) = args.validate(Ok(credentials)).unwrap();
        let server = Server::start(settings, credentials).await.unwrap();
        let page = server.page_address();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(server.run(async { drop(stopped.await) }));
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        Self { http, page, stop, running, run: uuid::Uuid::new_v4().simple().to_string() }
    }

    async fn stop(self) {
        let _ = self.stop.send(());
        self.running.await.unwrap();
    }

    async fn get(&self, path: &str) -> Value {
        serde_json::from_slice(&self.ask(path).await).unwrap()
    }

    /// The whole answer at a path of the API.
    async fn ask(&self, path: &str) -> Vec<u8> {
        let response = self.http.get(format!("http://{}/api/{path}", self.page)).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        response.bytes().await.unwrap().to_vec()
    }

    /// Each client sends so many batches, one after the other: how long each took.
    async fn clients(&self, clients: usize, each: usize, batch: usize) -> Vec<Duration> {
        let url: Arc<str> = format!("http://{}/api/orders", self.page).into();
        let mut all = JoinSet::new();
        for client in 0..clients {
            let (http, url, run) = (self.http.clone(), Arc::clone(&url), self.run.clone());
            all.spawn(async move {
                let mut times = Vec::new();
                for number in 0..each {
                    let token = |place| format!("{run}-{batch}-{clients}-{client}-{number}-{place}");
                    let operations: Vec<_> = (0..batch).map(|place| purchase(&token(place))).collect();
                    let body = json!({ "operations": operations }).to_string();
                    let began = Instant::now();
                    let request = http.post(&*url).header("content-type", "application/json").body(body);
                    let response = request.send().await.unwrap();
                    assert_eq!(response.status().as_u16(), 202);
                    response.bytes().await.unwrap();
                    times.push(began.elapsed());
                }
                times
            });
        }
        all.join_all().await.into_iter().flatten().collect()
    }
}

fn purchase(token: &str) -> Value {
    json!({
        "Action": "CreateDesktop", "RegionId": "cn-hangzhou", "ClientToken": token, "TypeItemId": "desktop.n1.small",
        "ChargeType": "POSTPAY", "VpcId": "vpc-bp1desk0000000000001", "ZoneId": "cn-hangzhou-b",
        "VSwitchId": "vsw-bp1desk0000000000001", "ImageId": "m-bp1sys0000000000000001", "UserName": "zhang.san",
        "UserGroup": "Users",
    })
}

/// Makes the list a long one: settled orders of many users, straight into the tables.
async fn fill(database: &str) {
    let mut connection = AnyConnection::connect(database).await.unwrap();
    // Built from all texts at once they take a fraction of the time that a million additions take.
    let mut indexes: Vec<(String, String)> = Vec::new();
    if database.starts_with("postgres") {
        let of_searches = "SELECT CAST(indexname AS TEXT), indexdef FROM pg_indexes WHERE tablename = 'searches' AND \
                           indexdef LIKE '% gin %'";
        indexes = sqlx::query_as(of_searches).fetch_all(&mut connection).await.unwrap();
        for (name, _) in &indexes {
            sqlx::raw_sql(AssertSqlSafe(format!("DROP INDEX {name}"))).execute(&mut connection).await.unwrap();
        }
    }
    // What was accepted above will never be driven.
    sqlx::query("UPDATE orders SET state = 'rejected' WHERE state IN ('accepted', 'sending')")
        .execute(&mut connection)
        .await
        .unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let last: i64 = sqlx::query_scalar("SELECT last FROM journal_head").fetch_one(&mut connection).await.unwrap();
    for chunk in (0..LONG).collect::<Vec<_>>().chunks(500) {
        let values = |number: usize| {
            let seq = last + 1 + i64::try_from(number).unwrap();
            let user = format!("user-{}", number % 1_000);
            // What the even ones have, the odd ones have not, so that filters can leave half each and never meet.
            let is_even = number.is_multiple_of(2);
            let (charge_type, region, size) =
                if is_even { ("PREPAY", "cn-hangzhou", "small") } else { ("POSTPAY", "cn-shanghai", "large") };
            let mut request = json!({
                "TypeItemId": format!("desktop.n1.{size}"), "ChargeType": charge_type, "VpcId": "vpc-1", "ZoneId": "cn-hangzhou-b",
                "VSwitchId": "vsw-1", "ImageId": "m-1", "UserName": user, "UserGroup": "Users",
                "ClientToken": format!("long-{number}"),
            });
            if is_even {
                request["Period"] = json!(1 + number % 9);
            }
            let state = match number {
                _ if number.is_multiple_of(1_000) => "unresolved",
                _ if number % 4 == 1 => "rejected",
                _ => "placed",
            };
            let released = number % 50_000 == 3;
            let has_end = is_even && state == "placed" && !released;
            let valid_until =
                if has_end { (now + number as u128 % 400 * 86_400_000).to_string() } else { "NULL".to_owned() };
            format!(
                "('long-{number}', 'CreateDesktop', '{region}', '{request}', '{state}', FALSE, 1, {seq}, {seq}, {seq}, \
                 {seq}, '{user}', 'long-{number}\n{user}\ndesktop.n1.{size}\ndesk-{number}', '', 0, 'desk-{number}', {released}, \
                 {valid_until})"
            )
        };
        let rows: Vec<_> = chunk.iter().map(|number| values(*number)).collect();
        let statement = format!(
            "INSERT INTO orders (token, action, region, request, state, in_doubt, attempts, created_at, updated_at, seq, \
             turn, user_name, search, owner, lease_until, desktop_id, released, valid_until) VALUES {}",
            rows.join(", ")
        );
        // Each by itself: in one transaction each row's counting would walk all versions of the counts that came before.
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    }
    sqlx::query("UPDATE journal_head SET last = last + $1")
        .bind(i64::try_from(LONG).unwrap())
        .execute(&mut connection)
        .await
        .unwrap();
    for (_, definition) in indexes {
        sqlx::raw_sql(AssertSqlSafe(definition)).execute(&mut connection).await.unwrap();
    }
    sqlx::raw_sql("ANALYZE").execute(&mut connection).await.unwrap();
}
