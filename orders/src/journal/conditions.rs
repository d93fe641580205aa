//! SQL conditions of lists, sums and searches: composed from what is asked for, and turned into a statement that reads the
//! newest rows by an index.

mod search;
mod sorted;

pub(super) use sorted::Walk;

use sqlx::{Any, any::AnyArguments, query::QueryAs};

use super::{COLUMNS, JournalError, database::Database, filter::BOUGHT, history::Position};
use crate::Accounts;

/// SQL conditions with their values. Placeholders are numbered, which both databases understand.
#[derive(Clone, Default)]
pub(super) struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
    /// Conditions of which one has to hold. Each is looked for by itself: no index gives rows of several states in the order
    /// of lists.
    alternatives: Vec<String>,
    /// Which conditions are searches, unless rows are found otherwise and only looked at.
    search_at: Vec<usize>,
    /// By which of them PostgreSQL finds rows. The others are looked at.
    found_by: usize,
    /// What SQLite's index of searches is asked for, where it can be.
    matching: Option<String>,
    /// One or two characters that are searched for, which are too few for that index.
    short: Option<String>,
    /// Bounds of the numbers of orders, which bound what is looked at of the index of searches too: it would be read from the
    /// newest order on to the page.
    bounds: Vec<String>,
    /// The index by which SQLite finds the rows, where the numbers that it chooses by do not say it.
    pub(super) index: Option<&'static str>,
    /// Whether all rows are found before they are put in order, since they are few and may be the oldest.
    is_sorted: bool,
}

/// Rows by whose numbers and times the bounds of a time are found: so many may be out of order.
const OUT_OF_ORDER: u32 = 10_000;
/// So many rows can be read one by one in the time of a page.
pub(super) const FEW: i64 = 20_000;

#[derive(Clone)]
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
        self.bound(format!("seq < {place}"));
    }

    /// Adds the condition that an order has this number or a later one.
    pub(super) fn from(&mut self, position: Position) {
        let place = self.value(Value::Number(position));
        self.bound(format!("seq >= {place}"));
    }

    /// Adds a condition on the number of an order alone.
    fn bound(&mut self, condition: String) {
        self.texts.push(condition.clone());
        self.bounds.push(condition);
    }

    /// What the bounds add to a statement on the index of searches, which has the numbers in this column.
    fn bounds_on(&self, column: &str) -> String {
        let on = |bound: &String| bound.replacen("seq", column, 1);
        [String::new()].into_iter().chain(self.bounds.iter().map(on)).collect::<Vec<_>>().join(" AND ")
    }

    /// Adds the condition that a column has one of the values.
    pub(super) fn any_of<'a>(&mut self, column: &str, texts: impl IntoIterator<Item = &'a str>) {
        let places: Vec<_> = texts.into_iter().map(|text| self.value(Value::Text(text.to_owned()))).collect();
        self.texts.push(format!("{column} IN ({})", places.join(", ")));
    }

    /// The purchases of all kinds that these conditions are about, without the conditions.
    pub(super) fn kinds(&self) -> Self {
        let mut kinds = Self { alternatives: self.alternatives.clone(), ..Self::default() };
        kinds.plain(BOUGHT);
        kinds
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
        self.texts.push(format!("created_at >= {place}"));
        self.bound(format!("seq >= COALESCE({}, {})", of_first("MIN", ""), i64::MAX));
        // Above, because later numbers may have earlier times, such as those of orders that were put in from elsewhere.
        self.bound(format!("seq <= COALESCE({}, 0)", of_first("MAX", " DESC")));
    }

    /// The same for those accepted before.
    pub(super) fn until(&mut self, time: i64) {
        let place = self.value(Value::Number(time));
        self.texts.push(format!("created_at < {place}"));
        self.bound(format!(
            "seq <= COALESCE((SELECT MAX(near.seq) FROM (SELECT seq FROM orders WHERE created_at < {place} ORDER BY created_at \
             DESC LIMIT {OUT_OF_ORDER}) AS near), 0)"
        ));
    }

    /// Adds a condition without a value.
    pub(super) fn plain(&mut self, condition: &str) {
        self.texts.push(condition.to_owned());
    }

    /// Has SQLite find the rows by this index, which are few: a search looks at each of them.
    pub(super) fn few_by(&mut self, index: Option<&'static str>) {
        self.index = index;
        self.search_row_by_row();
    }

    /// Has rows be found by this index, whose order is not that of the list, and sorted.
    pub(super) fn sorted_by(&mut self, index: &'static str) {
        (self.index, self.is_sorted) = (Some(index), true);
    }

    /// The same without the bounds of the numbers, which are no help where rows are read in another order: SQLite would look for
    /// each value of that order within them.
    fn all_but_bounds(&self) -> String {
        let texts: Vec<_> = self.texts.iter().filter(|text| !self.bounds.contains(text)).map(String::as_str).collect();
        if texts.is_empty() { "1 = 1".to_owned() } else { texts.join(" AND ") }
    }

    /// The table of orders, as it is read.
    pub(super) fn table(&self, is_sqlite: bool) -> String {
        match self.index.filter(|_| is_sqlite) {
            Some(index) => format!("orders INDEXED BY {index}"),
            None => "orders".to_owned(),
        }
    }

    /// All conditions, joined by AND.
    pub(super) fn all(&self) -> String {
        if self.texts.is_empty() { "1 = 1".to_owned() } else { self.texts.join(" AND ") }
    }

    /// The statement for the first rows, newest first. `is_sqlite` says whether a search has to name its index.
    pub(super) fn newest(&mut self, rows: u32, is_sqlite: bool) -> String {
        let matching = self.matching.take().filter(|_| is_sqlite);
        let all = self.all();
        let table = self.table(is_sqlite);
        let one = if self.alternatives.is_empty() { "1 = 1".to_owned() } else { self.alternatives.join(" OR ") };
        if self.is_sorted {
            // The sum keeps planners from the index in the order of the list.
            return format!(
                "SELECT {COLUMNS} FROM (SELECT seq AS found FROM {table} WHERE {all} AND ({one}) ORDER BY seq + 0 DESC \
                 LIMIT {rows}) AS few JOIN orders ON seq = found ORDER BY found DESC"
            );
        }
        if let Some(matching) = matching {
            let place = self.value(Value::Text(matching));
            let bounds = self.bounds_on("rowid");
            // The index gives its rows in this order, so the first that fit are enough.
            return format!(
                "SELECT {COLUMNS} FROM (SELECT rowid AS found FROM orders_search WHERE orders_search MATCH {place}{bounds}) \
                 CROSS JOIN orders ON seq = found WHERE {all} AND ({one}) ORDER BY found DESC LIMIT {rows}"
            );
        }
        let of = |condition: &str| {
            format!("SELECT {COLUMNS} FROM {table} WHERE {all}{condition} ORDER BY seq DESC LIMIT {rows}")
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

    /// Binds the values, and has the statement planned for them: PostgreSQL makes one plan for any values of a statement that is
    /// kept, by which it looks through all orders for a value that none has.
    pub(super) fn bind_planned<O>(self, query: QueryAs<'_, Any, O, AnyArguments>) -> QueryAs<'_, Any, O, AnyArguments> {
        self.bind(query).persistent(false)
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

#[cfg(test)]
mod tests {
    use shared::order::OrderState;
    use sqlx::Execute;

    use super::{super::filter::Filter, *};

    #[test]
    fn statements_are_planned_for_their_values() {
        let query = || sqlx::query_as::<_, (i64,)>("SELECT 1");
        assert!(Execute::persistent(&Conditions::default().bind(query())));
        assert!(!Execute::persistent(&Conditions::default().bind_planned(query())));
    }

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
        assert_eq!(
            (several.matching.as_deref(), several.short),
            (Some(r#"("abc" "bcd") AND ("xyz")"#), Some("x".to_owned()))
        );
        assert_eq!(search::trigrams("ab"), None);
        assert_eq!(search::trigrams("张三a\"").as_deref(), Some(r#""张三a" "三a""""#));
        assert!(matches!(&conditions.values[1], Value::Text(text) if text == r"%50\%\_\\x%"));
        assert_eq!(Filter::default().conditions().all(), "1 = 1");
        let of = |accounts| Filter { accounts, before: Some(7.into()), ..Filter::default() }.conditions().all();
        assert_eq!(of(Accounts::One("42".parse().ok())), "account = $1 AND seq < $2");
        assert_eq!(of(Accounts::One(None)), "account IS NULL AND seq < $1");
    }
}
