//! Proxies that find an empty PostgreSQL database at the same moment.

use crate::{binary::deskbuy, postgres::Postgres};

const MISSING: &str = "/usr/lib/postgresql has a server (Debian: apt install postgresql)";

/// As the replicas of a first deployment do. One creates the tables, and the others wait for it.
#[tokio::test]
async fn proxies_that_start_at_once_create_the_database_once() {
    let server = Postgres::start(false).expect(MISSING);
    for database in ["one", "two", "three"] {
        let url = server.create(database).await;
        let started: Vec<_> = (0..4)
            .map(|_| {
                let mut command = deskbuy(&["migrate", "--database-url", &url]);
                tokio::task::spawn_blocking(move || command.output().unwrap())
            })
            .collect();
        for migrated in started {
            let migrated = migrated.await.unwrap();
            assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
        }
    }
}
