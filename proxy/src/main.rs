//! The binary `deskbuy`: reads the command line, says where the page is, and runs until it is told to stop.

use std::{net::SocketAddr, process::ExitCode};

use clap::Parser;
use proxy::{
    logging, operator, probe,
    server::Server,
    settings::{Command, CommandLine},
};

/// A read through the proxy is some hundreds of small pieces of memory, given back on whatever thread is free. The system's
/// allocator took a fifth of all instructions for them; this one takes a third of that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    match run(CommandLine::parse()).await {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("deskbuy: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(CommandLine { command }: CommandLine) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(args) => {
            logging::start(&args.log.validate())?;
            let stop = stop();
            let credentials = args.endpoints.credentials(variable).await;
            let (settings, credentials) = args.validate(credentials)?;
            let server = Server::start(settings, credentials).await?;
            announce(&server);
            server.run(stop).await;
        }
        #[cfg(feature = "demo")]
        Command::Demo(args) => {
            logging::start(&args.log.validate())?;
            let stop = stop();
            let demo = proxy::demo::Demo::start(&args).await?;
            println!("deskbuy: simulator http://{}", demo.simulator_address());
            announce(demo.server());
            demo.run(stop).await;
        }
        Command::Probe(args) => {
            logging::start(&args.log.validate())?;
            let (settings, credentials) = args.validate(args.endpoints.credentials(variable).await)?;
            let report = probe::run(settings.wire, &settings.region, credentials).await?;
            print!("{}", report.text);
            if !report.failed.is_empty() {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Orders(args) => print!("{}", operator::run(&args).await?),
    }
    Ok(ExitCode::SUCCESS)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Where everything is: a line each, in a form that scripts may rely on. The page comes last, for whoever clicks it.
fn announce(server: &Server) {
    println!("deskbuy: admin http://{}", server.admin_address());
    println!("deskbuy: page {}", page_link(server.page_address()));
}

/// The address to open, as in the product's own links (document 1.1).
fn page_link(address: SocketAddr) -> String {
    format!("http://{address}/?commodityCode=CloudDesktopPost&request={{%22region%22:%22cn-hangzhou%22}}#/buy")
}

/// Comes when the process is asked to stop: by Ctrl+C, or by SIGTERM as service managers do it. From this call on the
/// signals are caught, so that none can end the process before it says where it listens and begins to wait.
fn stop() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        // Without the handler a signal still ends the process, only less gently.
        [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).ok())
    };
    async move {
        #[cfg(unix)]
        {
            let [interrupted, terminated] = signals.map(async |signal| match signal {
                Some(mut signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            });
            tokio::select! {
                () = interrupted => {}
                () = terminated => {}
            }
        }
        #[cfg(not(unix))]
        drop(tokio::signal::ctrl_c().await);
    }
}
