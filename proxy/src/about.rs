//! What the program says of itself: its version, completions for shells, and a manual page.

use std::io;

use clap::{Command, CommandFactory};
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

/// The manual page: the program, then each command with its flags and variables, those below another one included.
pub fn manual() -> io::Result<String> {
    let mut command = CommandLine::command();
    command.build();
    let mut text = Vec::new();
    // The day of the release, so that the same commit gives the same page.
    Man::new(command.clone()).date(release_day()).render(&mut text)?;
    of_commands_below(&command, NAME, &mut text)?;
    text.extend(EXIT_STATUS.as_bytes());
    Ok(tidy(&String::from_utf8_lossy(&text)))
}

/// A section for each command below this one, which `name` leads to.
fn of_commands_below(command: &Command, name: &str, into: &mut Vec<u8>) -> io::Result<()> {
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("{name} {}", command.get_name());
        let (page, mut text) = (Man::new(command.clone()), Vec::new());
        page.render_synopsis_section(&mut text)?;
        page.render_description_section(&mut text)?;
        page.render_options_section(&mut text)?;
        into.extend(format!(".SH \"{name}\"\n").as_bytes());
        // Its parts are below it, not beside it.
        into.extend(String::from_utf8_lossy(&text).replace("\n.SH ", "\n.SS ").into_bytes());
        of_commands_below(command, &name, into)?;
    }
    Ok(())
}

/// The day of the commit in a release, `2026-11-28`, and empty elsewhere.
fn release_day() -> String {
    let seconds = option_env!("SOURCE_DATE_EPOCH").and_then(|text| text.parse().ok());
    let time = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    time.map(|time| time.strftime("%F").to_string()).unwrap_or_default()
}

/// The page without what roff's readers warn of, and with commands by the names that people type: there is one page, and none
/// for each command.
fn tidy(text: &str) -> String {
    let mut tidy = String::new();
    for line in text.lines().map(str::trim_end) {
        match line {
            // An empty line is one of the page; a break beside it says nothing more.
            "" | ".br" if tidy.ends_with(".br\n") || tidy.ends_with(".sp\n") => {
                tidy.truncate(tidy.len() - ".br\n".len());
                tidy += ".sp\n";
            }
            "" => tidy += ".sp\n",
            line if line.starts_with(".TH ") => {
                // An empty date is an argument too. Long names cannot be broken, so that lines are not stretched to the margin.
                tidy += &line.replace("1  ", "1 \"\" ");
                tidy += "\n.ad l\n.nh\n";
            }
            line => {
                let command = line.strip_prefix("deskbuy\\-").and_then(|rest| rest.strip_suffix("(1)"));
                tidy +=
                    &command.map_or_else(|| line.to_owned(), |name| format!("deskbuy {}", name.replace("\\-", " ")));
                tidy.push('\n');
            }
        }
    }
    tidy
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

    /// Each command below this one has a section with its flags and variables.
    fn check_commands(text: &str, name: &str, command: &Command) {
        for command in command.get_subcommands() {
            let name = format!("{name} {}", command.get_name());
            assert!(text.contains(&format!(".SH \"{name}\"")), "{name}");
            for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
                let flag = argument.get_long().map(|long| format!("--{long}"));
                let variable = argument.get_env().and_then(|name| name.to_str()).map(str::to_owned);
                for name in [flag, variable].into_iter().flatten() {
                    assert!(text.contains(&name), "{name}");
                }
            }
            check_commands(text, &name, command);
        }
    }

    #[test]
    fn the_manual_has_every_command_flag_and_variable() {
        let text = manual().unwrap().replace('\\', "");
        assert!(text.contains("EXIT STATUS"));
        check_commands(&text, "deskbuy", &CommandLine::command());
        assert!(text.contains("--desktop-id"), "of a command below another one");
    }

    #[test]
    fn readers_of_the_manual_have_nothing_to_warn_of() {
        let text = manual().unwrap();
        assert!(text.lines().all(|line| !line.is_empty() && line.trim_end() == line));
        assert!(!text.contains(".br\n.sp") && !text.contains(".sp\n.br") && !text.contains(".br\n.br"));
        assert!(!text.contains("\\-serve(1)"), "there is no page of that name");
    }
}
