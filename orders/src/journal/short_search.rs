//! Searches for one or two characters in SQLite, whose index of searches has parts of three: those that begin with the
//! characters are looked up in the list of all parts. Each text is indexed with two line ends after it, so none is missed.

use sqlx::AnyPool;

use super::JournalError;

/// The most parts that the index is asked for at once: each is read by itself.
const MOST: usize = 64;

/// The parts that begin with the text, as the index of searches takes them. `None` if there are too many, or if the index may
/// spell the text in another way.
pub(super) async fn parts(pool: &AnyPool, text: &str) -> Result<Option<Vec<String>>, JournalError> {
    if !text.chars().all(is_folded) {
        return Ok(None);
    }
    // From each part to the next: a part has as many rows as there are orders with it.
    let parts: Vec<String> = sqlx::query_scalar(
        "WITH RECURSIVE parts (part) AS (\
         SELECT (SELECT term FROM orders_search_parts WHERE term >= $1 ORDER BY term LIMIT 1) UNION ALL \
         SELECT (SELECT term FROM orders_search_parts WHERE term >= part || char(1) ORDER BY term LIMIT 1) FROM parts \
         WHERE substr(part, 1, length($1)) = $1) \
         SELECT part FROM parts WHERE substr(part, 1, length($1)) = $1 LIMIT $2",
    )
    .bind(text.to_owned())
    .bind(i64::try_from(MOST + 1).unwrap_or_default())
    .fetch_all(pool)
    .await?;
    Ok((parts.len() <= MOST).then(|| parts.iter().map(|part| quoted(part)).collect()))
}

/// Whether a character in lower case is its own folded form, as far as Rust and SQLite can be trusted to agree.
fn is_folded(character: char) -> bool {
    character.is_ascii() || character.to_uppercase().flat_map(char::to_lowercase).eq([character])
}

/// A part as the index of searches takes it.
pub(super) fn quoted(part: &str) -> String {
    format!("\"{}\"", part.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accept, journal, order};
    use crate::{Filter, journal::Journal};

    async fn found(journal: &Journal, text: &str) -> Vec<String> {
        let filter = Filter { search: Some(text.to_owned()), limit: 100, ..Filter::default() };
        let rows = journal.list(&filter).await.unwrap().rows;
        rows.into_iter().map(|order| order.token.to_string()).collect()
    }

    #[tokio::test]
    async fn one_or_two_characters_are_found_wherever_they_are() {
        let (journal, _folder, _) = journal().await;
        accept(&journal, &[order("t-1", "zhang.san"), order("t-2", "王五"), order("t-3", "Groß.\"q")]).await;
        for (text, expect) in [
            ("zh", &["t-1"] as &[_]),
            ("ZH", &["t-1"]),
            ("z", &["t-1"]),
            ("王五", &["t-2"]),
            ("五", &["t-2"]),
            ("ß", &["t-3"]),
            ("\"q", &["t-3"]),
            ("q", &["t-3"]),
            // The end of the whole text.
            ("ll", &["t-3", "t-2", "t-1"]),
            ("1\n", &["t-1"]),
            ("~~", &[]),
            ("%", &[]),
        ] {
            assert_eq!(found(&journal, text).await, expect, "{text:?}");
        }
        // What becomes known later is the end then.
        sqlx::query("UPDATE orders SET search = search || '\n' || 'd~' WHERE token = 't-2'")
            .execute(journal.pool())
            .await
            .unwrap();
        assert_eq!(found(&journal, "d~").await, ["t-2"]);
        assert_eq!(found(&journal, "~").await, ["t-2"]);
    }

    #[tokio::test]
    async fn what_begins_very_many_parts_is_looked_for_row_by_row() {
        let (journal, _folder, _) = journal().await;
        let name = |n: u32| format!("x{}y", char::from_u32(0x4e00 + n).unwrap());
        let orders: Vec<_> = (0..80).map(|n| order(&format!("t-{n}"), &name(n))).collect();
        accept(&journal, &orders).await;
        assert_eq!(super::parts(journal.pool(), "x").await.unwrap(), None);
        assert_eq!(found(&journal, "x").await.len(), 80);
        assert_eq!(found(&journal, "x丁").await, ["t-1"]);
    }
}
