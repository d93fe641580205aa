//! Stock before choice: every type of a region in every zone. The cloud answers for one pair at a time, so one
//! stocktaking asks for all of them, a few at once, and everybody who wants to know meanwhile waits for that one. What is
//! remembered of single answers is the client's business.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use shared::{
    Action, Code,
    actions::{AcceptLanguage, DescribeAvailableResource, DescribeDesktopTypeItems, DescribeZones},
    ids::{RegionId, TypeItemId, ZoneId},
    stock::{Stock, StockCell, StockTable},
    values::ChargeType,
};
use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};
use tracing::Instrument;

use crate::{CachedAnswer, CallError, Client, Effect, Freshness};

/// How stock is asked for.
#[derive(Clone, Copy, Debug)]
pub struct StockSettings {
    /// For a whole stocktaking; what is not answered by then is unknown.
    pub deadline: Duration,
    /// Questions that one stocktaking asks at the same time.
    pub at_once: usize,
}

/// Takes stock, once for all who ask at the same time.
#[derive(Debug)]
pub struct StockTables {
    upstream: Arc<Client>,
    settings: StockSettings,
    /// The last one of each kind: there are as many kinds as regions that are served, times four.
    takings: Mutex<HashMap<Question, Taking>>,
}

/// What a stocktaking is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    region: RegionId,
    charge_type: ChargeType,
    freshness: Freshness,
}

/// Where the outcome of a stocktaking will be.
type Taking = watch::Receiver<Option<Result<Arc<Taken>, CallError>>>;

/// What a stocktaking has found.
#[derive(Debug)]
struct Taken {
    entries: Vec<Entry>,
    ended_at: Instant,
}

#[derive(Debug)]
struct Entry {
    type_item_id: TypeItemId,
    zone_id: ZoneId,
    answer: Option<(bool, CachedAnswer)>,
}

/// Answers that are older are none, whatever the settings and however slow the machine.
const OLDEST: Duration = Duration::from_secs(30);

/// After a stocktaking with gaps: how long those are left alone, however many ask. What fails is not remembered
/// elsewhere, and a cloud that is down would be asked for the whole table again by each of them.
const GAPS_STAND: Duration = Duration::from_secs(3);

impl StockTables {
    /// Stock tables that are made by this client.
    pub fn new(upstream: Arc<Client>, settings: StockSettings) -> Self {
        Self { upstream, settings, takings: Mutex::default() }
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
        let mut taking = self.join(&question);
        let outcome = taking.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone());
        let Some(outcome) = outcome else { return Err(no_lists(Code::Internal, "the stocktaking was cut short")) };
        let taken = outcome?;
        let cells = taken.entries.iter().map(Entry::cell).collect();
        Ok(StockTable { region: question.region, charge_type, cells })
    }

    /// The stocktaking that is under way, or a new one. It goes on when those who asked are gone.
    fn join(self: &Arc<Self>, question: &Question) -> Taking {
        let mut takings = self.takings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taking) = takings.get(question).filter(|taking| will_do(taking)) {
            return taking.clone();
        }
        let (tell, taking) = watch::channel(None);
        takings.insert(question.clone(), taking.clone());
        let (taker, question) = (Arc::clone(self), question.clone());
        let take = async move { drop(tell.send(Some(taker.take(&question).await.map(Arc::new)))) };
        // Its lines in the log belong to the request that it began with.
        tokio::spawn(take.in_current_span());
        taking
    }

    async fn take(&self, question: &Question) -> Result<Taken, CallError> {
        let deadline = Instant::now() + self.settings.deadline;
        let Ok(lists) = timeout_at(deadline, self.lists(&question.region)).await else {
            return Err(no_lists(Code::UpstreamTimeout, "the lists did not come in time"));
        };
        let (types, zones) = lists?;
        let entry = |type_item_id: &TypeItemId, zone_id: &ZoneId| Entry {
            type_item_id: type_item_id.clone(),
            zone_id: zone_id.clone(),
            answer: None,
        };
        let mut entries: Vec<_> =
            types.iter().flat_map(|kind| zones.iter().map(move |zone| entry(kind, zone))).collect();

        let requests: Vec<_> = entries.iter().map(|entry| entry.request(question.charge_type)).enumerate().collect();
        let ask = async |(at, request)| (at, self.ask(question, &request).await);
        let mut answers = std::pin::pin!(stream::iter(requests).map(ask).buffer_unordered(self.settings.at_once));
        // What is late goes on without us, and will be there the next time.
        while let Ok(Some((at, answer))) = timeout_at(deadline, answers.next()).await {
            entries[at].answer = answer;
        }
        Ok(Taken { entries, ended_at: Instant::now() })
    }

    async fn lists(&self, region: &RegionId) -> Result<(Vec<TypeItemId>, Vec<ZoneId>), CallError> {
        // As the page asks for them, so that it is one call.
        let types = DescribeDesktopTypeItems::default();
        let zones = DescribeZones { accept_language: Some(AcceptLanguage::Chinese) };
        let (types, zones) = tokio::try_join!(self.list(region, &types), self.list(region, &zones))?;
        let types = types.desktop_type_items.into_iter().map(|item| item.type_item_id).collect();
        Ok((types, zones.zones.into_iter().map(|zone| zone.zone_id).collect()))
    }

    async fn list<A: Action>(&self, region: &RegionId, request: &A) -> Result<A::Response, CallError> {
        let kept = self.upstream.read(region, request, Freshness::Declared).await?.kept;
        read(&kept).ok_or_else(|| no_lists(Code::Internal, "a list was kept in a form that cannot be read"))
    }

    async fn ask(&self, question: &Question, request: &DescribeAvailableResource) -> Option<(bool, CachedAnswer)> {
        // Why there is no answer is in the log.
        let kept = self.upstream.read(&question.region, request, question.freshness).await.ok()?.kept;
        let answer = read::<<DescribeAvailableResource as Action>::Response>(&kept)?;
        Some((answer.available, kept))
    }
}

impl Taken {
    /// Whether it is too early to try again for what is missing.
    fn stands(&self) -> bool {
        self.ended_at.elapsed() < GAPS_STAND && self.entries.iter().any(|entry| entry.answer.is_none())
    }
}

impl Entry {
    fn request(&self, charge_type: ChargeType) -> DescribeAvailableResource {
        let (type_item_id, zone_id) = (self.type_item_id.clone(), self.zone_id.clone());
        DescribeAvailableResource { type_item_id, zone_id, charge_type: Some(charge_type) }
    }

    fn cell(&self) -> StockCell {
        let answer = self.answer.as_ref().map(|(available, kept)| (*available, kept.age()));
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

/// Whether there is no need for a new one. A whole table is made anew from what is remembered, so that a write in
/// between counts.
fn will_do(taking: &Taking) -> bool {
    match &*taking.borrow() {
        // Under way, unless it died.
        None => taking.has_changed().is_ok(),
        Some(Ok(taken)) => taken.stands(),
        Some(Err(_)) => false,
    }
}

fn read<T: serde::de::DeserializeOwned>(kept: &CachedAnswer) -> Option<T> {
    serde_json::from_slice(&kept.body).ok()
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
        let kept = CachedAnswer::new(Vec::new(), None, Instant::now());
        let entry = |available| Entry {
            type_item_id: "t".parse().unwrap(),
            zone_id: "z".parse().unwrap(),
            answer: Some((available, kept.clone())),
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
    async fn only_gaps_are_left_alone_and_not_for_long() {
        let kept = CachedAnswer::new(Vec::new(), None, Instant::now());
        let entry = |answer| Entry { type_item_id: "t".parse().unwrap(), zone_id: "z".parse().unwrap(), answer };
        let whole = Taken { entries: vec![entry(Some((true, kept.clone())))], ended_at: Instant::now() };
        let gaps = Taken { entries: vec![entry(Some((true, kept))), entry(None)], ended_at: Instant::now() };
        assert_eq!((whole.stands(), gaps.stands()), (false, true));
        tokio::time::advance(GAPS_STAND).await;
        assert!(!gaps.stands());
    }

    #[test]
    fn one_that_died_is_not_waited_for() {
        let (tell, taking) = watch::channel(None);
        assert!(will_do(&taking), "under way");
        drop(tell);
        assert!(!will_do(&taking));
    }
}
