//! The keeper, with a place that says what a test tells it to, in virtual time.

use std::sync::atomic::AtomicUsize;

use futures_util::future::join_all;
use tokio::time::{advance, sleep};

use super::*;

const HOUR: Duration = Duration::from_hours(1);

/// A place whose credentials are numbered, so that one can tell them apart.
struct Place {
    candidates: Mutex<Result<Vec<Candidate>, CredentialsError>>,
    lasts: Mutex<Option<Duration>>,
    fault: Mutex<Option<CredentialsError>>,
    looks: AtomicUsize,
    fetches: AtomicUsize,
}

impl Source for Arc<Place> {
    async fn candidates(&self, only: Option<Origin>) -> Result<Candidates, CredentialsError> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        let mut places = self.candidates.lock().unwrap().clone()?;
        places.retain(|candidate| only.is_none_or(|only| only == candidate.origin));
        Ok(Candidates { places, nothing: Vec::new() })
    }

    async fn fetch(&self, plan: &Plan) -> Result<Fetched, CredentialsError> {
        let number = self.fetches.fetch_add(1, Ordering::Relaxed) + 1;
        sleep(Duration::from_secs(1)).await;
        if let Some(fault) = self.fault.lock().unwrap().clone() {
            return Err(fault);
        }
        let credentials = match plan {
            Plan::Key { credentials, .. } => credentials.clone(),
            _ => numbered(number),
        };
        Ok(Fetched { credentials, lasts: *self.lasts.lock().unwrap() })
    }
}

impl Place {
    fn of(origin: Origin, plan: Plan, lasts: Option<Duration>) -> Arc<Self> {
        Arc::new(Self {
            candidates: Mutex::new(Ok(vec![certain(origin, plan)])),
            lasts: Mutex::new(lasts),
            fault: Mutex::default(),
            looks: AtomicUsize::new(0),
            fetches: AtomicUsize::new(0),
        })
    }

    fn fail(&self, fault: Option<CredentialsError>) {
        *self.fault.lock().unwrap() = fault;
    }

    fn says(&self, candidates: Result<Vec<Candidate>, CredentialsError>) {
        *self.candidates.lock().unwrap() = candidates;
    }

    fn fetches(&self) -> usize {
        self.fetches.load(Ordering::Relaxed)
    }
}

fn certain(origin: Origin, plan: Plan) -> Candidate {
    Candidate { origin, plan, is_certain: true, is_expected: true }
}

fn numbered(number: usize) -> AccessKey {
    AccessKey { access_key_id: format!("{number}").into(), access_key_secret: "s".into(), security_token: None }
}

fn instance() -> Plan {
    Plan::EcsRole { name: None, hardened: false }
}

fn key(number: usize) -> Plan {
    Plan::Key { credentials: numbered(number), expires: None }
}

fn down() -> CredentialsError {
    CredentialsError::unavailable("the place", "is down")
}

fn keeper(place: &Arc<Place>) -> Arc<Keeper<Arc<Place>>> {
    Arc::new(Keeper::of(Arc::clone(place)))
}

async fn number(keeper: &Arc<Keeper<Arc<Place>>>) -> Result<usize, CredentialsError> {
    keeper.current().await.map(|credentials| credentials.access_key_id.expose().parse().unwrap())
}

/// Lets a look in the background come to its end.
async fn settle() {
    sleep(Duration::from_secs(2)).await;
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_at_once_are_one_question() {
    let place = Place::of(Origin::EcsRole, instance(), Some(HOUR));
    let keeper = keeper(&place);
    let numbers = join_all((0..1000).map(|_| number(&keeper))).await;
    assert!(numbers.iter().all(|number| *number == Ok(1)));
    assert_eq!(place.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn renewed_before_they_expire_and_nobody_waits() {
    let place = Place::of(Origin::EcsRole, instance(), Some(HOUR));
    let keeper = keeper(&place);
    number(&keeper).await.unwrap();
    advance(Duration::from_mins(49)).await;
    assert_eq!(number(&keeper).await, Ok(1));
    settle().await;
    assert_eq!(place.fetches(), 1, "not yet");

    advance(Duration::from_mins(1)).await;
    let began = Instant::now();
    let numbers = join_all((0..1000).map(|_| number(&keeper))).await;
    assert!(numbers.iter().all(|number| *number == Ok(1)));
    assert_eq!(began.elapsed(), Duration::ZERO);
    settle().await;
    assert_eq!((number(&keeper).await, place.fetches()), (Ok(2), 2));
    assert_eq!(keeper.account(), 0, "it is the same account");
}

#[tokio::test(start_paused = true)]
async fn a_place_that_is_down_does_no_harm_until_they_expire_and_is_not_hammered() {
    let place = Place::of(Origin::EcsRole, instance(), Some(HOUR));
    let keeper = keeper(&place);
    number(&keeper).await.unwrap();
    place.fail(Some(down()));
    advance(Duration::from_mins(50)).await;
    for _ in 0..50 {
        assert_eq!(number(&keeper).await, Ok(1));
        sleep(Duration::from_secs(10)).await;
    }
    let tried = place.fetches();
    assert!((40..=51).contains(&tried), "{tried}");

    advance(Duration::from_mins(3)).await;
    let answers = join_all((0..1000).map(|_| number(&keeper))).await;
    assert!(answers.iter().all(|answer| *answer == Err(down())), "expired ones are not given out");
    assert!(place.fetches() <= tried + 2);

    place.fail(None);
    advance(LOOK).await;
    assert!(number(&keeper).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn on_the_upstreams_word_once_for_all() {
    let place = Place::of(Origin::EcsRole, instance(), Some(HOUR));
    let keeper = keeper(&place);
    let used = keeper.current().await.unwrap();
    let renewed = join_all((0..100).map(|_| keeper.renew(&used))).await;
    assert!(renewed.into_iter().all(|is_other| is_other));
    assert_eq!(place.fetches(), 2);

    // If the new ones are not taken either, asking again at once would be no use.
    let used = keeper.current().await.unwrap();
    assert!(!keeper.renew(&used).await);
    advance(LOOK).await;
    assert!(keeper.renew(&used).await);
    assert_eq!(place.fetches(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_place_that_says_the_same_has_no_others() {
    let place = Place::of(Origin::Environment, key(7), None);
    let keeper = keeper(&place);
    let used = keeper.current().await.unwrap();
    assert!(!keeper.renew(&used).await);
}

#[tokio::test(start_paused = true)]
async fn a_change_is_noticed_and_is_perhaps_another_account() {
    let place = Place::of(Origin::CliConfig, key(1), None);
    let keeper = keeper(&place);
    assert_eq!(number(&keeper).await, Ok(1));
    place.says(Ok(vec![certain(Origin::CliConfig, key(2))]));
    advance(LOOK).await;
    number(&keeper).await.unwrap();
    settle().await;
    assert_eq!((number(&keeper).await, keeper.account()), (Ok(2), 1));

    // A file that is just being written is waited for.
    place.says(Err(CredentialsError::broken("the file", "line 1")));
    advance(LOOK).await;
    number(&keeper).await.unwrap();
    settle().await;
    assert_eq!((number(&keeper).await, keeper.account()), (Ok(2), 1));
}

#[tokio::test(start_paused = true)]
async fn once_found_no_other_place_takes_over() {
    let place = Place::of(Origin::CliConfig, key(1), None);
    let keeper = keeper(&place);
    number(&keeper).await.unwrap();
    place.says(Ok(vec![certain(Origin::Environment, key(2))]));
    advance(LOOK).await;
    number(&keeper).await.unwrap();
    settle().await;
    assert_eq!(number(&keeper).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn an_uncertain_place_gives_way_and_a_certain_one_does_not() {
    let place = Place::of(Origin::EcsRole, instance(), None);
    let uri = || certain(Origin::Uri, Plan::uri("URI", "http://127.0.0.1/").unwrap());
    let uncertain = Candidate { is_certain: false, is_expected: false, ..certain(Origin::EcsRole, instance()) };
    place.fail(Some(down()));
    place.says(Ok(vec![uncertain.clone()]));
    assert_eq!(
        number(&keeper(&place)).await,
        Err(CredentialsError::Nowhere { looked: vec!["the place is down".to_owned()] })
    );
    let expected = Candidate { is_expected: true, ..uncertain.clone() };
    place.says(Ok(vec![expected]));
    assert_eq!(number(&keeper(&place)).await, Err(down()), "it may yet come");
    place.says(Ok(vec![uncertain, uri()]));
    assert_eq!(number(&keeper(&place)).await, Err(down()));
}

#[tokio::test(start_paused = true)]
async fn a_look_goes_on_when_the_call_that_wanted_it_is_gone() {
    let place = Place::of(Origin::EcsRole, instance(), Some(HOUR));
    let keeper = keeper(&place);
    assert!(tokio::time::timeout(Duration::from_millis(1), keeper.current()).await.is_err());
    settle().await;
    assert_eq!((number(&keeper).await, place.fetches()), (Ok(1), 1));
}

#[tokio::test(start_paused = true)]
async fn what_has_expired_already_is_not_given_out() {
    let place = Place::of(Origin::CliConfig, key(1), Some(Duration::ZERO));
    assert!(matches!(number(&keeper(&place)).await, Err(CredentialsError::Unavailable { .. })));
}
