//! Loads that follow a choice: a newer choice supersedes and aborts an older request, and each load can be reloaded. The
//! surface is typed; below it all loads share one erased type, so that the reactive code is in the module once.

use std::{any::Any, cell::Cell, future::Future, marker::PhantomData, pin::Pin, rc::Rc, sync::Arc};

use leptos::prelude::*;
use shared::{Code, Problem};

use super::{Backoff, computed, spawn_scoped, watch};

thread_local! {
    /// Whether requests that begin now are the page's own doing.
    static BY_ITSELF: Cell<bool> = const { Cell::new(false) };
}

/// Begins a request, which the page makes by itself if `it_is`: because of a timer, a stream or an earlier failure, and not
/// because of what a person has just done.
pub fn by_itself<T>(it_is: bool, begin: impl FnOnce() -> T) -> T {
    let before = BY_ITSELF.replace(it_is);
    let request = begin();
    BY_ITSELF.set(before);
    request
}

/// Whether a request that begins now is the page's own doing.
pub fn is_by_itself() -> bool {
    BY_ITSELF.get()
}

/// A loaded value, type-erased.
pub type Loaded = Arc<dyn Any + Send + Sync>;

type Erased = Pin<Box<dyn Future<Output = Result<Loaded, Problem>>>>;

/// A request for the text of an answer.
pub type FetchText = Pin<Box<dyn Future<Output = Result<String, Problem>>>>;

/// A request that gives a `T`.
pub struct Fetch<T> {
    erased: Erased,
    gives: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Fetch<T> {
    /// Any request.
    pub fn new(request: impl Future<Output = Result<T, Problem>> + 'static) -> Self {
        let erased = Box::pin(async move { request.await.map(|value| Arc::new(value) as Loaded) });
        Self { erased, gives: PhantomData }
    }

    /// A request whose answer is read as a whole. All of these share one future.
    pub fn reading(text: FetchText, read: impl Fn(&str) -> Result<T, Problem> + 'static) -> Self {
        type Read = Box<dyn Fn(&str) -> Result<Loaded, Problem>>;
        fn erased(text: FetchText, read: Read) -> Erased {
            Box::pin(async move { read(&text.await?) })
        }
        let read: Read = Box::new(move |text| read(text).map(|value| Arc::new(value) as Loaded));
        Self { erased: erased(text, read), gives: PhantomData }
    }
}

/// The state of a load.
#[derive(Clone, Debug)]
pub enum Load<T = Loaded> {
    /// Nothing to load yet: a choice that it depends on is missing.
    Idle,
    /// A request is running.
    Loading,
    /// Loaded.
    Ready(T),
    /// Failed; a retry may help.
    Failed(Problem),
}

/// A load: its state, what it follows, and the trigger that reloads it.
#[derive(Debug)]
pub struct Loader<T> {
    state: RwSignal<Load>,
    reload: Trigger,
    /// Whether what is shown stays while it is reloaded.
    keep: StoredValue<bool>,
    /// The target that it follows.
    target: StoredValue<Option<Memo<Option<String>>>>,
    /// The target of the last answer.
    answered: StoredValue<Option<String>>,
    holds: PhantomData<fn() -> T>,
}

impl<T> Clone for Loader<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Loader<T> {}

impl<T: Send + Sync + 'static> Loader<T> {
    /// A load that follows nothing yet.
    pub fn idle() -> Self {
        Self {
            state: RwSignal::new(Load::Idle),
            reload: Trigger::new(),
            keep: StoredValue::new(false),
            target: StoredValue::new(None),
            answered: StoredValue::new(None),
            holds: PhantomData,
        }
    }

    /// Loads now, and whenever the target changes; `None` is idle.
    pub fn follow(
        self,
        target: impl Fn() -> Option<String> + Send + Sync + 'static,
        fetch: impl Fn(String) -> Fetch<T> + 'static,
    ) -> Self {
        let target = computed(target);
        self.target.set_value(Some(target));
        drive(self.state, self.reload, self.keep, target, self.answered, Box::new(move |target| fetch(target).erased));
        self
    }

    /// Loads the target again.
    pub fn reload(&self) {
        self.reload.notify();
    }

    /// Loads the target again without having been asked to, and shows the old value until the new one has come.
    pub fn refresh(&self) {
        self.keep.set_value(true);
        self.reload.notify();
    }

    /// Its state.
    pub fn get(&self) -> Load<Arc<T>> {
        match self.state.get() {
            Load::Idle => Load::Idle,
            Load::Loading => Load::Loading,
            Load::Failed(problem) => Load::Failed(problem),
            Load::Ready(value) => Load::Ready(Self::typed(value)),
        }
    }

    /// Its erased state and its reload trigger, for code that all loads share.
    pub fn erased(&self) -> (ReadSignal<Load>, Trigger) {
        (self.state.read_only(), self.reload)
    }

    /// The value of the erased state with its type. Only `follow` and `change` write the state, and both write a `T`.
    pub fn typed(value: Loaded) -> Arc<T> {
        value.downcast().unwrap_or_else(|_| unreachable!("a load holds what it was made for"))
    }

    /// The loaded value.
    pub fn ready(&self) -> Option<Arc<T>> {
        ready(self.state).map(Self::typed)
    }

    /// The loaded value, if it answers the target of this very moment. The state follows a changed target only after
    /// the next run of effects; what builds a request from the value must not use the old one.
    pub fn current(&self) -> Option<Arc<T>> {
        let target = self.target.get_value()?.get();
        self.ready().filter(|_| target.is_some() && target == self.answered.get_value())
    }

    /// The target of the last answer.
    pub fn answered(&self) -> Option<String> {
        self.answered.get_value()
    }

    /// Whether a request is running.
    pub fn is_loading(&self) -> bool {
        self.state.with(|state| matches!(state, Load::Loading))
    }

    /// Whether there is no target.
    pub fn is_idle(&self) -> bool {
        self.state.with(|state| matches!(state, Load::Idle))
    }

    /// The problem, if it failed.
    pub fn problem(&self) -> Option<Problem> {
        self.state.with(|state| if let Load::Failed(problem) = state { Some(problem.clone()) } else { None })
    }

    /// Replaces the value, after a write that changed it.
    pub fn change(&self, change: impl FnOnce(&T) -> T) {
        if let Some(value) = untrack(|| self.ready()) {
            self.state.set(Load::Ready(Arc::new(change(&value))));
        }
    }
}

fn ready(state: RwSignal<Load>) -> Option<Loaded> {
    state.with(|state| if let Load::Ready(value) = state { Some(value.clone()) } else { None })
}

/// Runs the load. The effect owns the running request, so a superseded one is dropped, and so aborted, before its
/// answer is seen.
fn drive(
    state: RwSignal<Load>,
    reload: Trigger,
    keep: StoredValue<bool>,
    target: Memo<Option<String>>,
    answered: StoredValue<Option<String>>,
    fetch: Box<dyn Fn(String) -> Erased>,
) {
    let fetch: Rc<dyn Fn(String) -> Erased> = fetch.into();
    watch(move || {
        reload.track();
        let Some(target) = target.get() else {
            state.set(Load::Idle);
            return;
        };
        let refreshes = keep.get_value();
        let kept = refreshes && state.with_untracked(|state| matches!(state, Load::Ready(_)));
        keep.set_value(false);
        if !kept {
            state.set(Load::Loading);
        }
        let mut request = by_itself(refreshes, || fetch(target.clone()));
        let fetch = Rc::clone(&fetch);
        spawn_scoped(async move {
            // Long enough for a person who is about to press the button.
            let mut backoff = Backoff::beginning(5);
            loop {
                match request.await {
                    Ok(value) => {
                        answered.set_value(Some(target));
                        state.set(Load::Ready(value));
                        return;
                    }
                    // The old value is better than the error of a refresh in the background.
                    Err(_) if kept => return,
                    Err(problem) => {
                        let unreachable = problem.code == Code::ProxyUnreachable;
                        // Told once, so that what is shown of it keeps its time and its focus.
                        if state
                            .with_untracked(|state| !matches!(state, Load::Failed(shown) if shown.code == problem.code))
                        {
                            state.set(Load::Failed(problem));
                        }
                        if !unreachable {
                            return;
                        }
                    }
                }
                backoff.wait().await;
                request = by_itself(true, || fetch(target.clone()));
            }
        });
    });
}

#[cfg(test)]
mod tests;
