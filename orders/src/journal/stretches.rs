//! A page of a list in bounded time, however its filters meet. Two that each leave many orders may have hardly one in common, and
//! no index has both. So the list is looked through a stretch at a time, until the page is full or its time is over: what was found
//! is the page then, and the next one goes on behind the last stretch.

use std::time::Duration;

use shared::order::Sort;
use sqlx::AssertSqlSafe;
use tokio::time::Instant;

use super::{
    Journal, JournalError, OrderRow,
    conditions::{Conditions, Walk},
    filter::Filter,
    history::Position,
    list::Listed,
    place::Place,
};

/// How much is looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// The length of the first stretch: in a list newest first numbers of orders, which have gaps, and in a sorted one rows.
    pub(super) first: i64,
    /// No stretch begins after this time.
    pub(super) time: Duration,
}

impl Effort {
    /// So that a first page of a million is there within 50 ms: the last stretch takes a quarter of this at most, as far as the one
    /// before it can tell.
    pub(super) const PAGE: Self = Self { first: 1_000, time: Duration::from_millis(24) };

    /// The length of the stretch after one of this length.
    pub(super) fn after(self, length: i64, took: Duration) -> i64 {
        let quarter = self.time / 4;
        if took * 4 < quarter {
            length.saturating_mul(4)
        } else if took * 2 < quarter {
            length.saturating_mul(2)
        } else if took > quarter {
            (length / 2).max(self.first / 4).max(1)
        } else {
            length
        }
    }
}

/// A page that is looked for.
pub(super) struct Look {
    rows: Vec<OrderRow>,
    /// How many belong to the page. One more shows whether there is a next one.
    limit: u32,
    /// Nothing before this number has been looked at.
    reached: Position,
    began: Instant,
}

/// What the first stretch came to.
pub(super) enum Looked {
    /// The page.
    Found(Listed<OrderRow>),
    /// Where to look on.
    On(Look),
}

impl Look {
    fn missing(&self) -> u32 {
        (self.limit + 1).saturating_sub(u32::try_from(self.rows.len()).unwrap_or(u32::MAX))
    }

    fn is_over(&self) -> bool {
        self.missing() == 0 || self.reached <= 1
    }

    /// What was found. There may be more behind what was looked at.
    fn page(self) -> Listed<OrderRow> {
        let on = (!self.is_over()).then(|| self.reached.into());
        let page = Listed::page(self.rows, self.limit);
        Listed { next: page.next.or(on), ..page }
    }
}

impl Journal {
    /// Looks for a page among the newest orders alone, where most are found.
    pub(super) async fn look(
        &self,
        conditions: &Conditions,
        filter: &Filter,
        effort: Effort,
    ) -> Result<Looked, JournalError> {
        let began = Instant::now();
        let reached = match filter.before {
            Some(place) => place.position,
            None => self.newest_number().await?.saturating_add(1),
        };
        let mut look = Look { rows: Vec::new(), limit: filter.limit, reached, began };
        let mut conditions = conditions.clone();
        conditions.search_row_by_row();
        self.look_at(&mut look, &conditions, effort.first).await?;
        Ok(if look.is_over() { Looked::Found(look.page()) } else { Looked::On(look) })
    }

    async fn newest_number(&self) -> Result<Position, JournalError> {
        let _turn = self.database.read_turn().await?;
        Ok(sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM orders").fetch_one(self.pool()).await?)
    }

    /// Looks on, where each of the filters leaves many.
    pub(super) async fn look_on(
        &self,
        mut look: Look,
        conditions: &Conditions,
        effort: Effort,
    ) -> Result<Listed<OrderRow>, JournalError> {
        let mut length = effort.first;
        let mut conditions = conditions.clone();
        if !self.database.is_file() {
            // PostgreSQL's index would gather all that the search finds, for each stretch anew.
            conditions.search_row_by_row();
        }
        loop {
            let began = Instant::now();
            self.look_at(&mut look, &conditions, length).await?;
            if look.is_over() || look.began.elapsed() >= effort.time {
                return Ok(look.page());
            }
            length = effort.after(length, began.elapsed());
        }
    }

    /// Looks for a page of purchases along another order.
    pub(super) async fn look_along(
        &self,
        conditions: &Conditions,
        filter: &Filter,
        sort: Sort,
        effort: Effort,
    ) -> Result<Listed<OrderRow>, JournalError> {
        let is_sqlite = self.database.is_file();
        let (started, wanted) = (Instant::now(), filter.limit + 1);
        let (mut rows, mut behind, mut length) = (Vec::new(), filter.before, effort.first);
        loop {
            let began = Instant::now();
            let until = self.border(conditions, sort, behind, length).await?;
            let missing = wanted.saturating_sub(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            let statement =
                |conditions: &mut Conditions| conditions.sorted(sort, behind, Walk::Ordered(until), missing, is_sqlite);
            rows.extend(self.rows_by(conditions.clone(), statement).await?);
            let is_full = u32::try_from(rows.len()).is_ok_and(|found| found >= wanted);
            if is_full || until.is_none() || started.elapsed() >= effort.time {
                let listed = Listed::sorted_page(rows, filter.limit, sort.key);
                return Ok(Listed { next: listed.next.or(until), ..listed });
            }
            (behind, length) = (until, effort.after(length, began.elapsed()));
        }
    }

    /// The place to which the next stretch of a sorted list goes; none if that is the end.
    async fn border(
        &self,
        of: &Conditions,
        sort: Sort,
        behind: Option<Place>,
        length: i64,
    ) -> Result<Option<Place>, JournalError> {
        let mut conditions = of.kinds();
        let statement = conditions.border(sort, behind, length, self.database.is_file());
        let _turn = self.database.read_turn().await?;
        let query = conditions.bind_planned(sqlx::query_as(AssertSqlSafe(statement)));
        let found: Option<(i64, Option<i64>)> = query.fetch_optional(self.pool()).await?;
        Ok(found.map(|(position, end)| Place { position, end }))
    }

    /// Looks at the next stretch of numbers.
    async fn look_at(&self, look: &mut Look, conditions: &Conditions, length: i64) -> Result<(), JournalError> {
        let mut stretch = conditions.clone();
        stretch.before(look.reached);
        look.reached = look.reached.saturating_sub(length);
        stretch.from(look.reached);
        let rows = self.newest(stretch, look.missing()).await?;
        look.rows.extend(rows);
        Ok(())
    }
}
