//! Settings of the log. [`crate::logging`] starts it.

use clap::{Args, ValueEnum};

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Log")]
pub struct LogArgs {
    /// Format of the log, which goes to standard error
    #[arg(long, env = "DESKBUY_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,
    /// Filter of the log: a level, and levels of single targets, for example `info,sqlx=warn`. Audit lines, which say
    /// who bought what, are always logged, unless their target, `audit`, is named
    #[arg(long, env = "DESKBUY_LOG", value_name = "DIRECTIVES", default_value = "info")]
    log: String,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// The validated settings of the log.
#[derive(Clone, Debug)]
pub struct Log {
    /// The format.
    pub format: LogFormat,
    /// The filter directives.
    pub directives: String,
}

impl Log {
    /// The log of commands that a person runs: audit lines and warnings, since the result goes to standard output.
    #[must_use]
    pub fn for_operators() -> Self {
        Self { format: LogFormat::Text, directives: "warn".to_owned() }
    }
}

impl LogArgs {
    /// The log starts before other settings are validated, so that it can report their errors.
    /// [`crate::logging::start`] reports what is wrong with the directives.
    #[must_use]
    pub fn validate(&self) -> Log {
        Log { format: self.log_format, directives: self.log.clone() }
    }
}
