//! The operator's file of targets (deploy/notifications.example.toml): parses it at the start, and reports all errors at once,
//! each with its line. Secrets are in files of their own, and in no error.

use std::{ops::Range, path::Path};

use cloud::{AddressRule, Authorities, Secret};
use orders::{DeliverySettings, NotificationEvent};
use shared::language::Language;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::{Kind, NotificationSettings, TargetSettings, signature};
use crate::{
    operator_file::{FileError, FileErrors, Value, parse},
    settings::addresses::{is_loopback, is_private},
};

/// The most targets: each has a task and a connection.
const MOST_TARGETS: usize = 16;
/// The shortest secret of a webhook, in characters.
const SHORTEST_SECRET: usize = 16;
/// The thresholds of desktops that expire, in days, where the file has none.
const EXPIRING_DAYS: [u16; 3] = [30, 7, 1];
/// The longest threshold, in days.
const MOST_DAYS: u16 = 365;

/// What reads the files that the file names: a secret, and a text.
pub struct Files<'a> {
    /// The first line of a secret.
    pub secret: &'a dyn Fn(&Path) -> Result<Secret, String>,
    /// All of a text.
    pub text: &'a dyn Fn(&Path) -> Result<Vec<u8>, String>,
}

/// Parses a file.
pub fn read(text: &str, files: &Files<'_>) -> Result<NotificationSettings, Vec<FileError>> {
    parse(text, |document, errors| Reader { files, errors }.settings(document))
}

struct Reader<'a, 'e> {
    files: &'a Files<'a>,
    errors: &'a mut FileErrors<'e>,
}

/// A `[[target]]`, and its position in the file.
struct Entry<'a> {
    table: &'a DeTable<'a>,
    at: Range<usize>,
}

impl Reader<'_, '_> {
    fn settings(&mut self, document: &DeTable<'_>) -> NotificationSettings {
        self.check_names(document, &["expiring_days", "target"]);
        let days = document.get("expiring_days").map_or_else(|| Some(EXPIRING_DAYS.to_vec()), |value| self.days(value));
        let mut targets: Vec<TargetSettings> = Vec::new();
        for entry in self.entries(document) {
            let Some(target) = self.target(&entry) else { continue };
            if targets.iter().any(|other| other.name == target.name) {
                self.errors.add(entry.at, format_args!("the name {:?} is there twice", target.name));
            } else {
                targets.push(target);
            }
        }
        if targets.len() > MOST_TARGETS {
            self.errors.add(0..0, format_args!("there are {} targets, more than {MOST_TARGETS}", targets.len()));
        }
        let expiring_days = days.unwrap_or_default();
        NotificationSettings { targets, expiring_days, delivery: DeliverySettings::default(), page: None }
    }

    fn days(&mut self, value: &Value<'_>) -> Option<Vec<u16>> {
        let form = format!("`expiring_days` is no list of days from 1 to {MOST_DAYS}, such as [30, 7, 1]");
        let DeValue::Array(values) = value.get_ref() else { return self.errors.wrong(value.span(), form) };
        let day = |value: &Value<'_>| match value.get_ref() {
            DeValue::Integer(number) => {
                number.to_string().parse().ok().filter(|days: &u16| (1..=MOST_DAYS).contains(days))
            }
            _ => None,
        };
        values.iter().map(day).collect::<Option<_>>().or_else(|| self.errors.wrong(value.span(), form))
    }

    fn entries<'d>(&mut self, document: &'d DeTable<'d>) -> Vec<Entry<'d>> {
        const FORM: &str = "a target begins with [[target]], in two brackets";
        let Some(value) = document.get("target") else { return Vec::new() };
        let DeValue::Array(values) = value.get_ref() else {
            return self.errors.wrong(value.span(), FORM).unwrap_or_default();
        };
        let mut entries = Vec::new();
        for value in values {
            match value.get_ref() {
                DeValue::Table(table) => entries.push(Entry { table, at: value.span() }),
                _ => self.errors.add(value.span(), FORM),
            }
        }
        entries
    }

    fn target(&mut self, entry: &Entry<'_>) -> Option<TargetSettings> {
        self.check_names(
            entry.table,
            &[
                "name",
                "kind",
                "url",
                "url_file",
                "secret_file",
                "ca_file",
                "events",
                "personal_data",
                "language",
                "allow_loopback",
            ],
        );
        let before = self.errors.count();
        let name = self.required(entry, "name").and_then(|(text, at)| {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            let is_name = (1..=64).contains(&text.len()) && text.chars().all(is_plain);
            if is_name {
                Some(text)
            } else {
                self.errors.wrong(at, "`name` is not 1 to 64 letters, digits, dots and dashes")
            }
        });
        let kind = self.required(entry, "kind").and_then(|(text, at)| {
            let found = Kind::ALL.iter().copied().find(|kind| kind.as_str() == text);
            found.or_else(|| self.errors.wrong(at, "`kind` is none of webhook, dingtalk, wecom and feishu"))
        });
        let events = self.events(entry);
        let personal_data = self.flag(entry, "personal_data");
        let allow_loopback = self.flag(entry, "allow_loopback");
        let language = match self.string(entry, "language") {
            None => Some(Language::Chinese),
            Some((text, at)) => {
                Language::of_tag(&text).or_else(|| self.errors.wrong(at, "`language` is neither zh nor en"))
            }
        };
        let authorities = self.string(entry, "ca_file").and_then(|(path, at)| {
            let found = (self.files.text)(path.as_ref());
            let found = found.and_then(|text| Authorities::of_pem(&text).map_err(str::to_owned));
            found.map_err(|error| self.errors.add(at, format_args!("`ca_file` {error}"))).ok()
        });
        let url = kind.and_then(|kind| self.url(entry, kind, allow_loopback));
        let secret = kind.and_then(|kind| self.secret(entry, kind));
        if self.errors.count() > before {
            return None;
        }
        let (name, kind, events, url, language) = (name?, kind?, events?, url?, language?);
        Some(TargetSettings { name, kind, url, secret, authorities, events, personal_data, language, allow_loopback })
    }

    /// The address, which for a robot is a secret.
    fn url(&mut self, entry: &Entry<'_>, kind: Kind, allow_loopback: bool) -> Option<Secret> {
        let (given, in_a_file) = (self.string(entry, "url"), self.string(entry, "url_file"));
        let (url, name, at) = match (given, in_a_file) {
            (Some((_, at)), Some(_)) => return self.errors.wrong(at, "`url` is there beside `url_file`"),
            (None, None) if kind == Kind::Webhook => {
                return self.errors.wrong(entry.at.clone(), "there is neither `url` nor `url_file`");
            }
            (None, None) => return self.errors.wrong(entry.at.clone(), "there is no `url_file`"),
            (Some((_, at)), None) if kind != Kind::Webhook => {
                return self
                    .errors
                    .wrong(at, "`url` of a robot holds its key: put it into a file that `url_file` names");
            }
            (Some((url, at)), None) => (Secret::from(url), "url", at),
            (None, Some((path, at))) => match (self.files.secret)(path.as_ref()) {
                Ok(url) => (url, "url_file", at),
                Err(error) => return self.errors.wrong(at, format_args!("`url_file` {error}")),
            },
        };
        let Ok(parsed) = Url::parse(url.expose()) else {
            return self
                .errors
                .wrong(at, format_args!("`{name}` has no address such as https://hooks.example.com/deskbuy"));
        };
        let has_user = !parsed.username().is_empty() || parsed.password().is_some();
        if name == "url" && (has_user || parsed.query().is_some()) {
            return self.errors.wrong(at, "`url` has what may be a secret: put it into a file that `url_file` names");
        }
        if has_user {
            return self.errors.wrong(at, format_args!("`{name}` has a user or a password, which are not sent"));
        }
        if is_loopback(&parsed) && !allow_loopback {
            let why = "leads to this machine; if that is meant, add allow_loopback = true";
            return self.errors.wrong(at, format_args!("`{name}` {why}"));
        }
        if parsed.host_str().is_some_and(|host| !AddressRule { allow_loopback }.allows_host(host)) {
            return self.errors.wrong(at, format_args!("`{name}` has an address that is refused"));
        }
        if !is_private(&parsed) {
            return self.errors.wrong(at, format_args!("`{name}` must be https, but for loopback"));
        }
        Some(url)
    }

    fn secret(&mut self, entry: &Entry<'_>, kind: Kind) -> Option<Secret> {
        let Some((path, at)) = self.string(entry, "secret_file") else {
            if kind == Kind::Webhook {
                self.errors
                    .add(entry.at.clone(), "there is no `secret_file`, which a webhook's messages are signed with");
            }
            return None;
        };
        if kind == Kind::WeCom {
            return self.errors.wrong(at, "`secret_file` has no meaning here: robots of WeCom know no signature");
        }
        let secret = match (self.files.secret)(path.as_ref()) {
            Ok(secret) => secret,
            Err(error) => return self.errors.wrong(at, format_args!("`secret_file` {error}")),
        };
        if kind == Kind::Webhook {
            if secret.expose().len() < SHORTEST_SECRET {
                return self.errors.wrong(at, format_args!("`secret_file` has less than {SHORTEST_SECRET} characters"));
            }
            if signature::webhook_key(secret.expose()).is_none() {
                let what =
                    format_args!("`secret_file` begins with {} and is no Base64 after it", signature::BASE64_SECRET);
                return self.errors.wrong(at, what);
            }
        }
        Some(secret)
    }

    /// The events; all of them where none are named.
    fn events(&mut self, entry: &Entry<'_>) -> Option<Vec<NotificationEvent>> {
        let Some(value) = entry.table.get("events") else { return Some(NotificationEvent::ALL.to_vec()) };
        let known: Vec<_> = NotificationEvent::ALL.iter().map(|event| event.as_str()).collect();
        let form = format!("`events` is no list of some of {}", known.join(", "));
        let DeValue::Array(values) = value.get_ref() else { return self.errors.wrong(value.span(), form) };
        let mut events = Vec::new();
        for value in values {
            let event = match value.get_ref() {
                DeValue::String(text) => text.parse().ok(),
                _ => None,
            };
            match event {
                Some(event) if !events.contains(&event) => events.push(event),
                Some(_) => {}
                None => return self.errors.wrong(value.span(), form),
            }
        }
        if events.is_empty() { self.errors.wrong(value.span(), form) } else { Some(events) }
    }

    fn flag(&mut self, entry: &Entry<'_>, name: &str) -> bool {
        let Some(value) = entry.table.get(name) else { return false };
        match value.get_ref() {
            DeValue::Boolean(is) => *is,
            _ => {
                self.errors.wrong(value.span(), format_args!("`{name}` is neither true nor false")).unwrap_or_default()
            }
        }
    }

    fn required(&mut self, entry: &Entry<'_>, name: &str) -> Option<(String, Range<usize>)> {
        if !entry.table.contains_key(name) {
            return self.errors.wrong(entry.at.clone(), format_args!("there is no `{name}`"));
        }
        self.string(entry, name)
    }

    fn string(&mut self, entry: &Entry<'_>, name: &str) -> Option<(String, Range<usize>)> {
        let value = entry.table.get(name)?;
        match value.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Some((text.trim().to_owned(), value.span())),
            _ => self.errors.wrong(value.span(), format_args!("`{name}` is no text, or empty")),
        }
    }

    /// Reports unknown names. A misspelt name would otherwise have no effect.
    fn check_names(&mut self, table: &DeTable<'_>, names: &[&str]) {
        for name in table.keys().filter(|name| !names.contains(&name.get_ref().as_ref())) {
            let what = match name.get_ref().as_ref() {
                "secret" | "key" | "token" | "access_token" => {
                    "secrets are in files of their own: secret_file, url_file"
                }
                _ => "",
            };
            let hint = if what.is_empty() { format!("but {}", names.join(", ")) } else { what.to_owned() };
            self.errors.add(name.span(), format_args!("there is nothing called `{}`, {hint}", name.get_ref()));
        }
    }
}
