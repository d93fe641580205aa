//! PostgreSQL behind pgbouncer, with the setting that deploy/README.md asks for.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use simulator::Config;

use crate::{
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

impl Pooler {
    /// Starts one on a port, with session pooling.
    async fn start(server: &Postgres, port: u16) -> Self {
        let user = Unprivileged::here();
        let folder = empty_folder(user.as_ref());
        let settings = folder.join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host=127.0.0.1 port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             auth_type = any\nunix_socket_dir =\npool_mode = session\nignore_startup_parameters = extra_float_digits\n\
             default_pool_size = 20\nlogfile = {}\n[users]\n",
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
    let server = Postgres::start(false).expect(MISSING);
    server.create("desk").await;
    let pooler = Pooler::start(&server, free_port()).await;
    let port = pooler.port;
    let cloud = Cloud::new(Config::default()).await.in_database(format!("postgres://deskbuy@127.0.0.1:{port}/desk"));
    let first = cloud.open(&[]).await;
    let second = first.beside(&[]).await;
    place_all(&first, 3).await;
    all_are_placed_once(&first, 3).await;
    drop(pooler);
    let _pooler = Pooler::start(&server, port).await;
    for site in [&first, &second] {
        until(async || site.get("/api/orders?q=zhang").await.status == 200).await;
        assert_eq!(site.get("/api/orders?q=zhang").await.json()["orders"].as_array().unwrap().len(), 3);
    }
    let order = second.order(&purchase("after")).await;
    assert_eq!(order["token"], "after", "{order}");
    assert_eq!(second.settled("after").await["state"], "placed");
}
