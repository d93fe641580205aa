//! What the program says of itself: its version, completions for shells, and a manual page.

use std::io;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use serde_json::json;

use crate::settings::CommandLine;

const NAME: &str = "deskbuy";
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The commit that was built, where the build was told.
const COMMIT: Option<&str> = option_env!("DESKBUY_COMMIT");

/// The version as a line of text or of JSON. A commit that is not known is `null`.
#[must_use]
pub fn version(as_json: bool) -> String {
    if !as_json {
        return format!("{NAME} {VERSION}\n");
    }
    let mut features = Vec::new();
    if cfg!(feature = "demo") {
        features.push("demo");
    }
    if cfg!(feature = "page") {
        features.push("page");
    }
    let commit = COMMIT.filter(|commit| !commit.is_empty());
    let said =
        json!({ "version": VERSION, "commit": commit, "schema": orders::schema_version(), "features": features });
    format!("{said}\n")
}

/// The completions for a shell.
#[must_use]
pub fn completions(shell: Shell) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), NAME, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// The manual page: the program, then each command with its flags and variables.
pub fn manual() -> io::Result<String> {
    let mut command = CommandLine::command();
    command.build();
    let mut text = Vec::new();
    Man::new(command.clone()).render(&mut text)?;
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        text.extend(format!(".SH \"{NAME} {}\"\n", command.get_name()).as_bytes());
        let page = Man::new(command.clone());
        page.render_description_section(&mut text)?;
        page.render_options_section(&mut text)?;
    }
    text.extend(EXIT_STATUS.as_bytes());
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The end of the manual page.
const EXIT_STATUS: &str = ".SH \"EXIT STATUS\"
.TP
0
The command did what it was asked to: a server was stopped by a signal, `check` found that a start would succeed, `health` that the \
proxy is ready, `probe` that every answer can be read.
.TP
1
It did not, or settings do not allow a start. Standard error says why.
.TP
2
The flags are wrong.
";

#[cfg(test)]
mod tests {
    use clap::ValueEnum;
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_version_tells_builds_apart() {
        assert_eq!(version(false), format!("deskbuy {VERSION}\n"));
        let said: Value = serde_json::from_str(&version(true)).unwrap();
        assert_eq!(said["version"], VERSION);
        assert!(said["schema"].as_i64().is_some_and(|schema| schema >= 5), "{said}");
        assert!(said["features"].is_array() && said.get("commit").is_some(), "{said}");
    }

    #[test]
    fn every_shell_completes_every_command() {
        for shell in Shell::value_variants() {
            let text = completions(*shell);
            for command in CommandLine::command().get_subcommands() {
                assert!(text.contains(command.get_name()), "{shell}: {}", command.get_name());
            }
        }
    }

    #[test]
    fn the_manual_has_every_command_flag_and_variable() {
        let text = manual().unwrap().replace('\\', "");
        assert!(text.contains("EXIT STATUS"));
        for command in CommandLine::command().get_subcommands() {
            assert!(text.contains(&format!("deskbuy {}", command.get_name())), "{}", command.get_name());
            for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
                let flag = argument.get_long().map(|long| format!("--{long}"));
                let variable = argument.get_env().and_then(|name| name.to_str()).map(str::to_owned);
                for name in [flag, variable].into_iter().flatten() {
                    assert!(text.contains(&name), "{name}");
                }
            }
        }
    }
}
