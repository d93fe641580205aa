//! The log: its format, and how panics appear in it. Log lines are written where things happen.
//!
//! Never in the log: access keys and tokens, signed texts, e-mail addresses, queries of requests, the upstream's
//! messages unredacted. The one exception is the target `audit`, whose lines name the principal: one when a write is
//! accepted, one when its outcome is known.

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

/// Why the log cannot start.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The directives cannot be read.
    #[error("--log (DESKBUY_LOG) is not a list of directives such as info,sqlx=warn")]
    Directives(#[from] ParseError),
    /// A word that is neither a level nor a target with one.
    #[error(
        "--log (DESKBUY_LOG) has {0:?}, which is no level: off, error, warn, info, debug, trace, or a target's, such as sqlx=warn"
    )]
    Level(String),
    /// A log was started before.
    #[error("the log was started before")]
    Started(#[from] tracing_subscriber::util::TryInitError),
}

/// Starts the log, on standard error; standard output is for the addresses that the proxy listens on.
pub fn start(log: &Log) -> Result<(), LogError> {
    // A word alone would be read as a target, and everything else would be off.
    let is_level = |word: &str| word.parse::<LevelFilter>().is_ok();
    let is_directive = |word: &str| match word.split_once('=') {
        // Whether it is a level is looked at below; an empty one would pass.
        Some((target, level)) => {
            let of_target = |c: char| c.is_ascii_alphanumeric() || "_:-".contains(c);
            !target.is_empty() && !level.is_empty() && target.chars().all(of_target)
        }
        None => is_level(word),
    };
    let mut words = log.directives.split(',').map(str::trim).filter(|word| !word.is_empty()).peekable();
    // Of nothing but commas everything would be off.
    let first_wrong =
        if words.peek().is_some() { words.find(|word| !is_directive(word)) } else { Some(&*log.directives) };
    if let Some(word) = first_wrong {
        return Err(LogError::Level(word.chars().take(40).collect()));
    }
    let mut filter: Targets = log.directives.parse()?;
    // Audit lines are on at any level, unless the directives name their target.
    if !log.directives.contains("audit") {
        filter = filter.with_target("audit", LevelFilter::INFO);
    }
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match log.format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    tracing_subscriber::registry().with(lines).with(filter).try_init()?;
    // The location is enough to find the panic. Its message may hold a secret value.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panicked");
    }));
    Ok(())
}
