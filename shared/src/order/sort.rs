//! The order of lists of desktops: the parameter `sort` of `GET /api/desktops`. Without it they are newest first.

use std::{fmt, str::FromStr};

/// What desktops are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortKey {
    /// `valid_until`: when their months end. Those without an end come last in both directions.
    ValidUntil,
    /// `bought`: when their purchase was confirmed.
    Bought,
    /// `user`: whose they are, by the characters' numbers (Unicode), letters a to z without regard to case.
    User,
}

impl SortKey {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ValidUntil, Self::Bought, Self::User];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ValidUntil => "valid_until",
            Self::Bought => "bought",
            Self::User => "user",
        }
    }
}

/// A key and a direction. As a text the key's name, behind `-` where the largest come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// What decides.
    pub key: SortKey,
    /// Whether the largest come first.
    pub descending: bool,
}

impl fmt::Display for Sort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.descending { "-" } else { "" })?;
        formatter.write_str(self.key.as_str())
    }
}

impl FromStr for Sort {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let name = text.strip_prefix('-');
        let key = SortKey::ALL.into_iter().find(|key| key.as_str() == name.unwrap_or(text)).ok_or(())?;
        Ok(Self { key, descending: name.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_text_and_back() {
        for key in SortKey::ALL {
            for descending in [false, true] {
                let sort = Sort { key, descending };
                assert_eq!(sort.to_string().parse(), Ok(sort));
            }
        }
        assert_eq!("-user".parse(), Ok(Sort { key: SortKey::User, descending: true }));
        for text in ["", "-", "--user", "+user", "User", "token", "user,bought"] {
            assert_eq!(text.parse::<Sort>(), Err(()), "{text}");
        }
    }
}
