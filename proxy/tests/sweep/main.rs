//! The fault sweep: thousands of purchases, renewals and releases under every fault of the simulator, while the real
//! `deskbuy` is killed at every step, and clients drop their connections and submit twice. Afterwards the simulator's
//! own state is compared with the journal, and what a receiver of notifications was told with the orders. This file reads the command line and sums up; [`round`] runs a round.
//!
//! Then the same in front of the strange cloud, whose answers are drawn from a grammar: see [`simulator::Kind::Strange`].
//!
//! `cargo test -p proxy --features failpoints --test sweep -- [--seed N] [--database sqlite|postgres|both]
//! [--mode faults|strange|both] [--quick]`

mod approver;
mod judge;
#[path = "../support/postgres.rs"]
mod postgres;
mod proxies;
mod receiver;
mod round;

use std::process::ExitCode;

use fastrand::Rng;
use simulator::{Config, Kind, Simulator};
use tokio::net::TcpListener;

use judge::Count;
use postgres::Postgres;
use proxies::{Kills, Proxies};
use receiver::Receiver;
use round::{Fault, Size};

/// What the command line asks for.
struct Arguments {
    seed: u64,
    sqlite: bool,
    postgres: bool,
    mode: Mode,
    quick: bool,
}

/// What is wrong with the cloud.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Faults,
    Strange,
    Both,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("sweep: {error}");
            return ExitCode::FAILURE;
        }
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut total = Count::default();
    if arguments.sqlite {
        total += both(&arguments, None).await;
    }
    if arguments.postgres {
        if let Some(server) = Postgres::start(false) {
            total += both(&arguments, Some(&server)).await;
        } else {
            println!("[sweep] NOT SWEPT ON POSTGRESQL: no server is installed (apt install postgresql)");
            total.lost += 1;
        }
    }
    if total.placed < total.operations / 3 {
        println!("[sweep] only {} of {} were placed: this says nothing", total.placed, total.operations);
        total.lost += 1;
    }
    println!("{} passed, {} failed", total.passed(), total.failed());
    if total.failed() == 0 && total.operations > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All that is asked for, on one database.
async fn both(arguments: &Arguments, server: Option<&Postgres>) -> Count {
    let mut total = Count::default();
    if arguments.mode != Mode::Strange {
        let faults = faults(arguments.quick);
        total +=
            sweep("faults", &faults, if arguments.quick { &Size::QUICK } else { &Size::FULL }, arguments.seed, server)
                .await;
    }
    if arguments.mode != Mode::Faults {
        let (size, rounds) = match (arguments.quick, server) {
            (true, _) => (&Size::STRANGE_QUICK, 1),
            (false, None) => (&Size::STRANGE, 9),
            (false, Some(_)) => (&Size::STRANGE, 3),
        };
        // Each with a journal of its own and a cloud of its own: the addresses of one would not be enough.
        for round in 0..rounds {
            total += sweep("strange", &[Fault::of(Kind::Strange)], size, arguments.seed + round, server).await;
        }
    }
    total
}

/// Rounds on one database.
async fn sweep(what: &str, faults: &[Fault], size: &Size, seed: u64, server: Option<&Postgres>) -> Count {
    let folder = tempfile::tempdir().unwrap();
    let simulator = Simulator::new(Config { seed, ..Config::default() });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let cloud = listener.local_addr().unwrap();
    tokio::spawn(simulator.clone().serve(listener, std::future::pending()));
    let (name, database, number) = match server {
        Some(server) => ("PostgreSQL, two proxies", server.create(&format!("sweep_{what}_{seed}")).await, 2),
        None => ("SQLite", format!("sqlite://{}", folder.path().join("journal.sqlite").display()), 1),
    };
    println!("[sweep] {name}, {what}, seed {seed}");
    println!(
        "  {:34} {:>6} {:>6} {:>6} {:>6} {:>6} {:>8} {:>6} {:>12}",
        "fault", "orders", "placed", "reject", "unres.", "kills", "doubled", "lost", "misreported"
    );

    // Half of those with strange answers go without a receiver.
    let receiver = if what == "faults" || seed % 2 == 1 { Some(Receiver::start(folder.path()).await) } else { None };
    let notifications = receiver.as_ref().map(|(_, file)| file.as_path());
    let proxies = Proxies::new(number, cloud, &database, folder.path(), size.deadline, notifications).await;
    let mut rng = Rng::with_seed(seed);
    let (mut total, mut kills) = (Count::default(), Kills::default());
    for (number, fault) in faults.iter().enumerate() {
        let round = round::run(number, fault, size, &simulator, &proxies, &mut rng).await;
        println!("  {:34} {}", fault.name(), round.count);
        for (form, [placed, rejected, unresolved]) in &round.forms {
            let orders = placed + rejected + unresolved;
            println!("    {form:32} {orders:6} {placed:6} {rejected:6} {unresolved:6}");
        }
        for complaint in &round.complaints {
            println!("      {complaint}");
        }
        total += round.count;
        kills += round.kills;
    }
    if let Some(complaint) = judge::desktops(&proxies, total.bought).await {
        println!("      {complaint}");
        total.lost += 1;
    }
    if let Some((receiver, _)) = &receiver {
        let complaints = receiver.expect(&judge::states(&proxies).await).await;
        for complaint in &complaints {
            println!("      {complaint}");
        }
        total.lost += u32::try_from(complaints.len()).unwrap_or(u32::MAX);
        let (messages, again) = receiver.counts();
        println!("  notified of {} orders by {messages} messages, {again} of which came again", total.operations);
    }
    println!("  {:34} {total}", "all");
    println!("  killed {kills}");
    total
}

/// Every fault there is, for the writes alone where it can be narrowed to them, and some for all calls.
fn faults(quick: bool) -> Vec<Fault> {
    let all = [Fault::none()]
        .into_iter()
        .chain(Kind::ALL.iter().filter(|kind| **kind != Kind::Strange).map(|kind| Fault::of(*kind)))
        .chain([Kind::Fail, Kind::Html, Kind::Hang, Kind::CutOff, Kind::Chaos].map(Fault::of_all_calls));
    let few = ["none", "chaos", "commit-then-drop", "cut-off", "throttled", "sold-out-at-purchase", "no-ids"];
    all.filter(|fault| !quick || few.contains(&fault.name().as_str())).collect()
}

impl Arguments {
    fn read(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self { seed: 1, sqlite: true, postgres: true, mode: Mode::Both, quick: false };
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--quick" => read.quick = true,
                "--seed" => read.seed = value()?.parse().map_err(|_| "--seed needs a number".to_owned())?,
                "--database" => {
                    let database = value()?;
                    if !["sqlite", "postgres", "both"].contains(&database.as_str()) {
                        return Err(format!("there is no database {database}: sqlite, postgres or both"));
                    }
                    read.sqlite = database != "postgres";
                    read.postgres = database != "sqlite";
                }
                "--mode" => {
                    read.mode = match value()?.as_str() {
                        "faults" => Mode::Faults,
                        "strange" => Mode::Strange,
                        "both" => Mode::Both,
                        mode => return Err(format!("there is no mode {mode}: faults, strange or both")),
                    };
                }
                _ => return Err(format!("{argument} is not known: --seed N, --database NAME, --mode NAME, --quick")),
            }
        }
        Ok(read)
    }
}
