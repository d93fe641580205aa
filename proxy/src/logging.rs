//! The log: its form, and what a panic looks like in it. Lines are written where things happen.
//!
//! Never in a log: access keys and tokens, what was signed, e-mail addresses, queries of requests, the upstream's
//! messages unredacted. The one name in it is that of who asked, in the lines of the target `audit`, which exist to
//! tell it: one when a write is accepted, one when its outcome is known.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer, Registry,
    filter::{ParseError, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::settings::{Log, LogFormat};

/// The log cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The directives cannot be read.
    #[error("--log (DESKBUY_LOG) is not a list of directives such as info,sqlx=warn")]
    Directives(#[from] ParseError),
    /// There is one already.
    #[error("the log is started already")]
    Started(#[from] tracing_subscriber::util::TryInitError),
}

/// Starts the log, on standard error; standard output is for the addresses that the proxy listens on.
pub fn start(log: &Log) -> Result<(), LogError> {
    let mut filter: Targets = log.directives.parse()?;
    // Who bought what is told whatever the level is, unless somebody says otherwise by name.
    if !log.directives.contains("audit") {
        filter = filter.with_target("audit", LevelFilter::INFO);
    }
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match log.format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    tracing_subscriber::registry().with(lines).with(filter).try_init()?;
    // The place is enough to find it; the message may hold a value that nobody should read.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panicked");
    }));
    Ok(())
}
