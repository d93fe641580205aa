//! A list of users as people have it: a column of names, names and addresses, a file from a spreadsheet. What each row means
//! is decided by the directory; writing and buying are the page's.

mod columns;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use crate::{
    Code,
    actions::UserInfo,
    csv::{self, Table},
    order::LARGEST_BATCH,
    typed::{clean, meant},
    user::{Email, UserName, clean_email},
};
use columns::Columns;

/// The most rows of a list: its users are bought for as one batch.
pub const LONGEST_LIST: usize = LARGEST_BATCH;

/// A row as it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedUser {
    /// The name.
    pub name: String,
    /// The address; empty where there is none.
    pub email: String,
}

/// Why a text is not taken as a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListError {
    /// It has more rows than are taken.
    TooLong {
        /// How many.
        rows: usize,
    },
    /// A quote is not closed, so that the rows after it are in its cell.
    OpenQuote {
        /// The line of the quote, from 1.
        line: usize,
    },
}

/// What may separate the cells of a row. Where two divide as many rows, it is the later one.
const SEPARATORS: [char; 7] = ['、', '；', '，', '|', ';', ',', '\t'];

/// The rows of a text. They are separated by tabs, commas or semicolons, also full-width ones, whichever makes most rows have
/// columns, unless a first line such as `sep=;` says it. The columns are found by the words of a header, or by the addresses in
/// them; a row of blank cells is none.
pub fn read(text: &str) -> Result<Vec<ListedUser>, ListError> {
    let divided = |table: &Table| table.rows.iter().filter(|row| row.len() > 1).count();
    let table = match told_separator(text) {
        Some(told) => rows(text, told),
        None => SEPARATORS.map(|separator| rows(text, separator)).into_iter().max_by_key(divided).unwrap_or_default(),
    };
    if let Some(line) = table.open_quote {
        return Err(ListError::OpenQuote { line });
    }
    let mut rows = table.rows;
    let columns = Columns::of(&rows);
    let titles: Vec<_> = rows.drain(..columns.header.map_or(0, |header| header + 1)).take(columns.titles()).collect();
    // One with other cells only is a user without a name, and not left out in silence.
    let users = rows.into_iter().map(|row| columns.user(row));
    let users: Vec<_> = titles.into_iter().map(columns::title).chain(users).collect();
    if users.len() > LONGEST_LIST { Err(ListError::TooLong { rows: users.len() }) } else { Ok(users) }
}

/// The separator that a first line for Excel says.
fn told_separator(text: &str) -> Option<char> {
    let first = text.strip_prefix(csv::BYTE_ORDER_MARK).unwrap_or(text).lines().next()?;
    let (word, told) = first.trim_matches([' ', '"']).split_once('=')?;
    let told = told.chars().next().filter(|separator| !separator.is_alphanumeric());
    told.filter(|_| word.eq_ignore_ascii_case("sep"))
}

/// The rows of a text, without blank cells at their ends.
fn rows(text: &str, separator: char) -> Table {
    let mut table = csv::read_by(text, separator);
    if told_separator(text).is_some() {
        table.rows.remove(0);
    }
    for row in &mut table.rows {
        while row.pop_if(|cell| clean(cell).is_empty()).is_some() {}
    }
    table.rows.retain(|row| !row.is_empty());
    table
}

/// The list as a text that is read back as the same.
#[must_use]
pub fn write<'a>(users: impl IntoIterator<Item = &'a ListedUser>) -> String {
    let mut text = String::new();
    csv::write_row(&mut text, columns::HEADER);
    for user in users {
        csv::write_row(&mut text, [&user.name, &user.email]);
    }
    text
}

/// What a row means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The user is in the directory, with an address.
    InDirectory(UserInfo),
    /// The user is in the directory, with another address than the row's: perhaps it is another person of the same name.
    OtherEmail(UserInfo),
    /// The user is in the directory without an address, and gets the row's.
    AddEmail(UserInfo),
    /// The user is not in the directory, and will be created.
    Create(UserInfo),
    /// The user has no address, neither in the directory nor in the row. Whether the directory has the user.
    WithoutEmail(bool),
    /// The name or the address cannot be one.
    Invalid(Code),
    /// The same user is in an earlier row; its index.
    Duplicate(usize),
}

impl Standing {
    /// The user as the directory has it, or will have it once the row is written. `None` where a desktop cannot be bought, or perhaps not for whom the row means.
    #[must_use]
    pub const fn user(&self) -> Option<&UserInfo> {
        match self {
            Self::InDirectory(user) | Self::AddEmail(user) | Self::Create(user) => Some(user),
            Self::OtherEmail(_) | Self::WithoutEmail(_) | Self::Invalid(_) | Self::Duplicate(_) => None,
        }
    }

    /// Whether the directory has to be changed before a desktop can be bought.
    #[must_use]
    pub const fn is_written(&self) -> bool {
        matches!(self, Self::AddEmail(_) | Self::Create(_))
    }
}

/// What each row means, by the users of the directory. Names are compared as Active Directory does, without case, and are
/// given as the directory has them. An address that the directory has stays; `takes_other_email` is whether somebody has
/// confirmed that a user with another address than the row's is the one that is meant.
#[must_use]
pub fn check(list: &[ListedUser], directory: &[UserInfo], takes_other_email: bool) -> Vec<Standing> {
    let known = Known::of(list, directory);
    let mut seen = HashMap::new();
    let mut standings = Vec::with_capacity(list.len());
    for (index, listed) in list.iter().enumerate() {
        let found = known.find(&listed.name);
        let key = found.map_or_else(|| meant(&listed.name), |user| user.name.clone()).to_lowercase();
        let standing = match seen.get(&key) {
            Some(earlier) => Standing::Duplicate(*earlier),
            None => alone(listed, found, takes_other_email),
        };
        // A row that cannot be used leaves the name to a later one.
        if standing.user().is_some() {
            seen.insert(key, index);
        }
        standings.push(standing);
    }
    standings
}

/// What a row means that has no duplicate.
fn alone(listed: &ListedUser, found: Option<&UserInfo>, takes_other_email: bool) -> Standing {
    let has_email = !clean(&listed.email).is_empty();
    match found {
        Some(user) if !user.email.trim().is_empty() => {
            let is_same = clean_email(&listed.email).to_lowercase() == clean_email(&user.email).to_lowercase();
            if is_same || !has_email || takes_other_email {
                Standing::InDirectory(user.clone())
            } else {
                Standing::OtherEmail(user.clone())
            }
        }
        Some(_) if !has_email => Standing::WithoutEmail(true),
        Some(user) => match listed.email.parse::<Email>() {
            Ok(email) => Standing::AddEmail(UserInfo { name: user.name.clone(), email: email.into() }),
            Err(code) => Standing::Invalid(code),
        },
        None => match (listed.name.parse::<UserName>(), has_email) {
            (Err(code), _) => Standing::Invalid(code),
            (Ok(_), false) => Standing::WithoutEmail(false),
            (Ok(name), true) => match listed.email.parse::<Email>() {
                Ok(email) => Standing::Create(UserInfo { name: name.into(), email: email.into() }),
                Err(code) => Standing::Invalid(code),
            },
        },
    }
}

/// The users of the directory that a list may mean. It is looked through once, since it may have fifty thousand.
struct Known<'a> {
    exact: HashMap<&'a str, &'a UserInfo>,
    by_key: HashMap<String, &'a UserInfo>,
}

impl<'a> Known<'a> {
    fn of(list: &[ListedUser], directory: &'a [UserInfo]) -> Self {
        let wanted: HashSet<String> =
            list.iter().flat_map(|user| spellings(&user.name)).map(|name| name.to_lowercase()).collect();
        let (mut exact, mut by_key) = (HashMap::new(), HashMap::new());
        for user in directory {
            let key = user.name.to_lowercase();
            if wanted.contains(&key) {
                exact.insert(user.name.as_str(), user);
                by_key.entry(key).or_insert(user);
            }
        }
        Self { exact, by_key }
    }

    fn find(&self, name: &str) -> Option<&'a UserInfo> {
        let spellings = spellings(name);
        let exact = spellings.iter().find_map(|name| self.exact.get(name.as_str()));
        exact.or_else(|| spellings.iter().find_map(|name| self.by_key.get(&name.to_lowercase()))).copied()
    }
}

/// As the directory may spell a name: as it is, and cleaned.
fn spellings(name: &str) -> [String; 2] {
    [name.trim().to_owned(), meant(name)]
}
