//! Which known name a misspelt one was probably meant to be: by its letters, or else by its words.

use std::collections::BTreeSet;

/// So many changed letters are a slip of the hand, whatever the words.
const SLIP: usize = 2;

/// The most changes of single letters between a name and the one that was probably meant: a third of its letters, and no more
/// than four.
fn most_changes(name: &str) -> usize {
    let prefix = super::config_errors::PREFIX;
    let own = match name.split_at_checked(prefix.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(prefix) => rest,
        _ => name,
    };
    (own.len() / 3).clamp(1, 4)
}

/// The known name that was probably meant.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    let (name, known) = (name.to_ascii_lowercase(), known.into_iter().collect::<Vec<_>>());
    let far = |other: &str| distance(&name, &other.to_ascii_lowercase());
    let (most, wanted) = (most_changes(&name), words(&name));
    if wanted.is_empty() {
        return None;
    }
    // One that has all of its words, or only words of it, as `LOG_LEVEL` is to `LOG`.
    let shares_words = |other: &str| {
        let of_other = words(&other.to_ascii_lowercase());
        !of_other.is_empty() && (of_other.is_subset(&wanted) || wanted.is_subset(&of_other))
    };
    let best =
        |fits: &dyn Fn(&str) -> bool| known.iter().copied().filter(|other| fits(other)).min_by_key(|other| far(other));
    best(&|other| far(other) <= most.min(SLIP))
        .or_else(|| best(&shares_words))
        .or_else(|| best(&|other| far(other) <= most))
}

/// The words of a name in small letters, without the prefix of variables.
fn words(name: &str) -> BTreeSet<String> {
    name.split(['_', '-']).filter(|word| !["", "deskbuy"].contains(word)).map(str::to_owned).collect()
}

/// The number of slips between two texts: letters changed, added, left out, or two beside each other swapped (optimal string
/// alignment).
fn distance(one: &str, other: &str) -> usize {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut above: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut next = vec![at + 1];
        for (column, wanted) in other.iter().enumerate() {
            let mut least =
                (row[column] + usize::from(letter != wanted)).min(row[column + 1] + 1).min(next[column] + 1);
            if at > 0 && column > 0 && *letter == other[column - 1] && one[at - 1] == *wanted {
                least = least.min(above[column - 1] + 1);
            }
            next.push(least);
        }
        above = std::mem::replace(&mut row, next);
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
        check("DESKBUY_CAHCE", Some("DESKBUY_CACHE"));
        check("sede", Some("seed"));
        check("secret", None);
        check("DESKBUY_FOO", None);
    }

    #[test]
    fn a_name_is_suggested_that_has_the_same_words() {
        let known = ["DESKBUY_LOG", "DESKBUY_LISTEN", "DESKBUY_OIDC_ISSUER", "DESKBUY_BUYERS"].map(str::to_owned);
        let check = |name: &str, expect: Option<&str>| {
            assert_eq!(nearest(name, &known).map(|found| found.trim_start_matches("DESKBUY_")), expect, "{name}");
        };
        check("DESKBUY_LISEN", Some("LISTEN"));
        check("DESKBUY_LOG_LEVEL", Some("LOG"));
        check("DESKBUY_ISSUER", Some("OIDC_ISSUER"));
        check("DESKBUY_buyers", Some("BUYERS"));
        check("DESKBUY_WALLPAPER", None);
        check("DESKBUY_", None);
    }

    #[test]
    fn distances() {
        for (one, other, expect) in
            [("", "abc", 3), ("abc", "abc", 0), ("abc", "ac", 1), ("abc", "abd", 1), ("ab", "ba", 1)]
        {
            assert_eq!(distance(one, other), expect, "{one} {other}");
        }
    }
}
