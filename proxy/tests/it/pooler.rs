//! PostgreSQL behind pgbouncer, by session and by transaction, with the settings that deploy/README.md asks for.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use simulator::Config;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};

use crate::{
    binary::serve,
    facts::{all_are_placed_once, place_all, until},
    postgres::{Postgres, Unprivileged, empty_folder, run_as},
    site::{Cloud, purchase},
};

const MISSING: &str = "/usr/lib/postgresql has a server (Debian: apt install postgresql)";

/// A pooler in front of a server, until this is dropped.
struct Pooler {
    child: Child,
    port: u16,
}

/// What a connection of the server is given out for.
#[derive(Clone, Copy, Debug)]
enum Mode {
    Session,
    Transaction,
}

impl Pooler {
    /// Starts one on a port.
    async fn start(server: &Postgres, port: u16, mode: Mode) -> Self {
        let user = Unprivileged::here();
        let folder = empty_folder(user.as_ref());
        let settings = folder.join("pgbouncer.ini");
        // By transaction with fewer connections than one proxy has, so that they change hands.
        let (mode, size) = match mode {
            Mode::Session => ("session", 20),
            Mode::Transaction => ("transaction", 3),
        };
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             auth_type = any\nunix_socket_dir =\npool_mode = {mode}\nignore_startup_parameters = extra_float_digits\n\
             default_pool_size = {size}\nlogfile = {}\n[users]\n",
            server.port,
            folder.join("log").display(),
        );
        // With `any`, everybody is this user at the server.
        let text = text.replace("* = host", "* = user=deskbuy host");
        std::fs::write(&settings, text).unwrap();
        let mut command = Command::new("pgbouncer");
        command.arg(&settings).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
        let child = run_as(&mut command, user.as_ref())
            .spawn()
            .expect("pgbouncer is installed (Debian: apt install pgbouncer)");
        until(async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
        Self { child, port }
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Two proxies take and drive orders through a pooler, also after it was replaced under them.
#[tokio::test]
async fn orders_go_through_a_pooler_of_sessions() {
    orders_go_through(Mode::Session, "").await;
}

#[tokio::test]
async fn orders_go_through_a_pooler_of_transactions() {
    orders_go_through(Mode::Transaction, "?pgbouncer=true").await;
}

/// The cause is told where the address does not say so.
#[tokio::test]
async fn a_pooler_of_transactions_is_told_of() {
    let server = Postgres::start(false).expect(MISSING);
    server.create("desk").await;
    let pooler = Pooler::start(&server, free_port(), Mode::Transaction).await;
    let url = format!("postgres://deskbuy@127.0.0.1:{}/desk", pooler.port);
    // As another proxy leaves a connection of the server behind.
    sqlx::any::install_default_drivers();
    let mut other = AnyConnection::connect(&url).await.unwrap();
    for number in 1..10 {
        let prepare = format!("PREPARE sqlx_s_{number} AS SELECT 1");
        sqlx::raw_sql(AssertSqlSafe(prepare)).execute(&mut other).await.unwrap();
    }
    let cloud = Cloud::new(Config::default()).await.in_database(url);
    let mut command = serve(&cloud, &[]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("pgbouncer=true"), "{said}");
}

async fn orders_go_through(mode: Mode, attributes: &str) {
    let server = Postgres::start(false).expect(MISSING);
    server.create("desk").await;
    let pooler = Pooler::start(&server, free_port(), mode).await;
    let port = pooler.port;
    let url = format!("postgres://deskbuy@127.0.0.1:{port}/desk{attributes}");
    let cloud = Cloud::new(Config::default()).await.in_database(url);
    let first = cloud.open(&[]).await;
    let second = first.beside(&[]).await;
    place_all(&first, 3).await;
    all_are_placed_once(&first, 3).await;
    drop(pooler);
    let _pooler = Pooler::start(&server, port, mode).await;
    for site in [&first, &second] {
        until(async || site.get("/api/orders?q=zhang").await.status == 200).await;
        assert_eq!(site.get("/api/orders?q=zhang").await.json()["orders"].as_array().unwrap().len(), 3);
    }
    let order = second.order(&purchase("after")).await;
    assert_eq!(order["token"], "after", "{order}");
    assert_eq!(second.settled("after").await["state"], "placed");
}
