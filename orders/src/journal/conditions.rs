//! SQL conditions of lists, sums and searches: composed from what is asked for, and turned into a statement that reads the
//! newest rows by an index.

mod sorted;

use sqlx::{Any, any::AnyArguments, query::QueryAs};

use super::{COLUMNS, JournalError, database::Database, history::Position, short_search};
use crate::Accounts;

/// SQL conditions with their values. Placeholders are numbered, which both databases understand.
#[derive(Default)]
pub(super) struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
    /// Conditions of which one has to hold. Each is looked for by itself: no index gives rows of several states in the order
    /// of lists.
    alternatives: Vec<String>,
    /// Which condition is the search, unless rows are found otherwise and only looked at.
    search_at: Option<usize>,
    /// What SQLite's index of searches is asked for, where it can be.
    matching: Option<String>,
    /// One or two characters that are searched for, which are too few for that index.
    short: Option<String>,
    /// The placeholder of the cursor, which bounds the index of searches too.
    before: Option<String>,
    /// The index by which SQLite finds the rows, where the numbers that it chooses by do not say it.
    pub(super) index: Option<&'static str>,
    /// Whether all rows are found before they are put in order, since they are few and may be the oldest.
    is_sorted: bool,
}

/// Rows by whose numbers and times the bounds of a time are found: so many may be out of order.
const OUT_OF_ORDER: u32 = 10_000;
/// The most parts of a text that the index of searches is asked for.
const LARGEST_MATCH: usize = 32;
/// So many rows can be read one by one in the time of a page.
pub(super) const FEW: i64 = 20_000;

enum Value {
    Text(String),
    Number(i64),
}

impl Conditions {
    fn value(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    /// Adds a condition in which `?` stands for the text.
    pub(super) fn text(&mut self, condition: &str, text: impl Into<String>) {
        let place = self.value(Value::Text(text.into()));
        self.texts.push(condition.replace('?', &place));
    }

    /// Adds the condition that a column has this value. Returns the placeholder, for other conditions on the same value.
    pub(super) fn equals(&mut self, column: &str, text: &str) -> String {
        let place = self.value(Value::Text(text.to_owned()));
        self.texts.push(format!("{column} = {place}"));
        place
    }

    /// The same with a number.
    pub(super) fn number(&mut self, condition: &str, number: i64) {
        let place = self.value(Value::Number(number));
        self.texts.push(condition.replace('?', &place));
    }

    /// Adds the condition that an order belongs to the accounts.
    pub(super) fn accounts(&mut self, accounts: &Accounts) {
        match accounts {
            Accounts::All => {}
            Accounts::One(Some(account)) => self.text("account = ?", account.as_str()),
            Accounts::One(None) => self.plain("account IS NULL"),
        }
    }

    /// The same for orders that another condition finds. The expression keeps the planner from the index of accounts, by which
    /// SQLite would read all orders of one.
    pub(super) fn of_accounts(&mut self, accounts: &Accounts) {
        match accounts {
            Accounts::All => {}
            Accounts::One(Some(account)) => self.text("(account || '') = ?", account.as_str()),
            Accounts::One(None) => self.plain("(account || '') IS NULL"),
        }
    }

    pub(super) fn before(&mut self, position: Position) {
        let place = self.value(Value::Number(position));
        self.texts.push(format!("seq < {place}"));
        self.before = Some(place);
    }

    /// Adds the condition that a column has one of the values.
    pub(super) fn any_of<'a>(&mut self, column: &str, texts: impl IntoIterator<Item = &'a str>) {
        let places: Vec<_> = texts.into_iter().map(|text| self.value(Value::Text(text.to_owned()))).collect();
        self.texts.push(format!("{column} IN ({})", places.join(", ")));
    }

    /// Adds conditions of which one has to hold.
    pub(super) fn one_of(&mut self, alternatives: impl IntoIterator<Item = String>) {
        self.alternatives = alternatives.into_iter().collect();
    }

    /// Adds the condition that an order was accepted at this time or later. The numbers of orders follow the time closely, so
    /// that it bounds them too.
    pub(super) fn since(&mut self, time: i64) {
        let place = self.value(Value::Number(time));
        let of_first = |which: &str, order: &str| {
            format!(
                "(SELECT {which}(near.seq) FROM (SELECT seq FROM orders WHERE created_at >= {place} ORDER BY \
                 created_at{order} LIMIT {OUT_OF_ORDER}) AS near)"
            )
        };
        // Above, because later numbers may have earlier times, such as those of orders that were put in from elsewhere.
        self.texts.push(format!(
            "created_at >= {place} AND seq >= COALESCE({}, {}) AND seq <= COALESCE({}, 0)",
            of_first("MIN", ""),
            i64::MAX,
            of_first("MAX", " DESC"),
        ));
    }

    /// The same for those accepted before.
    pub(super) fn until(&mut self, time: i64) {
        let place = self.value(Value::Number(time));
        self.texts.push(format!(
            "created_at < {place} AND seq <= COALESCE((SELECT MAX(near.seq) FROM (SELECT seq FROM orders WHERE \
             created_at < {place} ORDER BY created_at DESC LIMIT {OUT_OF_ORDER}) AS near), 0)"
        ));
    }

    /// Adds the condition that the text is in what a search looks into. Of several, the index is asked for those that are long
    /// enough for it.
    pub(super) fn search(&mut self, text: &str) {
        self.search_at = Some(self.texts.len());
        self.text(r"search LIKE ? ESCAPE '\'", format!("%{}%", escaped(text)));
        let parts: Vec<_> = self.matching.take().into_iter().chain(trigrams(text)).collect();
        self.matching = (!parts.is_empty()).then(|| parts.join(" "));
        self.short = Some(text.to_owned()).filter(|_| self.matching.is_none());
    }

    /// Has a search ask an index, for one or two characters too. Whether there can be any rows.
    pub(super) async fn find_search(&mut self, database: &Database) -> Result<bool, JournalError> {
        let short = self.short.take();
        if !database.is_file() {
            if let Some(at) = self.search_at {
                let pairs = short
                    .map(|short| format!(" AND search_pairs(search) @> ARRAY[{}]", self.value(Value::Text(short))));
                let condition = format!("{}{}", self.texts[at], pairs.unwrap_or_default());
                self.texts[at] = format!("seq IN (SELECT seq FROM searches WHERE {condition})");
            }
            return Ok(true);
        }
        let Some(short) = short else { return Ok(true) };
        match short_search::parts(database.pool(), &short).await? {
            Some(parts) if parts.is_empty() => return Ok(false),
            Some(parts) => self.matching = Some(parts.join(" OR ")),
            // So many parts begin with it that it is all over the list, where it is soon found row by row.
            None => {}
        }
        Ok(true)
    }

    /// Has a statement that counts ask the index of searches, where a search has to name it.
    pub(super) fn search_by_index(&mut self, is_sqlite: bool) {
        if let Some(matching) = self.matching.take().filter(|_| is_sqlite) {
            self.text("seq IN (SELECT rowid FROM orders_search WHERE orders_search MATCH ?)", matching);
        }
    }

    /// Adds a condition without a value.
    pub(super) fn plain(&mut self, condition: &str) {
        self.texts.push(condition.to_owned());
    }

    /// Has SQLite find the rows by this index, which are few: a search looks at each of them.
    pub(super) fn few_by(&mut self, index: Option<&'static str>) {
        self.index = index;
        (self.search_at, self.matching, self.short) = (None, None, None);
    }

    /// Whether there is a search.
    pub(super) fn is_search(&self) -> bool {
        self.search_at.is_some()
    }

    /// Has rows be found by this index, whose order is not that of the list, and sorted.
    pub(super) fn sorted_by(&mut self, index: &'static str) {
        (self.index, self.is_sorted) = (Some(index), true);
    }

    /// All conditions, joined by AND.
    pub(super) fn all(&self) -> String {
        if self.texts.is_empty() { "1 = 1".to_owned() } else { self.texts.join(" AND ") }
    }

    /// The statement for the first rows, newest first. `is_sqlite` says whether a search has to name its index.
    pub(super) fn newest(&mut self, rows: u32, is_sqlite: bool) -> String {
        let matching = self.matching.take().filter(|_| is_sqlite);
        let all = self.all();
        let index = self.index.filter(|_| is_sqlite).map(|index| format!(" INDEXED BY {index}")).unwrap_or_default();
        let one = if self.alternatives.is_empty() { "1 = 1".to_owned() } else { self.alternatives.join(" OR ") };
        if self.is_sorted {
            // The sum keeps planners from the index in the order of the list.
            return format!(
                "SELECT {COLUMNS} FROM (SELECT seq AS found FROM orders{index} WHERE {all} AND ({one}) ORDER BY seq + 0 DESC \
                 LIMIT {rows}) AS few JOIN orders ON seq = found ORDER BY found DESC"
            );
        }
        if let Some(matching) = matching {
            let place = self.value(Value::Text(matching));
            let before = self.before.as_ref().map(|place| format!(" AND rowid < {place}")).unwrap_or_default();
            // The index gives its rows in this order, so the first that fit are enough.
            return format!(
                "SELECT {COLUMNS} FROM (SELECT rowid AS found FROM orders_search WHERE orders_search MATCH {place}{before}) \
                 CROSS JOIN orders ON seq = found WHERE {all} AND ({one}) ORDER BY found DESC LIMIT {rows}"
            );
        }
        let of = |condition: &str| {
            format!("SELECT {COLUMNS} FROM orders{index} WHERE {all}{condition} ORDER BY seq DESC LIMIT {rows}")
        };
        match self.alternatives.as_slice() {
            [] => of(""),
            [one] => of(&format!(" AND {one}")),
            several => {
                let each: Vec<_> = several
                    .iter()
                    .map(|one| format!("SELECT * FROM ({}) AS part", of(&format!(" AND {one}"))))
                    .collect();
                format!("SELECT * FROM ({}) AS parts ORDER BY seq DESC LIMIT {rows}", each.join(" UNION ALL "))
            }
        }
    }

    pub(super) fn bind<O>(self, mut query: QueryAs<'_, Any, O, AnyArguments>) -> QueryAs<'_, Any, O, AnyArguments> {
        for value in self.values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
            };
        }
        query
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

/// The parts of three characters of a text, as the index of searches takes them: all have to be there. None of a shorter text.
fn trigrams(text: &str) -> Option<String> {
    let characters: Vec<_> = text.chars().collect();
    let part = |three: &[char]| quoted(&three.iter().collect::<String>());
    let parts: Vec<_> = characters.windows(3).take(LARGEST_MATCH).map(part).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// A part as the index of searches takes it.
pub(super) fn quoted(part: &str) -> String {
    format!("\"{}\"", part.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use shared::order::OrderState;

    use super::{super::list::Filter, *};

    #[test]
    fn conditions_are_numbered_through() {
        let filter = Filter {
            states: vec![OrderState::Accepted, OrderState::Sending],
            user: Some("a".to_owned()),
            search: Some("50%_\\X".to_owned()),
            before: Some(7.into()),
            ..Filter::default()
        };
        let conditions = filter.conditions();
        assert_eq!(conditions.all(), r"user_name = $1 AND search LIKE $2 ESCAPE '\' AND seq < $3");
        assert_eq!(conditions.alternatives, ["state = 'accepted'", "state = 'sending'"]);
        assert_eq!(conditions.matching.as_deref(), Some(r#""50%" "0%_" "%_\" "_\x""#));
        let mut several = Conditions::default();
        for text in ["ab", "abcd", "x", "xyz"] {
            several.search(text);
        }
        assert_eq!((several.matching.as_deref(), several.short), (Some(r#""abc" "bcd" "xyz""#), None));
        assert_eq!(trigrams("ab"), None);
        assert_eq!(trigrams("张三a\"").as_deref(), Some(r#""张三a" "三a""""#));
        assert!(matches!(&conditions.values[1], Value::Text(text) if text == r"%50\%\_\\x%"));
        assert_eq!(Filter::default().conditions().all(), "1 = 1");
        let of = |accounts| Filter { accounts, before: Some(7.into()), ..Filter::default() }.conditions().all();
        assert_eq!(of(Accounts::One("42".parse().ok())), "account = $1 AND seq < $2");
        assert_eq!(of(Accounts::One(None)), "account IS NULL AND seq < $1");
    }
}
