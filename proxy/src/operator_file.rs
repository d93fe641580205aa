//! The operator's files in TOML, such as prices and order fields: parses one at the start, and reports all errors at once, each
//! with its line.

use std::{fmt, fmt::Display, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A value, and its position in the file.
pub(crate) type Value<'a> = Spanned<DeValue<'a>>;

/// An error in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.what)
    }
}

/// The errors that are found in a file.
pub(crate) struct FileErrors<'a> {
    text: &'a str,
    found: Vec<FileError>,
}

/// Parses a file. `read` makes the value of its table, and reports what is wrong with it.
pub(crate) fn parse<T: Default>(
    text: &str,
    read: impl FnOnce(&DeTable<'_>, &mut FileErrors<'_>) -> T,
) -> Result<T, Vec<FileError>> {
    let mut errors = FileErrors { text, found: Vec::new() };
    let (document, broken) = DeTable::parse_recoverable(text);
    for error in &broken {
        errors.add(error.span().unwrap_or_default(), format_args!("this is no TOML: {}", error.message()));
    }
    // Not after a syntax error: the rest of the file would lead to misleading errors.
    let value = if broken.is_empty() { read(document.get_ref(), &mut errors) } else { T::default() };
    errors.found.sort_by_key(|error| error.line);
    if errors.found.is_empty() { Ok(value) } else { Err(errors.found) }
}

impl FileErrors<'_> {
    /// Reports an error.
    pub(crate) fn add(&mut self, at: Range<usize>, what: impl Display) {
        let line = self.line(at.start);
        self.found.push(FileError { line, what: what.to_string() });
    }

    /// Reports an error, and returns `None` in place of the value.
    pub(crate) fn wrong<T>(&mut self, at: Range<usize>, what: impl Display) -> Option<T> {
        self.add(at, what);
        None
    }

    /// Reports unknown names. A misspelt name would otherwise have no effect.
    pub(crate) fn check_names(&mut self, table: &DeTable<'_>, names: &[&str]) {
        for name in table.keys().filter(|name| !names.contains(&name.get_ref().as_ref())) {
            let known = names.join(", ");
            self.add(name.span(), format_args!("there is nothing called `{}`, but {known}", name.get_ref()));
        }
    }

    /// How many have been found so far.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// The line of a position.
    pub(crate) fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        1 + before.filter(|byte| **byte == b'\n').count()
    }
}
