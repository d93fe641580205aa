//! Single flight: equal questions that are asked at the same time are one piece of work, and all who asked get its result.
//!
//! This is our own code, since moka's `get_with` runs the work in the caller that came first: it ends when that caller
//! goes away, and the others start again.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;
use tracing::Instrument;

/// The work under way, by question. Clones are the same one.
pub struct SingleFlight<K, T> {
    under_way: Arc<Mutex<HashMap<K, watch::Receiver<Option<T>>>>>,
}

/// The work that a caller waits for.
#[derive(Debug)]
pub struct Joined<T> {
    result: watch::Receiver<Option<T>>,
    /// Whether the work was under way already.
    pub is_shared: bool,
}

/// The work ended without a result: it panicked, or the runtime stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the work that was waited for ended without a result")]
pub struct CutShort;

impl<K, T> SingleFlight<K, T>
where
    K: Clone + Eq + Hash + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    /// Joins the work under way for this question, or starts it. It runs in a task of its own, to its end, whoever goes
    /// away. Its lines in the log belong to the span that it was started in.
    ///
    /// Once the result is there, the next one to ask starts anew, also if the result is an error.
    pub fn join<F>(&self, key: K, work: impl FnOnce() -> F) -> Joined<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut under_way = self.under_way();
        if let Some(joined) = joined(&under_way, &key) {
            return joined;
        }
        let (sender, result) = watch::channel(None);
        under_way.insert(key.clone(), result.clone());
        drop(under_way);
        // Made here, so that work which never gets to run, or panics, ends as well.
        let end = End { flights: self.clone(), key };
        let work = work();
        let task = async move {
            let result = work.await;
            // Before it is told, so that whoever asks again after an error starts anew.
            drop(end);
            sender.send_replace(Some(result));
        };
        tokio::spawn(task.in_current_span());
        Joined { result, is_shared: false }
    }

    /// Joins the work under way for this question, if there is some.
    pub fn join_existing(&self, key: &K) -> Option<Joined<T>> {
        joined(&self.under_way(), key)
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<K, watch::Receiver<Option<T>>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn joined<K: Eq + Hash, T>(under_way: &HashMap<K, watch::Receiver<Option<T>>>, key: &K) -> Option<Joined<T>> {
    under_way.get(key).map(|result| Joined { result: result.clone(), is_shared: true })
}

impl<T: Clone> Joined<T> {
    /// Waits for the result.
    pub async fn result(mut self) -> Result<T, CutShort> {
        let result = self.result.wait_for(Option::is_some).await.map_err(|_| CutShort)?;
        result.clone().ok_or(CutShort)
    }
}

/// Takes the question off the list when the work ends, however it does.
struct End<K, T>
where
    K: Clone + Eq + Hash + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    flights: SingleFlight<K, T>,
    key: K,
}

impl<K, T> Drop for End<K, T>
where
    K: Clone + Eq + Hash + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    fn drop(&mut self) {
        self.flights.under_way().remove(&self.key);
    }
}

impl<K, T> Default for SingleFlight<K, T> {
    fn default() -> Self {
        Self { under_way: Arc::default() }
    }
}

impl<K, T> Clone for SingleFlight<K, T> {
    fn clone(&self) -> Self {
        Self { under_way: Arc::clone(&self.under_way) }
    }
}

impl<K, T> fmt::Debug for SingleFlight<K, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SingleFlight").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU32, Ordering},
        time::Duration,
    };

    use futures_util::future::join_all;
    use tokio::time::{sleep, timeout};

    use super::*;

    const WORK: Duration = Duration::from_secs(5);

    /// Work that takes a while, and says how often it was started.
    #[derive(Clone, Default)]
    struct Counted(Arc<AtomicU32>);

    impl Counted {
        fn work(&self) -> impl Future<Output = Result<u32, u32>> + Send + 'static {
            let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            async move {
                sleep(WORK).await;
                if number == 1 { Err(number) } else { Ok(number) }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_ask_at_the_same_time_get_one_result_or_failure() {
        let (flights, counted) = (SingleFlight::default(), Counted::default());
        let round = async || {
            let joined: Vec<_> = (0..3).map(|_| flights.join("a", || counted.work())).collect();
            let shared: Vec<_> = joined.iter().map(|joined| joined.is_shared).collect();
            assert_eq!(shared, [false, true, true]);
            join_all(joined.into_iter().map(Joined::result)).await
        };
        assert_eq!(round().await, [Ok(Err(1)); 3], "the failure is shared");
        assert_eq!(round().await, [Ok(Ok(2)); 3], "and not remembered");
    }

    #[tokio::test(start_paused = true)]
    async fn different_questions_are_different_work() {
        let (flights, counted) = (SingleFlight::default(), Counted::default());
        let (a, b) = (flights.join("a", || counted.work()), flights.join("b", || counted.work()));
        assert_eq!((a.result().await, b.result().await), (Ok(Err(1)), Ok(Ok(2))));
    }

    #[tokio::test(start_paused = true)]
    async fn the_work_goes_on_when_those_who_asked_are_gone() {
        let (flights, counted) = (SingleFlight::default(), Counted::default());
        let first = flights.join("a", || counted.work());
        assert!(timeout(WORK / 2, first.result()).await.is_err());
        let second = flights.join("a", || counted.work());
        assert!(second.is_shared && flights.join_existing(&"a").is_some());
        assert_eq!(second.result().await, Ok(Err(1)));
        assert!(flights.join_existing(&"a").is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_dies_lets_others_ask() {
        let flights = SingleFlight::default();
        let dies = flights.join("a", || async { panic!("work that dies, for a test") });
        let waits = flights.join("a", || async { 1 });
        assert_eq!((dies.result().await, waits.result().await), (Err(CutShort), Err(CutShort)));
        assert_eq!(flights.join("a", || async { 2 }).result().await, Ok(2));
    }
}
