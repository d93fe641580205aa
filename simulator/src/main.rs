//! The simulator's binary: flags, signals, log. The library does the rest.

use std::{net::SocketAddr, process::ExitCode};

use clap::Parser;
use simulator::{Config, Scenario, Shape, Simulator};
use tokio::net::TcpListener;
use tracing::Level;

/// The CloudDesktop and VPC upstream in memory, behind the real signature: for tests and demonstrations.
///
/// One address serves both products (told apart by `Version`) and all regions (told apart by `RegionId`).
#[derive(Parser)]
#[command(version, after_long_help = after_help())]
struct Flags {
    /// Where to listen: a loopback address. Port 0 takes a free one; the first line of output tells which.
    #[arg(long, value_name = "127.0.0.1:PORT", default_value = "127.0.0.1:9091", value_parser = loopback)]
    listen: SocketAddr,
    /// The one access key that is accepted.
    #[arg(long, value_name = "ID:SECRET", default_value = "demo-id:demo-secret", value_parser = access_key)]
    access_key: (String, String),
    /// The security token that must come with the key. Without it the key takes none.
    #[arg(long, value_name = "TOKEN")]
    sts_token: Option<String>,
    /// A fault to start with; may be given several times. The full --help lists all.
    #[arg(long = "scenario", value_name = "NAME[:Action]")]
    scenarios: Vec<Scenario>,
    /// Decides everything that is random, so that a run can be had again.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// How lists nest in the answers: wrapped, flat, or mixed (another oddity in each answer).
    #[arg(long, value_name = "SHAPE", default_value = "wrapped")]
    shape: Shape,
    /// Users in the directory, up to 50000; the handwritten ones are always there.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=50_000))]
    users: u32,
    /// Custom images a region, up to 50000; the handwritten ones are always there.
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=50_000))]
    images: u32,
    /// Take a nonce again that was used before: for benchmarks, which send one signed request over and over.
    #[arg(long)]
    allow_replays: bool,
}

fn after_help() -> String {
    format!(
        "Scenarios:\n{}\n\nWithout any: desktop.ga1.8xlarge is sold out in each region's last zone, and a user whose name \
         begins with \"fail-\" cannot be created.\n\nTo look at what happened and to switch scenarios while it runs:\n  \
         GET /_simulator/state, GET and PUT /_simulator/scenarios (a JSON array of names), POST /_simulator/reset",
        Scenario::table()
    )
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| "not an address and port, like 127.0.0.1:9091".to_owned())?;
    if address.ip().is_loopback() { Ok(address) } else { Err("the simulator listens on loopback only".to_owned()) }
}

fn access_key(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((id, secret)) if !id.is_empty() && !secret.is_empty() => Ok((id.to_owned(), secret.to_owned())),
        _ => Err("not an id and a secret with a colon between".to_owned()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let flags = Flags::parse();
    tracing_subscriber::fmt().with_max_level(Level::WARN).with_writer(std::io::stderr).init();
    match run(flags).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: Flags) -> std::io::Result<()> {
    let listener = TcpListener::bind(flags.listen).await?;
    println!("simulator: listening on http://{}", listener.local_addr()?);
    let (access_key_id, access_key_secret) = flags.access_key;
    let simulator = Simulator::new(Config {
        access_key_id,
        access_key_secret,
        sts_token: flags.sts_token,
        scenarios: flags.scenarios,
        seed: flags.seed,
        shape: flags.shape,
        users: flags.users as usize,
        images: flags.images as usize,
        allow_replays: flags.allow_replays,
    });
    simulator.serve(listener, asked_to_stop()).await
}

/// Completes on Ctrl-C, or on SIGTERM as service managers send it.
async fn asked_to_stop() {
    let interrupt = async { drop(tokio::signal::ctrl_c().await) };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn flags_are_well_formed() {
        Flags::command().debug_assert();
        let help = Flags::command().render_long_help().to_string();
        assert!(help.contains("commit-then-drop[:Action]"), "{help}");
    }

    #[test]
    fn loopback_only() {
        let check = |text: &str, expect: bool| assert_eq!(loopback(text).is_ok(), expect, "{text}");
        check("127.0.0.1:0", true);
        check("[::1]:9091", true);
        check("0.0.0.0:9091", false);
        check("192.168.1.2:9091", false);
        check("localhost:9091", false);
        check("9091", false);
    }

    #[test]
    fn access_keys() {
        let check = |text: &str, expect: bool| assert_eq!(access_key(text).is_ok(), expect, "{text}");
        check("id:secret", true);
        check("STS.id:sec:ret", true);
        check("id", false);
        check(":secret", false);
        check("id:", false);
    }
}
