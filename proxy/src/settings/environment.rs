//! The environment of the command line: an empty variable counts as unset, and one of ours that no flag has ends the
//! start, since a setting that is misspelt would be ignored. Then the configuration file, if one is named.

use std::{
    collections::BTreeSet,
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use clap::{
    ArgMatches, Command, CommandFactory, FromArgMatches,
    builder::Resettable,
    error::{ContextKind, ContextValue},
};

use super::{
    CommandLine, ConfigErrors,
    config_errors::{PREFIX, variable_of},
    effective::effective,
    file::{self, ConfigFile},
    suggestion::nearest,
};

/// Variables of our other programs, which may be set where this one runs.
const OF_OTHERS: [&str; 5] =
    ["DESKBUY_BIN", "DESKBUY_FAILPOINT", "DESKBUY_FUZZ_SECONDS", "DESKBUY_TOOLS", "DESKBUY_VISUAL"];
impl CommandLine {
    /// The command line of this process, with its environment, and the settings that it leads to as lines for people.
    /// Prints help and errors of flags by itself, and then ends the process.
    pub fn of_process() -> Result<(Self, String), ConfigErrors> {
        let command = without_empty(Self::command());
        let mut errors = ConfigErrors::default();
        let matches = match command.clone().try_get_matches() {
            Ok(matches) => matches,
            Err(error) => {
                // The name of the flag alone would not lead to the variable.
                let Some(variable) = variable_at_fault(&command, &error, std::env::args_os()) else { error.exit() };
                errors.add(format!("{variable}: {}", first_lines(&error)));
                return Err(errors);
            }
        };
        let names = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let set = names.filter(|(_, value)| !is_empty(value));
        let known = variables(&command);
        for (name, value) in set {
            if let Some(error) = unknown(&name, &value.to_string_lossy(), &known) {
                errors.add(error);
            }
        }
        // From the declaration: an empty variable leaves the setting to the file.
        let names = file::names(&Self::command());
        let path = file_of(&command, &matches, &names);
        let file = path.as_ref().map(|path| ConfigFile::open(path, &names)).transpose();
        let file = file.map_err(|of_file| errors.extend(of_file)).ok().flatten().unwrap_or_default();
        if !errors.is_empty() {
            return Err(errors);
        }
        let with_file = file.apply(command.clone());
        // The first reading found the flags and variables right, so that what is wrong now is in the file.
        let matches = with_file.clone().try_get_matches_from(std::env::args_os()).map_err(|error| {
            errors.add(format!("{}: {}", path.unwrap_or_default().display(), first_lines(&error)));
            errors
        })?;
        let effective = effective(&with_file, &matches, &file);
        let line = Self::from_arg_matches(&matches).map_err(|error| error.exit())?;
        Ok((line, effective))
    }
}

/// The variable that has the value with which clap is not content, if it is none of a flag.
fn variable_at_fault(
    command: &Command,
    error: &clap::Error,
    mut given: impl Iterator<Item = OsString>,
) -> Option<String> {
    let ContextValue::String(named) = error.get(ContextKind::InvalidArg)? else { return None };
    let flag = named.split_whitespace().next()?.trim_start_matches("--");
    let is_given = given.any(|text| {
        let text = text.to_string_lossy();
        text.strip_prefix("--").is_some_and(|text| text.split('=').next() == Some(flag))
    });
    if is_given { None } else { variables(command).into_iter().find(|name| *name == variable_of(flag)) }
}

/// What clap says of an error, up to the hint about help; the second line has the values that there are.
fn first_lines(error: &clap::Error) -> String {
    let said = error.to_string();
    let said: Vec<_> = said.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
    said.join(" ").trim_start_matches("error: ").to_owned()
}

/// The configuration file that a flag or the variable names. A command without settings reads none.
fn file_of(command: &Command, matches: &ArgMatches, names: &file::Names) -> Option<PathBuf> {
    let (name, of_command) = matches.subcommand()?;
    let command = command.find_subcommand(name)?;
    let has_settings = command.get_arguments().any(|arg| arg.get_long().is_some_and(|name| names.contains_key(name)));
    of_command.get_one(file::CONFIG).filter(|_| has_settings).cloned()
}

fn is_empty(value: &OsStr) -> bool {
    value.to_str().is_some_and(|text| text.trim().is_empty())
}

/// The command without the variables that are empty.
fn without_empty(command: Command) -> Command {
    command
        .mut_args(|arg| {
            let is_empty = arg.get_env().and_then(std::env::var_os).is_some_and(|value| is_empty(&value));
            if is_empty { arg.env(Resettable::Reset) } else { arg }
        })
        .mut_subcommands(without_empty)
}

/// All variables of the command and of those below it.
fn variables(command: &Command) -> BTreeSet<String> {
    // From the declaration, since an empty one was taken away.
    fn collect(command: &Command, into: &mut BTreeSet<String>) {
        into.extend(command.get_arguments().filter_map(|arg| arg.get_env()?.to_str().map(str::to_owned)));
        for below in command.get_subcommands() {
            collect(below, into);
        }
    }
    let mut found: BTreeSet<_> = OF_OTHERS.iter().map(|&name| name.to_owned()).collect();
    collect(command, &mut found);
    found
}

/// What is wrong with a variable of this name and value.
fn unknown(name: &str, value: &str, known: &BTreeSet<String>) -> Option<String> {
    if !name.starts_with(PREFIX) || known.contains(name) || is_of_kubernetes(name, value) {
        return None;
    }
    // The others' are for none of this program's settings.
    let ours = known.iter().filter(|known| !OF_OTHERS.contains(&known.as_str()));
    let hint = nearest(name, ours).map(|other| format!("; is {other} meant?")).unwrap_or_default();
    Some(format!("{name} is no setting{hint}"))
}

/// Whether Kubernetes injects the variable into every container beside a service called `deskbuy`, or `deskbuy-…`.
fn is_of_kubernetes(name: &str, value: &str) -> bool {
    let rest = name.strip_prefix(PREFIX).unwrap_or_default();
    let is_port = rest == "PORT" || rest.starts_with("PORT_");
    let is_service = |text: &str| text == "SERVICE_HOST" || text == "SERVICE_PORT" || text.starts_with("SERVICE_PORT_");
    let of_another = rest.ends_with("_SERVICE_HOST") || rest.contains("_SERVICE_PORT");
    let is_link = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    is_port || is_service(rest) || of_another || is_link || rest.contains("_PORT_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_variable_is_told_and_the_right_one_named() {
        let known = variables(&CommandLine::command());
        let check = |name: &str, value: &str, expect: Option<&str>| {
            assert_eq!(unknown(name, value, &known).as_deref(), expect, "{name}");
        };
        check("DESKBUY_OWNER_CLAM", "x", Some("DESKBUY_OWNER_CLAM is no setting; is DESKBUY_OWNER_CLAIM meant?"));
        let meant = "DESKBUY_ORDER_DEDLINE is no setting; is DESKBUY_ORDER_DEADLINE meant?";
        check("DESKBUY_ORDER_DEDLINE", "5m", Some(meant));
        check("DESKBUY_SOMETHING_ELSE_ALTOGETHER", "x", Some("DESKBUY_SOMETHING_ELSE_ALTOGETHER is no setting"));
        for (name, value) in [
            ("DESKBUY_LISTEN", "127.0.0.1:1"),
            ("PATH", "/bin"),
            ("DESKBUY_SERVICE_HOST", "10.0.0.1"),
            ("DESKBUY_SERVICE_PORT", "8080"),
            ("DESKBUY_SERVICE_PORT_HTTP", "8080"),
            ("DESKBUY_PORT", "tcp://10.0.0.1:8080"),
            ("DESKBUY_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
            ("DESKBUY_PORT_8080_TCP_ADDR", "10.0.0.1"),
            ("DESKBUY_ADMIN_SERVICE_HOST", "10.0.0.1"),
            ("DESKBUY_ADMIN_PORT", "tcp://10.0.0.1:9090"),
            ("DESKBUY_ADMIN_PORT_9090_TCP_PROTO", "tcp"),
        ] {
            check(name, value, None);
        }
    }
}
