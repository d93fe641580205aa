//! Which known name a misspelt one was probably meant to be.

/// The most changes of single letters between a name and the one that was probably meant: a third of its letters, and no more
/// than four.
fn most_changes(name: &str) -> usize {
    let own = name.strip_prefix(super::environment::PREFIX).unwrap_or(name);
    (own.len() / 3).clamp(1, 4)
}

/// The known name that was probably meant.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    let nearest = known.into_iter().min_by_key(|other| distance(name, other));
    nearest.filter(|other| distance(name, other) <= most_changes(name))
}

/// The number of letters to change, add or take away to make one text of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, wanted) in other.bytes().enumerate() {
            let change = diagonal + usize::from(letter != wanted);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_suggested_where_most_letters_agree() {
        let known = ["seed", "regions", "order-deadline", "DESKBUY_LOG", "DESKBUY_CACHE"].map(str::to_owned);
        let check = |name: &str, expect: Option<&str>| {
            assert_eq!(nearest(name, &known).map(String::as_str), expect, "{name}");
        };
        check("region", Some("regions"));
        check("order-dedline", Some("order-deadline"));
        check("DESKBUY_CACH", Some("DESKBUY_CACHE"));
        check("secret", None);
        check("DESKBUY_FOO", None);
    }

    #[test]
    fn distances() {
        for (one, other, expect) in
            [("", "abc", 3), ("abc", "abc", 0), ("abc", "ac", 1), ("abc", "abd", 1), ("ab", "ba", 2)]
        {
            assert_eq!(distance(one, other), expect, "{one} {other}");
        }
    }
}
