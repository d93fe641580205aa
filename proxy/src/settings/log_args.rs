//! Settings of the log. Making it is [`crate::logging`]'s.

use clap::{Args, ValueEnum};

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Log")]
pub struct LogArgs {
    /// Form of the log, which goes to standard error
    #[arg(long, env = "DESKBUY_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,
    /// What is logged: a level, and levels of single targets, for example `info,sqlx=warn`. The lines of who bought what
    /// are always there, unless their target, `audit`, is named
    #[arg(long, env = "DESKBUY_LOG", value_name = "DIRECTIVES", default_value = "info")]
    log: String,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: a JSON object a line.
    Json,
}

/// What is logged, and how.
#[derive(Clone, Debug)]
pub struct Log {
    /// The form.
    pub format: LogFormat,
    /// Directives.
    pub directives: String,
}

impl LogArgs {
    /// The log comes before everything else, so that it can tell of errors; what is wrong with it is told by
    /// [`crate::logging::start`].
    #[must_use]
    pub fn validate(&self) -> Log {
        Log { format: self.log_format, directives: self.log.clone() }
    }
}
