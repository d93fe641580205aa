//! A temporary PostgreSQL server for tests, from Debian's package: its data in a temporary folder, on a free port,
//! under a user that is not root. A closed pipe ends it if the test process is killed.

use std::{
    io::Read,
    net::{TcpListener, TcpStream},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// A server that runs until this is dropped.
pub(crate) struct Postgres {
    child: Child,
    pub(crate) port: u16,
    pub(crate) data: PathBuf,
}

/// Ends the server when the test that holds the other end of the pipe is gone, however it went. It may have been started
/// anew meanwhile, and so have another process.
const WATCH: &str = r#"bin=$1; data=$2; shift 2
"$bin/postgres" -D "$data" "$@" >"$data/log" 2>&1 &
read -r _ || true
"$bin/pg_ctl" -s -D "$data" -m immediate -w stop >/dev/null 2>&1; wait; rm -rf "$data""#;

impl Postgres {
    /// The newest server that is installed, if any is. `durable` writes to the disk as a real one does; without it a
    /// crash of the machine would lose data, which no test brings about.
    pub(crate) fn start(durable: bool) -> Option<Self> {
        let bin = binaries()?;
        let user = Unprivileged::here();
        let data = empty_folder(user.as_ref());
        let mut init = Command::new(bin.join("initdb"));
        init.args(["--auth=trust", "--username=deskbuy", "--encoding=UTF8", "--no-locale", "--no-sync", "-D"])
            .arg(&data);
        let output = run_as(&mut init, user.as_ref()).current_dir("/").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(Self::run(&bin, user.as_ref(), data, durable))
    }

    /// Starts a server on a folder of data.
    pub(crate) fn run(bin: &Path, user: Option<&Unprivileged>, data: PathBuf, durable: bool) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (port_text, sync) = (port.to_string(), if durable { "fsync=on" } else { "fsync=off" });
        let sockets = format!("unix_socket_directories={}", data.display());
        let mut server = Command::new("sh");
        server.args(["-c", WATCH, "sh"]).arg(bin).arg(&data).args(["-p", &port_text, "-c", sync, "-c", &sockets]);
        server.args(["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"]);
        server.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir("/");
        let child = run_as(&mut server, user).spawn().unwrap();
        let server = Self { child, port, data };
        server.wait_until_ready(bin);
        server
    }

    fn wait_until_ready(&self, bin: &Path) {
        let deadline = Instant::now() + Duration::from_mins(1);
        let port = self.port.to_string();
        let is_ready = || {
            TcpStream::connect(("127.0.0.1", self.port)).is_ok()
                && Command::new(bin.join("pg_isready"))
                    .args(["-q", "-h", "127.0.0.1", "-p", &port, "-U", "deskbuy"])
                    .status()
                    .is_ok_and(|status| status.success())
        };
        while !is_ready() {
            assert!(Instant::now() < deadline, "PostgreSQL does not start: {}", self.log());
            sleep(Duration::from_millis(50));
        }
    }

    fn log(&self) -> String {
        let mut text = String::new();
        if let Ok(mut file) = std::fs::File::open(self.data.join("log")) {
            let _ = file.read_to_string(&mut text);
        }
        text
    }

    /// The URL of a database of this name.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://deskbuy@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database; its URL.
    pub(crate) async fn create(&self, database: &str) -> String {
        use sqlx::{Connection, PgConnection};
        let mut connection = PgConnection::connect(&self.url("postgres")).await.unwrap();
        let statement = sqlx::AssertSqlSafe(format!("CREATE DATABASE {database}"));
        sqlx::query(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        self.url(database)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Where the newest server is installed.
pub(crate) fn binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest =
        versions.flatten().map(|entry| entry.path()).filter(|path| number(path).is_some()).max_by_key(number)?;
    Some(newest.join("bin")).filter(|bin| bin.join("postgres").is_file())
}

/// Whom to run the server as, where the test is root: PostgreSQL refuses root.
pub(crate) struct Unprivileged {
    uid: u32,
    gid: u32,
}

/// A new folder of that user's.
pub(crate) fn empty_folder(user: Option<&Unprivileged>) -> PathBuf {
    let folder = tempfile::Builder::new().prefix("deskbuy-postgres-").tempdir().unwrap().keep();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    if let Some(user) = user {
        std::os::unix::fs::chown(&folder, Some(user.uid), Some(user.gid)).unwrap();
    }
    folder
}

impl Unprivileged {
    pub(crate) fn here() -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
        let users = std::fs::read_to_string("/etc/passwd").unwrap();
        let fields = users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|user| user[0] == "postgres");
        let (uid, gid) = fields.map(|user| (user[2].parse().unwrap(), user[3].parse().unwrap())).unzip();
        is_root.then(|| Self { uid: uid.unwrap_or(65534), gid: gid.unwrap_or(65534) })
    }
}

pub(crate) fn run_as<'a>(command: &'a mut Command, user: Option<&Unprivileged>) -> &'a mut Command {
    match user {
        Some(user) => command.uid(user.uid).gid(user.gid),
        None => command,
    }
}
