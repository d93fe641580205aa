//! The effective settings as text: each with its value, redacted, and where that comes from.

use std::{ffi::OsStr, fmt::Write};

use clap::{ArgMatches, Command, parser::ValueSource};

use super::file::ConfigFile;

/// The settings of the command that was asked for, one a line, with where each comes from. Secrets are in files, which are
/// only named; of the database only the place is shown.
pub(super) fn effective(command: &Command, matches: &ArgMatches, file: &ConfigFile) -> String {
    let mut text = String::new();
    let Some((name, matches)) = matches.subcommand() else { return text };
    let Some(command) = command.find_subcommand(name) else { return text };
    for arg in command.get_arguments() {
        let Some(flag) = arg.get_long().filter(|flag| !matches!(*flag, "help" | "version")) else { continue };
        let id = arg.get_id().as_str();
        let source = match matches.value_source(id) {
            Some(ValueSource::CommandLine) => "flag",
            Some(ValueSource::EnvVariable) => "variable",
            Some(ValueSource::DefaultValue) if file.has(flag) => "file",
            Some(ValueSource::DefaultValue) => "default",
            _ => continue,
        };
        let values = matches.get_raw(id).into_iter().flatten().map(OsStr::to_string_lossy);
        let values: Vec<_> = values
            .map(|value| {
                if arg.is_hide_env_values_set() || value.contains('@') && value.contains("://") {
                    redacted(&value)
                } else {
                    value.into_owned()
                }
            })
            .collect();
        // Writing into a text does not fail.
        let _ = writeln!(text, "{flag} = {} ({source})", values.join(","));
    }
    text
}

/// An address without what may be a secret: user, password and parameters.
fn redacted(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = rest.split('?').next().unwrap_or_default();
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    format!("{scheme}://{place}")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::settings::{CommandLine, file::names};

    #[test]
    fn the_effective_settings_hold_no_password() {
        let line =
            ["deskbuy", "check", "--database-url=postgres://me:pass@word@db.example/desk?sslpassword=x", "--drain=5s"];
        let command = CommandLine::command();
        let text = effective(&command, &command.clone().get_matches_from(line), &ConfigFile::default());
        assert!(text.contains("database-url = postgres://db.example/desk (flag)\n"), "{text}");
        assert!(text.contains("drain = 5s (flag)\n") && text.contains("cache = 16 (default)\n"), "{text}");
        assert!(!text.contains("pass") && !text.contains("word"), "{text}");
    }

    #[test]
    fn a_flag_comes_before_the_file_and_the_file_before_the_default() {
        let command = CommandLine::command();
        let text = "drain = \"7s\"\ncache = 3\nregions = [\"cn-beijing\", \"cn-shanghai\"]\nforeign-desktops = true\nbuyers = [\"ann@example.com\", \"groups=a\"]";
        let file = ConfigFile::parse(text, &names(&command)).unwrap();
        let command = file.apply(command);
        let text = effective(&command, &command.clone().get_matches_from(["deskbuy", "serve", "--drain=5s"]), &file);
        for line in [
            "drain = 5s (flag)",
            "cache = 3 (file)",
            "regions = cn-beijing,cn-shanghai (file)",
            "foreign-desktops = true (file)",
            "buyers = ann@example.com,groups=a (file)",
            "call-queue = 1024 (default)",
        ] {
            assert!(text.lines().any(|each| each == line), "{line} is not in {text}");
        }
    }
}
