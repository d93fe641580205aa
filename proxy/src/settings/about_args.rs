//! Flags of the commands that tell of the program itself.

use clap::Args;
use clap_complete::Shell;

/// Flags of `deskbuy version`.
#[derive(Debug, Args)]
pub struct VersionArgs {
    /// As JSON: version, commit, schema of the orders' database, features
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `deskbuy completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}
