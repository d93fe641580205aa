//! The configuration file: TOML with the names of the flags. A flag and a variable come before it, a default after it. What it
//! says is put in the place of the defaults, so that values are parsed where those of flags are. Secrets are in files of their
//! own, and refused here.

use std::{collections::BTreeMap, path::Path};

use clap::{ArgAction, Command};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{ConfigErrors, suggestion::nearest};

/// What a file says: the values of each flag, by its name without the dashes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ConfigFile(BTreeMap<String, Vec<String>>);

/// What there is to set: each name of a flag with a variable, and whether it takes several values.
pub(super) type Names = BTreeMap<String, bool>;

/// The names of all settings of the command and of those below it.
pub(super) fn names(command: &Command) -> Names {
    let mut found: Names = command.get_subcommands().flat_map(names).collect();
    for arg in command.get_arguments().filter(|arg| arg.get_env().is_some() && arg.get_id() != CONFIG) {
        let Some(name) = arg.get_long() else { continue };
        found.insert(name.to_owned(), matches!(arg.get_action(), ArgAction::Append));
    }
    found
}

/// The flag that names the file, which no file can have.
pub(super) const CONFIG: &str = "config";

impl ConfigFile {
    /// Reads a file, or reports all that is wrong with it.
    pub(super) fn open(path: &Path, names: &Names) -> Result<Self, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
        let Some(text) = errors.take(CONFIG, text) else { return Err(errors) };
        Self::parse(&text, names).map_err(|faults| {
            for (line, fault) in faults {
                errors.add(format!("{}:{line}: {fault}", path.display()));
            }
            errors
        })
    }

    /// Parses a text. Each fault has its line, from 1.
    pub(super) fn parse(text: &str, names: &Names) -> Result<Self, Vec<(usize, String)>> {
        let line = |at: usize| text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        let (document, broken) = DeTable::parse_recoverable(text);
        let mut faults: Vec<_> = broken
            .iter()
            // Of a line with a secret the message would repeat nothing; it says only what was expected.
            .map(|error| {
                (line(error.span().unwrap_or_default().start), format!("this is no TOML: {}", error.message()))
            })
            .collect();
        let mut found = BTreeMap::new();
        // Not after a syntax error: the rest would lead to misleading faults.
        for (name, value) in document.get_ref().iter().filter(|_| broken.is_empty()) {
            match values(name.get_ref(), value, names) {
                Ok(values) => drop(found.insert(name.get_ref().to_string(), values)),
                Err(fault) => faults.push((line(name.span().start), fault)),
            }
        }
        faults.sort_by_key(|(line, _)| *line);
        if faults.is_empty() { Ok(Self(found)) } else { Err(faults) }
    }

    /// Whether it sets a flag.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|values| !values.is_empty())
    }

    /// The command with the file's values in place of its defaults, and so for those below it.
    pub(super) fn apply(&self, command: Command) -> Command {
        let command = command.mut_args(|arg| {
            let values = arg.get_long().and_then(|name| self.0.get(name)).filter(|values| !values.is_empty());
            // Without a variable it is no setting, whatever its name.
            let Some(values) = values.filter(|_| arg.get_id() != CONFIG) else { return arg };
            // Once a process, and as long as it lives: clap keeps defaults so.
            let values: Vec<&'static str> = values.iter().map(|value| &*value.clone().leak()).collect();
            arg.default_values(values)
        });
        command.mut_subcommands(|below| self.apply(below))
    }
}

/// The values of a setting, as texts; none if it is empty. Never repeats a value, which may be a secret.
fn values(name: &str, value: &Spanned<DeValue<'_>>, names: &Names) -> Result<Vec<String>, String> {
    let Some(&takes_several) = names.get(name) else {
        return Err(match value.get_ref() {
            DeValue::Table(_) => format!("{name} is no setting: all settings stand at the top, in no section"),
            _ => unknown(name, names),
        });
    };
    let values = match value.get_ref() {
        DeValue::Array(values) if takes_several => values.iter().map(text).collect::<Option<Vec<_>>>(),
        DeValue::Array(_) => return Err(format!("{name} takes one value and no list")),
        _ => text(value).map(|value| vec![value]),
    };
    let values = values.ok_or_else(|| {
        let kinds = if takes_several {
            "a text, a number, true or false, or a list of these"
        } else {
            "a text, a number, true or false"
        };
        format!("{name} must be {kinds}")
    })?;
    if values.iter().any(|value| has_password(value)) {
        return Err(format!("{name} has a password in it. {}", where_passwords_go(name)));
    }
    // As with variables, empty means not set.
    Ok(values.into_iter().filter(|value| !value.trim().is_empty()).collect())
}

fn text(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(is) => Some(is.to_string()),
        _ => None,
    }
}

/// What to say of a name that no setting has.
fn unknown(name: &str, names: &Names) -> String {
    let plain = name.to_lowercase().replace('_', "-");
    let plain = plain.strip_prefix("deskbuy-").unwrap_or(&plain);
    let in_a_file = format!("{plain}-file");
    if names.contains_key(&in_a_file) {
        return format!("{name} is no setting, since secrets are in files of their own; {in_a_file} names one");
    }
    if ["access-key", "alibaba-cloud", "security-token"].iter().any(|part| plain.contains(part)) {
        return format!("{name} is no setting: the access key is found where Alibaba Cloud's own tools find it");
    }
    let hint = nearest(plain, names.keys()).map(|other| format!("; is {other} meant?")).unwrap_or_default();
    format!("{name} is no setting{hint}")
}

/// Whether an address carries a password: before its host, or as a parameter.
fn has_password(value: &str) -> bool {
    let Some((_, rest)) = value.split_once("://") else { return false };
    let before_host = rest.rsplit_once('@').is_some_and(|(who, _)| {
        // Not the port of a host whose path has an @.
        let is_port =
            |text: &str| text.split_once('/').is_some_and(|(port, _)| port.bytes().all(|digit| digit.is_ascii_digit()));
        !who.starts_with('[') && who.split_once(':').is_some_and(|(_, rest)| !is_port(rest))
    });
    let as_parameter = rest.split(['?', '&']).skip(1).any(|parameter| {
        let name = parameter.split('=').next().unwrap_or_default().to_lowercase();
        name.contains("password") || name.contains("secret") || name.contains("token")
    });
    before_host || as_parameter
}

fn where_passwords_go(name: &str) -> String {
    if name == "database-url" {
        "Put it into the file that PGPASSFILE names (~/.pgpass otherwise), or set DESKBUY_DATABASE_URL".to_owned()
    } else {
        format!("Set {} instead", super::config_errors::variable_of(name))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::settings::CommandLine;

    fn parse(text: &str) -> Result<ConfigFile, String> {
        ConfigFile::parse(text, &names(&CommandLine::command())).map_err(|faults| {
            faults.iter().fold(String::new(), |said, (line, fault)| said + &format!("{line}: {fault}\n"))
        })
    }

    #[test]
    fn what_a_file_may_say() {
        let file = parse("drain = \"5s\"\nrate-limit = 10\nforeign-desktops = true\nregions = [\"cn-beijing\", \"cn-shanghai\"]\nbuyers = \"*\"\ncache = \"\"").unwrap();
        let expect = [
            ("buyers", vec!["*"]),
            ("cache", vec![]),
            ("drain", vec!["5s"]),
            ("foreign-desktops", vec!["true"]),
            ("rate-limit", vec!["10"]),
            ("regions", vec!["cn-beijing", "cn-shanghai"]),
        ];
        let expect = expect.map(|(name, values)| (name.to_owned(), values.into_iter().map(str::to_owned).collect()));
        assert_eq!(file, ConfigFile(expect.into()));
        assert!(file.has("drain") && !file.has("cache") && !file.has("listen"));
        assert_eq!(parse("approval-amount = 5000.50").unwrap().0["approval-amount"], ["5000.50"], "as it is written");
    }

    #[test]
    fn the_example_has_every_setting_once_and_its_default() {
        let text = include_str!("../../../deploy/deskbuy.toml");
        assert_eq!(parse(text).unwrap(), ConfigFile::default(), "as it is, it sets nothing");
        let is_setting = |line: &&str| line.split_once(" = ").is_some_and(|(name, _)| !name.contains(' '));
        let settings: Vec<_> = text.lines().filter_map(|line| line.strip_prefix('#')).filter(is_setting).collect();
        let example = parse(&settings.join("\n")).unwrap();
        let mut command = CommandLine::command();
        command.build();
        let serve = command.find_subcommand("serve").unwrap();
        let names = names(serve);
        assert_eq!(example.0.keys().collect::<Vec<_>>(), names.keys().collect::<Vec<_>>());
        assert_eq!(settings.len(), names.len(), "none is there twice");
        for arg in serve.get_arguments().filter(|arg| arg.get_long().is_some_and(|name| names.contains_key(name))) {
            let name = arg.get_long().unwrap();
            let default: Vec<_> = arg.get_default_values().iter().map(|value| value.to_str().unwrap()).collect();
            assert!(default.is_empty() || example.0[name].join(",") == default.join(","), "{name}: {default:?}");
        }
        // All of it together is parsed by clap too.
        let command = example.apply(CommandLine::command());
        let matches = command.clone().try_get_matches_from(["deskbuy", "serve"]).unwrap();
        assert!(matches.subcommand_matches("serve").is_some());
    }

    #[test]
    fn what_it_may_not_say_is_told_with_its_line() {
        let check = |text: &str, expect: &str| {
            let said = parse(text).unwrap_err();
            assert!(said.contains(expect), "{text}: {said}");
            assert!(!said.contains("sesame"), "{text}: {said}");
        };
        check("\n\norder-dedline = \"5m\"", "3: order-dedline is no setting; is order-deadline meant?");
        check("order_deadline = \"5m\"", "is order-deadline meant?");
        check("DESKBUY_ORDER_DEADLINE = \"5m\"", "is order-deadline meant?");
        check("config = \"other.toml\"", "config is no setting");
        check("[orders]\ndeadline = 1", "1: orders is no setting: all settings stand at the top");
        check("something-else-altogether = 1", "1: something-else-altogether is no setting\n");
        check("drain = \"5s\"\ndrain = \"6s\"", "2: this is no TOML");
        check("drain = ", "1: this is no TOML");
        check("drain = [\"5s\"]", "drain takes one value and no list");
        check("drain = 2026-11-28", "drain must be a text, a number, true or false\n");
        check("regions = [[1]]", "or a list of these");
        check("oidc-client-secret = \"sesame\"", "oidc-client-secret-file names one");
        check("session_key = \"sesame\"", "session-key-file names one");
        check("api-tokens = \"sesame\"", "api-tokens-file names one");
        check("access-key-secret = \"sesame\"", "where Alibaba Cloud's own tools find it");
        check(
            "database-url = \"postgres://me:sesame@db/desk\"",
            "1: database-url has a password in it. Put it into the file that PGPASSFILE",
        );
        check("database-url = \"postgres://me:se/s@same@db/desk\"", "has a password");
        check("database-url = \"postgres://me@db/desk?sslpassword=sesame\"", "has a password");
        check("oidc-issuer = \"https://me:sesame@login.example\"", "Set DESKBUY_OIDC_ISSUER instead");
        check("a = 1\nb = 2\nrate-limit = 1", "2: b is no setting");
    }

    #[test]
    fn an_address_without_a_password_is_none_of_them() {
        for value in [
            "postgres://me@db:5432/desk",
            "postgres://db:1,other:2/desk?target_session_attrs=read-write",
            "https://login.example:8443/a@b",
            "[::1]:8080",
            "me:x@y",
        ] {
            assert!(!has_password(value), "{value}");
        }
    }
}
