//! Checked flag values: parsed by clap, with their errors collected for one report.
//!
//! clap stops at the first value that it cannot parse, but an operator who sets up a proxy wants to see all errors. So
//! a value carries its error until the settings are validated.

use std::{convert::Infallible, fmt, net::SocketAddr, str::FromStr, time::Duration};

use jiff::SignedDuration;

/// The value of a flag, or its error.
#[derive(Clone, Debug)]
pub struct Checked<T>(Result<T, String>);

impl<T: Clone> Checked<T> {
    /// The value, or its error.
    pub(super) fn result(&self) -> Result<T, String> {
        self.0.clone()
    }
}

/// A clap parser that applies this function to the trimmed text.
pub(super) fn checked<T, E: fmt::Display>(
    parse: impl Fn(&str) -> Result<T, E> + Clone,
) -> impl Fn(&str) -> Result<Checked<T>, Infallible> + Clone {
    move |text| Ok(Checked(parse(text.trim()).map_err(|error| error.to_string())))
}

/// A clap parser for a flag that may be empty: an empty variable counts as unset.
pub(super) fn optional<T, E: fmt::Display>(
    parse: impl Fn(&str) -> Result<T, E> + Clone,
) -> impl Fn(&str) -> Result<Checked<Option<T>>, Infallible> + Clone {
    checked(move |text| if text.is_empty() { Ok(None) } else { parse(text).map(Some) })
}

/// Parses with the type's own `FromStr`.
pub(super) fn from_str<T: FromStr>(text: &str) -> Result<T, T::Err> {
    text.parse()
}

/// Parses a duration such as `30s`, `10m` or `1h 30m`.
pub(super) fn duration(text: &str) -> Result<Duration, &'static str> {
    let duration = text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    duration.filter(|duration| !duration.is_zero()).ok_or("is not a length of time such as 30s or 10m")
}

/// Parses an address to listen on.
pub(super) fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "is not an address with a port, such as 127.0.0.1:8080")
}

/// Parses a number of at least one.
pub(super) fn at_least_one(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|number| *number > 0).ok_or("must be a number of at least 1")
}
