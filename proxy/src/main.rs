//! The binary `deskbuy`: parses the command line, prints the addresses, and runs until a signal stops it.

use std::{
    io::{ErrorKind, Write},
    process::ExitCode,
};

use proxy::{
    about, check, health, logging, operator, probe,
    server::Server,
    settings::{Command, CommandLine, Log},
};
use tokio::time::timeout_at;

/// mimalloc: a read through the proxy makes some hundreds of small allocations, which are freed on any thread. They
/// cost the system's allocator a fifth of all instructions, and mimalloc a third of that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    without_empty_variables();
    run_to_end()
}

/// Starts this program again without the variables that are empty and would count all the same, as those of the system's
/// certificates do.
fn without_empty_variables() {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let is_empty = |name: &&str| std::env::var(name).is_ok_and(|value| value.trim().is_empty());
        let empty: Vec<_> = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter(is_empty).collect();
        if let (false, Ok(program)) = (empty.is_empty(), std::env::current_exe()) {
            let mut again = std::process::Command::new(program);
            again.args(std::env::args_os().skip(1));
            for name in empty {
                again.env_remove(name);
            }
            // Returns only if it fails; then they count.
            let _ = again.exec();
        }
    }
}

#[tokio::main]
async fn run_to_end() -> ExitCode {
    match start().await {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("deskbuy: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn start() -> Result<ExitCode, Failure> {
    // The memory holds the access key: no core dump, and no debugger of another process of the same user.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    let (line, effective) = CommandLine::of_process()?;
    run(line, &effective).await
}

async fn run(CommandLine { command, .. }: CommandLine, effective: &str) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(args) => {
            logging::start(&args.log.validate())?;
            let mut stop = std::pin::pin!(stop_signal());
            let credentials = args.endpoints.credentials(variable).await;
            let (settings, credentials) = args.validate(credentials)?;
            // What it needs may not be there yet, and a wait for it can be ended.
            let server = tokio::select! {
                server = Server::start(settings, credentials) => server?,
                () = &mut stop => return Ok(ExitCode::SUCCESS),
            };
            print_addresses(&server);
            server.run(stop).await;
        }
        #[cfg(feature = "demo")]
        Command::Demo(args) => {
            logging::start(&args.log.validate())?;
            let stop = stop_signal();
            let demo = proxy::demo::Demo::start(&args).await?;
            tell(&format!("deskbuy: simulator http://{}\n", demo.simulator_address()));
            tell(&format!("deskbuy: approval {}\n", demo.approval().page_link()));
            print_addresses(demo.server());
            demo.run(stop).await;
        }
        Command::Probe(args) => {
            logging::start(&args.log.validate())?;
            let deadline = probe::Deadline::new(args.deadline()?);
            let credentials = timeout_at(deadline.at, args.endpoints.credentials(variable)).await;
            let credentials = credentials.map_err(|_| "the probe's deadline is over: there are no credentials yet")?;
            let (settings, credentials) = args.validate(credentials)?;
            if !probe::run(settings.client, &settings.region, credentials, deadline, &mut std::io::stdout()).await? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Orders(args) => {
            logging::start(&Log::for_operators())?;
            say(&operator::run(&args).await?)?;
        }
        Command::Notifications(args) => {
            logging::start(&Log::for_operators())?;
            say(&operator::notifications(&args).await?)?;
        }
        Command::Backup(args) => {
            logging::start(&Log::for_operators())?;
            say(&operator::backup(&args).await?)?;
        }
        Command::Migrate(args) => {
            logging::start(&Log::for_operators())?;
            say(&operator::migrate(&args).await?)?;
        }
        Command::Check(args) => {
            say(effective)?;
            if args.print {
                args.serve.validate_alone()?;
                return Ok(ExitCode::SUCCESS);
            }
            let args = args.serve;
            logging::start(&args.log.validate())?;
            let credentials = args.endpoints.credentials(variable).await;
            let (settings, credentials) = args.validate(credentials)?;
            let report = check::run(settings, credentials).await;
            say(&report.text)?;
            if !report.is_ok {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Sessions(args) => {
            logging::start(&Log::for_operators())?;
            say(&operator::end_sessions(&args).await?)?;
        }
        Command::Health(args) => say(&health::run(&args).await?)?,
        Command::Version(args) => say(&about::version(args.json))?,
        Command::Completions(args) => say(&about::completions(args.shell))?,
        Command::Man => say(&about::manual()?)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A variable. One that is no text is not taken for absent; whoever reads it finds the odd letters.
fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// Prints the addresses, one a line, in a stable form for scripts. The page comes last, to be clicked.
fn print_addresses(server: &Server) {
    tell(&format!("deskbuy: admin http://{}\n", server.admin_address()));
    tell(&format!("deskbuy: page {}\n", server.page_link()));
}

/// Writes what a command says to standard output. A reader that has seen enough, such as `head`, is no failure.
fn say(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("cannot write to standard output: {error}")),
        _ => Ok(()),
    }
}

/// The same of a server, which goes on whether it is heard or not.
fn tell(text: &str) {
    let _ = say(text);
}

/// Completes on Ctrl+C, on SIGTERM as service managers send it, or on SIGHUP as a closing terminal does. The handlers are installed by this call and not by
/// the first poll, so that a signal during the start stops the proxy gracefully too.
fn stop_signal() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let signals = {
        use tokio::signal::unix::{SignalKind, signal};
        // Without a handler the signal ends the process at once.
        [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(|kind| signal(kind).ok())
    };
    async move {
        #[cfg(unix)]
        {
            let [interrupted, terminated, hung_up] = signals.map(async |signal| match signal {
                Some(mut signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            });
            tokio::select! {
                () = interrupted => {}
                () = terminated => {}
                () = hung_up => {}
            }
        }
        #[cfg(not(unix))]
        drop(tokio::signal::ctrl_c().await);
    }
}
