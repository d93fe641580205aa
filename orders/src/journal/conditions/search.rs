//! The condition of a search, and how its index is asked.

use super::{Conditions, Database, FEW, JournalError, Value};
use crate::journal::short_search::{self, quoted};

/// The most parts of a text that the index of searches is asked for.
const LARGEST_MATCH: usize = 32;
/// PostgreSQL's sample of what searches look into: so many of the newest orders, and so many all over the list.
const SAMPLE: (i64, i64) = (1_000, 500);
/// With so many of the sample there are many: they are soon met one by one, and an index would gather all of them first.
const MANY_OF_SAMPLE: i64 = 6;
/// With so many that have its parts there are too many to be gathered, though they may have the parts and not the text.
const MANY_OF_PARTS: i64 = 18;

impl Conditions {
    /// Adds the condition that the text is in what a search looks into. The index is asked for all parts of all of them.
    pub(in super::super) fn search(&mut self, text: &str) {
        self.search_at.push(self.texts.len());
        self.text(r"search LIKE ? ESCAPE '\'", format!("%{}%", escaped(text)));
        match trigrams(text) {
            Some(parts) => self.match_also(parts),
            None => self.short = Some(text.to_owned()),
        }
    }

    fn match_also(&mut self, parts: String) {
        self.matching = Some(match self.matching.take() {
            Some(others) => format!("({others}) AND ({parts})"),
            None => parts,
        });
    }

    /// What is counted to know whether a search leaves few, for each search: of what, by which conditions, and how many are many.
    /// SQLite's index gives its rows one by one, for all searches at once. PostgreSQL's gathers all that have the parts of a text
    /// first, so that there a sample has to tell, for each search by itself.
    pub(in super::super) fn searches(&self, texts: &[String], is_sqlite: bool) -> Vec<Vec<(String, Self, i64)>> {
        let mut found = Vec::new();
        if is_sqlite {
            if let Some(matching) = &self.matching {
                let mut conditions = Self::default();
                conditions.text("orders_search MATCH ?", matching);
                found.push(vec![("orders_search".to_owned(), conditions, FEW + 1)]);
            }
            return found;
        }
        let (newest, spread) = SAMPLE;
        for text in texts {
            let sample = format!(
                "(SELECT search FROM (SELECT search FROM searches ORDER BY seq DESC LIMIT {newest}) AS newest UNION ALL \
                 SELECT near.search FROM (SELECT MIN(seq) AS first, MAX(seq) - MIN(seq) AS length FROM searches) AS whole, \
                 generate_series(0, {spread} - 1) AS part, LATERAL (SELECT search FROM searches WHERE seq >= first + part * length \
                 / {spread} ORDER BY seq LIMIT 1) AS near) AS sample"
            );
            let mut of_text = Self::default();
            of_text.search(text);
            let mut counted = vec![(sample.clone(), of_text, MANY_OF_SAMPLE)];
            // Shorter ones have an index that knows them as they are.
            if text.chars().count() > 2 {
                let mut of_parts = Self::default();
                for part in index_parts(text) {
                    of_parts.search(&part);
                }
                counted.push((sample, of_parts, MANY_OF_PARTS));
            }
            found.push(counted);
        }
        found
    }

    /// Has the rows be found by one of the searches, by its place among them.
    pub(in super::super) fn find_by_search(&mut self, place: usize) {
        self.found_by = place;
    }

    /// Has a search ask an index, for one or two characters too. Whether there can be any rows.
    pub(in super::super) async fn find_search(&mut self, database: &Database) -> Result<bool, JournalError> {
        if !database.is_file() {
            self.search_apart();
            return Ok(true);
        }
        let Some(short) = self.short.take() else { return Ok(true) };
        match short_search::parts(database.pool(), &short).await? {
            Some(parts) if parts.is_empty() => return Ok(false),
            Some(parts) => self.match_also(parts.join(" OR ")),
            // So many parts begin with it that it is all over the list, where it is soon found row by row.
            None => {}
        }
        Ok(true)
    }

    /// Has PostgreSQL look for what is searched for in the table that has it, apart from orders.
    fn search_apart(&mut self) {
        let Some(at) = self.search_at.get(self.found_by).copied() else { return };
        self.search_at.clear();
        let pairs = self
            .short
            .take()
            .map(|short| format!(" AND search_pairs(search) @> ARRAY[{}]", self.value(Value::Text(short))));
        let condition = format!("{}{}{}", self.texts[at], pairs.unwrap_or_default(), self.bounds_on("seq"));
        self.texts[at] = format!("seq IN (SELECT seq FROM searches WHERE {condition})");
    }

    /// Has a statement that counts ask the index of searches, where a search has to name it.
    pub(in super::super) fn search_by_index(&mut self, is_sqlite: bool) {
        if let Some(matching) = self.matching.take().filter(|_| is_sqlite) {
            self.text("seq IN (SELECT rowid FROM orders_search WHERE orders_search MATCH ?)", matching);
        }
    }

    /// Has a search look at each row that is found otherwise.
    pub(in super::super) fn search_row_by_row(&mut self) {
        (self.search_at, self.matching, self.short) = (Vec::new(), None, None);
    }

    /// Whether there is a search.
    pub(in super::super) fn is_search(&self) -> bool {
        !self.search_at.is_empty()
    }
}

/// A text as a LIKE pattern that matches only itself, wildcards escaped.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// The parts of a text by which PostgreSQL's index finds it: `pg_trgm` knows letters and digits alone.
fn index_parts(text: &str) -> Vec<String> {
    let words = text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    let parts = words.flat_map(|word| {
        let characters: Vec<_> = word.chars().collect();
        let part = |part: &[char]| part.iter().collect::<String>();
        characters.windows(characters.len().min(3)).map(part).collect::<Vec<_>>()
    });
    parts.take(LARGEST_MATCH).collect()
}

/// The parts of three characters of a text, as the index of searches takes them: all have to be there. None of a shorter text.
pub(super) fn trigrams(text: &str) -> Option<String> {
    let characters: Vec<_> = text.chars().collect();
    let part = |three: &[char]| quoted(&three.iter().collect::<String>());
    let parts: Vec<_> = characters.windows(3).take(LARGEST_MATCH).map(part).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgresql_looks_for_what_is_searched_for_from_the_page_on() {
        let mut conditions = Conditions::default();
        conditions.search("d");
        conditions.before(7);
        conditions.until(9);
        conditions.search_apart();
        let expect = "seq IN (SELECT seq FROM searches WHERE search LIKE $1 ESCAPE '\\' AND search_pairs(search) @> ARRAY[$4] \
                      AND seq < $2 AND seq <= COALESCE((SELECT MAX(near.seq)";
        assert!(conditions.texts[0].starts_with(expect), "{}", conditions.texts[0]);
    }

    #[test]
    fn postgresql_finds_a_text_by_the_parts_of_its_words() {
        for (text, parts) in [
            ("sk-des", &["sk", "des"] as &[_]),
            ("zhang.wei", &["zha", "han", "ang", "wei"]),
            ("张三丰四", &["张三丰", "三丰四"]),
            ("---", &[]),
        ] {
            assert_eq!(index_parts(text), parts, "{text}");
        }
    }
}
