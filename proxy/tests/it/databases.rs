//! The databases that a journal can be in: SQLite, and a PostgreSQL server that all tests of the binary share.

use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering},
};

use simulator::Config;

use crate::{postgres::Postgres, site::Cloud};

/// A new database on the shared server. Fails where no server is installed: what is not tested must not seem to be.
pub(crate) async fn fresh() -> String {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = tokio::task::spawn_blocking(|| SERVER.get_or_init(|| Postgres::start(false))).await.unwrap();
    let server = server.as_ref().expect("/usr/lib/postgresql has a server (Debian: apt install postgresql)");
    server.create(&format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed))).await
}

/// A cloud with its journal in each of the databases.
pub(crate) async fn each(scenarios: &[&str]) -> Vec<Cloud> {
    let scenarios: Vec<_> = scenarios.iter().map(|name| name.parse().unwrap()).collect();
    let config = || Config { scenarios: scenarios.clone(), ..Config::default() };
    vec![Cloud::new(config()).await, Cloud::new(config()).await.on_postgres().await]
}
