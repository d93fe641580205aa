//! PostgreSQL with a role that may create nothing.

use simulator::Config;
use sqlx::{Connection, PgConnection};

use crate::{
    binary::deskbuy,
    facts::{all_are_placed_once, place_all},
    postgres::Postgres,
    site::Cloud,
};

const MISSING: &str = "/usr/lib/postgresql has a server (Debian: apt install postgresql)";

/// A role that may create nothing runs a current schema, and the error of another one says what to do.
#[tokio::test]
async fn a_role_that_may_create_nothing_serves_a_current_schema() {
    let server = Postgres::start(false).expect(MISSING);
    let url = server.create("desk").await;
    let clerk = url.replace("deskbuy@", "clerk@");
    let mut owner = PgConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("CREATE ROLE clerk LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        .execute(&mut owner)
        .await
        .unwrap();
    let migrate = async |url: &str| {
        let mut command = deskbuy(&["migrate", "--database-url", url]);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    };
    assert!(!migrate(&clerk).await.status.success(), "it may create tables after all");
    let migrated = migrate(&url).await;
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    let grant = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO clerk";
    sqlx::raw_sql(grant).execute(&mut owner).await.unwrap();
    let site = Cloud::new(Config::default()).await.in_database(clerk).open(&[]).await;
    place_all(&site, 3).await;
    all_are_placed_once(&site, 3).await;
    assert_eq!(site.get("/api/orders?q=zhang").await.json()["orders"].as_array().unwrap().len(), 3);
}
