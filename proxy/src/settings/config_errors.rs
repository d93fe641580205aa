//! Config errors: collects everything that is wrong with the settings, so that one start reports all of it.

use std::fmt;

use super::checked::Checked;
use crate::operator_file::FileError;

/// The prefix of our variables.
pub(super) const PREFIX: &str = "DESKBUY_";
/// The error of a setting that has an effect only with sign-in.
pub(super) const ONLY_WITH_SIGN_IN: &str = "has a meaning only with --oidc-issuer (DESKBUY_OIDC_ISSUER)";

/// All errors of the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigErrors(Vec<String>);

impl ConfigErrors {
    pub(super) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(super) fn add(&mut self, error: impl Into<String>) {
        self.0.push(error.into());
    }

    /// The value, or `None` after recording the error for this flag and its variable.
    pub(super) fn take<T>(&mut self, flag: &str, value: Result<T, impl fmt::Display>) -> Option<T> {
        value.map_err(|error| self.add(format!("--{flag} ({}) {error}", variable_of(flag)))).ok()
    }

    /// What is read from the file of this flag, or `None` after recording its errors, each with the file and the line.
    pub(super) fn take_file<T>(&mut self, flag: &str, file: &str, read: Result<T, Vec<FileError>>) -> Option<T> {
        read.map_err(|found| {
            for error in found {
                let _: Option<()> = self.take(flag, Err(format!("{file}:{error}")));
            }
        })
        .ok()
    }

    /// The value of this flag, or `None` after recording its error.
    pub(super) fn value<T: Clone>(&mut self, flag: &str, value: &Checked<T>) -> Option<T> {
        self.take(flag, value.result())
    }

    /// The value of this flag if it is set. Outer `None` after recording its error.
    #[expect(clippy::option_option, reason = "wrong, set and not set are three things")]
    pub(super) fn optional<T: Clone>(&mut self, flag: &str, value: Option<&Checked<Option<T>>>) -> Option<Option<T>> {
        value.map_or(Some(None), |value| self.value(flag, value))
    }

    /// The non-empty values of this flag. Records the error of each other.
    pub(super) fn values<T: Clone>(&mut self, flag: &str, values: &[Checked<Option<T>>]) -> Vec<T> {
        values.iter().filter_map(|value| self.value(flag, value).flatten()).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

/// The variable of a flag.
pub(super) fn variable_of(flag: &str) -> String {
    format!("{PREFIX}{}", flag.replace('-', "_").to_uppercase())
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the settings do not allow a start:")?;
        self.0.iter().try_for_each(|error| write!(out, "\n  - {error}"))
    }
}

impl std::error::Error for ConfigErrors {}
