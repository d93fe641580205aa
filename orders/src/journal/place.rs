//! The cursor of a list: the row that the next page begins behind. Keyset pagination, so it names the row and not how many are
//! before it.

use std::{fmt, str::FromStr};

use super::history::Position;

/// A row's place in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The row's number.
    pub position: Position,
    /// The row's end as it was listed, where the list is sorted by it: a renewal changes the end and must not move the cursor.
    pub end: Option<i64>,
}

impl From<Position> for Place {
    fn from(position: Position) -> Self {
        Self { position, end: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(end) = self.end {
            write!(formatter, "{end}.")?;
        }
        self.position.fmt(formatter)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |text: &str| {
            let is_number = text.bytes().all(|digit| digit.is_ascii_digit());
            text.parse().ok().filter(|_| is_number).ok_or(())
        };
        match text.split_once('.') {
            Some((end, position)) => Ok(Self { position: number(position)?, end: Some(number(end)?) }),
            None => Ok(number(text)?.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_text_and_back() {
        for (place, text) in [
            (Place::from(7), "7"),
            (Place { position: 7, end: Some(1_764_547_200_000) }, "1764547200000.7"),
            (Place { position: 0, end: Some(0) }, "0.0"),
        ] {
            assert_eq!(place.to_string(), text);
            assert_eq!(text.parse(), Ok(place));
        }
        for text in ["", ".", "7.", ".7", "-7", "+7", "1.2.3", "1e3", "9223372036854775808", "٧"] {
            assert_eq!(text.parse::<Place>(), Err(()), "{text}");
        }
    }
}
