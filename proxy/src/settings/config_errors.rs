//! Config errors: everything that is wrong with the settings, collected so that one start reports all of it.

use std::{fmt, time::Duration};

use jiff::SignedDuration;

/// What is said of a setting that has a meaning only with sign-in.
pub(super) const ONLY_WITH_SIGN_IN: &str = "has a meaning only with --oidc-issuer (DESKBUY_OIDC_ISSUER)";

/// What is wrong with the settings, all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigErrors(Vec<String>);

impl ConfigErrors {
    pub(super) fn add(&mut self, error: impl Into<String>) {
        self.0.push(error.into());
    }

    /// The value, or a note of what is wrong with the setting of this flag.
    pub(super) fn take<T>(&mut self, flag: &str, value: Result<T, impl fmt::Display>) -> Option<T> {
        value.map_err(|error| self.add(format!("--{flag} (DESKBUY_{}) {error}", variable(flag)))).ok()
    }

    /// A length of time such as `30s`, `10m` or `1h 30m`.
    pub(super) fn take_duration(&mut self, flag: &str, text: &str) -> Option<Duration> {
        let duration = text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
        let duration = duration.filter(|duration| !duration.is_zero());
        self.take(flag, duration.ok_or("is not a length of time such as 30s or 10m"))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

fn variable(flag: &str) -> String {
    flag.replace('-', "_").to_uppercase()
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the settings do not allow a start:")?;
        self.0.iter().try_for_each(|error| write!(out, "\n  - {error}"))
    }
}

impl std::error::Error for ConfigErrors {}
