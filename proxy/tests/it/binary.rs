//! Runs the binary `deskbuy` as a process: starts it, stops it, and reads its log.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    thread::JoinHandle,
};

use serde_json::Value;

use crate::site::Cloud;

/// The binary with these arguments, and nothing of the environment that the tests run in.
pub(crate) fn deskbuy(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbuy"));
    command.args(arguments).env_clear();
    // Nobody asks a machine of the cloud who it is; the tests may well run on one.
    command.env("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// `deskbuy serve` in front of a simulator, with more flags, and its log in JSON.
pub(crate) fn serve(cloud: &Cloud, flags: &[&str]) -> Command {
    serve_at(cloud, &format!("http://{}", cloud.address), flags)
}

/// The same, where the simulator is called by another address.
pub(crate) fn serve_at(cloud: &Cloud, endpoint: &str, flags: &[&str]) -> Command {
    let (page, database) = (cloud.folder.path().join("page"), cloud.database_url());
    let mut command = deskbuy(&["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--log-format=json"]);
    command.args(["--endpoint-clouddesktop", endpoint, "--endpoint-vpc", endpoint, "--database-url", &database]);
    command.arg("--page").arg::<&Path>(&page).args(flags);
    command.env("ALIBABA_CLOUD_ACCESS_KEY_ID", "demo-id").env("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "demo-secret");
    command
}

/// A process that has said where it listens. Dropped, it is killed.
pub(crate) struct Running {
    child: Killed,
    pub(crate) addresses: Vec<String>,
    log: JoinHandle<String>,
}

/// A process that does not outlive the test, also if that fails.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How a process ended.
pub(crate) struct Ended {
    /// Of its own accord, and with nothing to complain about.
    pub(crate) well: bool,
    /// All that it wrote to standard error.
    pub(crate) log: String,
}

impl Running {
    /// Reads one line for each of these names.
    pub(crate) fn start(mut command: Command, names: &[&str]) -> Self {
        let mut child = Killed(command.spawn().unwrap());
        let mut errors = child.0.stderr.take().unwrap();
        // Read all the time, or the process would wait for room in the pipe.
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).unwrap();
            text
        });
        let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
        let address = |name: &&str| {
            let line = lines.next().unwrap().unwrap();
            line.strip_prefix(&format!("deskbuy: {name} http://")).unwrap_or_else(|| panic!("{line}")).to_owned()
        };
        let addresses = names.iter().map(address).collect();
        Self { child, addresses, log }
    }

    /// `deskbuy serve`, once it listens.
    pub(crate) fn serving(cloud: &Cloud, flags: &[&str]) -> Self {
        Self::start(serve(cloud, flags), &["admin", "page"])
    }

    /// An address of the page's listener.
    pub(crate) fn page(&self, path: &str) -> String {
        let page = self.addresses.last().unwrap().split('/').next().unwrap();
        format!("http://{page}{path}")
    }

    /// An address of the admin listener.
    pub(crate) fn admin(&self, path: &str) -> String {
        let admin = &self.addresses[self.addresses.len() - 2];
        format!("http://{admin}{path}")
    }

    /// Sends SIGTERM.
    pub(crate) fn ask_to_stop(&self) {
        self.signal("TERM");
    }

    /// Sends a signal, by its name without SIG.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.0.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    /// Waits for the end.
    pub(crate) async fn ended(mut self) -> Ended {
        let end = move || {
            let well = self.child.0.wait().unwrap().success();
            Ended { well, log: self.log.join().unwrap() }
        };
        tokio::task::spawn_blocking(end).await.unwrap()
    }

    /// Asks it to stop, and waits for that.
    pub(crate) async fn stop(self) -> Ended {
        self.ask_to_stop();
        self.ended().await
    }
}

impl Ended {
    /// The lines of a log in JSON. Every line must be one.
    #[track_caller]
    pub(crate) fn lines(&self) -> Vec<Value> {
        let line = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| panic!("not JSON: {text}"));
        self.log.lines().map(line).collect()
    }

    /// The lines that say this.
    #[track_caller]
    pub(crate) fn saying(&self, message: &str) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line["message"] == message).collect()
    }
}
