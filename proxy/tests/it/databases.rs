//! The databases that a journal can be in: SQLite, and a PostgreSQL server that all tests of the binary share.

use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering},
};

use simulator::Config;

use crate::{postgres::Postgres, site::Cloud};

/// A new database on the shared server; nothing, and a line that says so, where no server is installed.
pub(crate) async fn fresh() -> Option<String> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = tokio::task::spawn_blocking(|| SERVER.get_or_init(|| Postgres::start(false))).await.unwrap();
    let Some(server) = server else {
        eprintln!("NOT TESTED ON POSTGRESQL: /usr/lib/postgresql has no server (Debian: apt install postgresql)");
        return None;
    };
    Some(server.create(&format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed))).await)
}

/// A cloud with its journal in each of the databases.
pub(crate) async fn each(scenarios: &[&str]) -> Vec<Cloud> {
    let scenarios: Vec<_> = scenarios.iter().map(|name| name.parse().unwrap()).collect();
    let config = || Config { scenarios: scenarios.clone(), ..Config::default() };
    let mut clouds = vec![Cloud::new(config()).await];
    clouds.extend(Cloud::new(config()).await.on_postgres().await);
    clouds
}
