//! Stock tables: every desktop type of a region in every zone. The cloud answers for one pair at a time, so a table asks for
//! all of them, a few at once, single-flight. Single answers are cached by the client.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use shared::{
    Action, Code,
    actions::{
        AcceptLanguage, AvailableResource, DescribeAvailableResource, DescribeDesktopTypeItems, DescribeZones,
        DesktopTypeItems, Zones,
    },
    ids::{RegionId, TypeItemId, ZoneId},
    stock::{Stock, StockCell, StockTable},
    values::ChargeType,
};
use tokio::time::{Instant, timeout_at};

use crate::{CachedAnswer, CallError, Client, Effect, Freshness, SingleFlight};

/// How stock is asked for.
#[derive(Clone, Copy, Debug)]
pub struct StockSettings {
    /// For a whole table; what is not answered by then is unknown.
    pub deadline: Duration,
    /// Calls that one table makes at the same time.
    pub at_once: usize,
}

/// Makes stock tables, once for all who ask at the same time.
#[derive(Debug)]
pub struct StockTables {
    upstream: Arc<Client>,
    settings: StockSettings,
    under_way: SingleFlight<Question, Result<Arc<Table>, CallError>>,
    /// The last tables with gaps: there are at most as many as regions that are served, times four.
    with_gaps: Mutex<HashMap<Question, Arc<Table>>>,
}

/// What a table is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    region: RegionId,
    charge_type: ChargeType,
    freshness: Freshness,
}

/// A table as it was made, with the age of each answer.
#[derive(Debug)]
struct Table {
    entries: Vec<Entry>,
    made_at: Instant,
}

#[derive(Debug)]
struct Entry {
    type_item_id: TypeItemId,
    zone_id: ZoneId,
    answer: Option<(bool, CachedAnswer)>,
}

/// Answers that are older are none, whatever the settings and however slow the machine.
const OLDEST: Duration = Duration::from_secs(30);

/// How long a table with gaps is given to all who ask. Errors are cached nowhere else, and a cloud that is down would be
/// asked for the whole table again by each of them.
const GAPS_STAND: Duration = Duration::from_secs(3);

impl StockTables {
    /// Stock tables that are made by this client.
    pub fn new(upstream: Arc<Client>, settings: StockSettings) -> Self {
        Self { upstream, settings, under_way: SingleFlight::default(), with_gaps: Mutex::default() }
    }

    /// The stock of every type in every zone of a region. It fails only if the types or the zones cannot be had; what
    /// else fails or is late is unknown.
    pub async fn table(
        self: &Arc<Self>,
        region: &RegionId,
        charge_type: ChargeType,
        freshness: Freshness,
    ) -> Result<StockTable, CallError> {
        let question = Question { region: region.clone(), charge_type, freshness };
        let table = if let Some(table) = self.recent_with_gaps(&question) {
            table
        } else {
            let joined = self.under_way.join(question.clone(), || Arc::clone(self).make(question.clone()));
            joined.result().await.map_err(|error| no_lists(Code::Internal, &error.to_string()))??
        };
        let cells = table.entries.iter().map(Entry::cell).collect();
        Ok(StockTable { region: question.region, charge_type, cells })
    }

    /// The table as it is cached, if all of it is. The cloud is not asked, and nobody waits.
    #[must_use]
    pub fn cached(&self, region: &RegionId, charge_type: ChargeType) -> Option<StockTable> {
        let (types, zones) = list_requests();
        let types = self.upstream.cached(region, &types)?.value()?;
        let zones = self.upstream.cached(region, &zones)?.value()?;
        let (types, zones) = ids(types, zones);
        let cells = entries(&types, &zones).into_iter().map(|mut entry| {
            entry.answer = answered(self.upstream.cached(region, &entry.request(charge_type))?);
            Some(entry.cell()).filter(|cell| cell.stock != Stock::Unknown)
        });
        let cells = cells.collect::<Option<Vec<_>>>()?;
        Some(StockTable { region: region.clone(), charge_type, cells })
    }

    /// A table whose gaps it is too early to ask for again. A whole table is made anew from the response cache, so that a
    /// write in between counts.
    fn recent_with_gaps(&self, question: &Question) -> Option<Arc<Table>> {
        self.with_gaps().get(question).filter(|table| table.stands()).cloned()
    }

    fn with_gaps(&self) -> MutexGuard<'_, HashMap<Question, Arc<Table>>> {
        self.with_gaps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn make(self: Arc<Self>, question: Question) -> Result<Arc<Table>, CallError> {
        let table = Arc::new(self.ask_all(&question).await?);
        if table.stands() {
            self.with_gaps().insert(question, Arc::clone(&table));
        } else {
            self.with_gaps().remove(&question);
        }
        Ok(table)
    }

    async fn ask_all(&self, question: &Question) -> Result<Table, CallError> {
        let deadline = Instant::now() + self.settings.deadline;
        let Ok(lists) = timeout_at(deadline, self.lists(&question.region)).await else {
            return Err(no_lists(Code::UpstreamTimeout, "the lists did not come in time"));
        };
        let (types, zones) = lists?;
        let mut entries = entries(&types, &zones);

        let requests: Vec<_> = entries.iter().map(|entry| entry.request(question.charge_type)).enumerate().collect();
        let ask = async |(at, request)| (at, self.ask(question, &request).await);
        let mut answers = std::pin::pin!(stream::iter(requests).map(ask).buffer_unordered(self.settings.at_once));
        // What is late goes on without us, and will be there the next time.
        while let Ok(Some((at, answer))) = timeout_at(deadline, answers.next()).await {
            entries[at].answer = answer;
        }
        Ok(Table { entries, made_at: Instant::now() })
    }

    async fn lists(&self, region: &RegionId) -> Result<(Vec<TypeItemId>, Vec<ZoneId>), CallError> {
        let (types, zones) = list_requests();
        let (types, zones) = tokio::try_join!(self.list(region, &types), self.list(region, &zones))?;
        Ok(ids(types, zones))
    }

    async fn list<A: Action>(&self, region: &RegionId, request: &A) -> Result<A::Response, CallError> {
        let answer = self.upstream.read(region, request, Freshness::Declared).await?.answer;
        answer.value().ok_or_else(|| no_lists(Code::Internal, "a list is cached in a form that cannot be read"))
    }

    async fn ask(&self, question: &Question, request: &DescribeAvailableResource) -> Option<(bool, CachedAnswer)> {
        // Why there is no answer is in the log.
        let answer = self.upstream.read(&question.region, request, question.freshness).await.ok()?.answer;
        answered(answer)
    }
}

impl Table {
    /// Whether it is too early to try again for what is missing.
    fn stands(&self) -> bool {
        self.made_at.elapsed() < GAPS_STAND && self.entries.iter().any(|entry| entry.answer.is_none())
    }
}

impl Entry {
    fn request(&self, charge_type: ChargeType) -> DescribeAvailableResource {
        let (type_item_id, zone_id) = (self.type_item_id.clone(), self.zone_id.clone());
        DescribeAvailableResource { type_item_id, zone_id, charge_type: Some(charge_type) }
    }

    fn cell(&self) -> StockCell {
        let answer = self.answer.as_ref().map(|(available, answer)| (*available, answer.age()));
        let answer = answer.filter(|(_, age)| *age <= OLDEST);
        let stock = match answer {
            Some((true, _)) => Stock::Available,
            Some((false, _)) => Stock::SoldOut,
            None => Stock::Unknown,
        };
        let (type_item_id, zone_id) = (self.type_item_id.clone(), self.zone_id.clone());
        StockCell { type_item_id, zone_id, stock, age: answer.map(|(_, age)| age.as_secs()) }
    }
}

/// The lists that a table is made of, as the page asks for them, so that it is one call.
fn list_requests() -> (DescribeDesktopTypeItems, DescribeZones) {
    (DescribeDesktopTypeItems::default(), DescribeZones { accept_language: Some(AcceptLanguage::Chinese) })
}

fn ids(types: DesktopTypeItems, zones: Zones) -> (Vec<TypeItemId>, Vec<ZoneId>) {
    let types = types.desktop_type_items.into_iter().map(|item| item.type_item_id).collect();
    (types, zones.zones.into_iter().map(|zone| zone.zone_id).collect())
}

/// Every type in every zone, not asked about yet.
fn entries(types: &[TypeItemId], zones: &[ZoneId]) -> Vec<Entry> {
    let entry = |type_item_id: &TypeItemId, zone_id: &ZoneId| Entry {
        type_item_id: type_item_id.clone(),
        zone_id: zone_id.clone(),
        answer: None,
    };
    types.iter().flat_map(|kind| zones.iter().map(move |zone| entry(kind, zone))).collect()
}

fn answered(kept: CachedAnswer) -> Option<(bool, CachedAnswer)> {
    let answer: AvailableResource = kept.value()?;
    Some((answer.available, kept))
}

/// Without the types there is no table.
fn no_lists(code: Code, note: &str) -> CallError {
    type Types = DescribeDesktopTypeItems;
    CallError::without_answer(Types::NAME, Types::CLASS, code, Effect::Unknown, note.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_ages_until_it_is_none() {
        let cached = CachedAnswer::new(Vec::new(), None, Instant::now());
        let entry = |available| Entry {
            type_item_id: "t".parse().unwrap(),
            zone_id: "z".parse().unwrap(),
            answer: Some((available, cached.clone())),
        };
        let check = |available, stock, age| {
            let cell = entry(available).cell();
            assert_eq!((cell.stock, cell.age), (stock, age));
        };
        check(true, Stock::Available, Some(0));
        tokio::time::advance(Duration::from_millis(7_900)).await;
        check(true, Stock::Available, Some(7));
        check(false, Stock::SoldOut, Some(7));
        tokio::time::advance(OLDEST).await;
        check(true, Stock::Unknown, None);
        check(false, Stock::Unknown, None);
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_table_with_gaps_stands_and_not_for_long() {
        let cached = CachedAnswer::new(Vec::new(), None, Instant::now());
        let entry = |answer| Entry { type_item_id: "t".parse().unwrap(), zone_id: "z".parse().unwrap(), answer };
        let whole = Table { entries: vec![entry(Some((true, cached.clone())))], made_at: Instant::now() };
        let gaps = Table { entries: vec![entry(Some((true, cached))), entry(None)], made_at: Instant::now() };
        assert_eq!((whole.stands(), gaps.stands()), (false, true));
        tokio::time::advance(GAPS_STAND).await;
        assert!(!gaps.stands());
    }
}
