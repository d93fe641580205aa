//! Loading what depends on a choice: the newest choice always wins, and each load has its own retry. What the states
//! look like on the page is in [`crate::ui::loaded`].

use std::{future::Future, pin::Pin};

use leptos::{prelude::*, task::spawn_local_scoped_with_cancellation};
use shared::Problem;

/// Where a load stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Load<T> {
    /// Nothing to load yet: a choice that it depends on is missing.
    Idle,
    /// Under way.
    Loading,
    /// There.
    Ready(T),
    /// Failed; a retry may help.
    Failed(Problem),
}

impl<T> Load<T> {
    /// What was loaded.
    pub fn ready(&self) -> Option<&T> {
        if let Self::Ready(value) = self { Some(value) } else { None }
    }
}

/// A load and the handle to start it again.
#[derive(Debug)]
pub struct Loader<T: Send + Sync + 'static> {
    /// Where it stands.
    pub state: RwSignal<Load<T>>,
    again: Trigger,
}

impl<T: Send + Sync + 'static> Clone for Loader<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loader<T> {}

impl<T: Clone + Send + Sync + 'static> Loader<T> {
    /// A load that has nothing to follow yet.
    pub fn idle() -> Self {
        Self { state: RwSignal::new(Load::Idle), again: Trigger::new() }
    }

    /// Loads now and whenever what is asked for changes; nothing asked, nothing loaded.
    pub fn follow<F>(
        self,
        target: impl Fn() -> Option<String> + Send + Sync + 'static,
        fetch: impl Fn(String) -> F + 'static,
    ) -> Self
    where
        F: Future<Output = Result<T, Problem>> + 'static,
    {
        let Self { state, again } = self;
        let start = move |target: Option<String>| -> Option<Task> {
            let Some(target) = target else {
                state.set(Load::Idle);
                return None;
            };
            state.set(Load::Loading);
            let request = fetch(target);
            Some(Box::pin(async move {
                state.set(match request.await {
                    Ok(value) => Load::Ready(value),
                    Err(problem) => Load::Failed(problem),
                });
            }))
        };
        drive(again, Box::new(target), Box::new(start));
        self
    }

    /// Loads again what is asked for.
    pub fn reload(&self) {
        self.again.notify();
    }

    /// What was loaded, if it is there.
    pub fn ready(&self) -> Option<T> {
        self.state.with(|state| state.ready().cloned())
    }

    /// Puts something in the place of what was loaded, after a write that changed it.
    pub fn change(&self, change: impl FnOnce(&T) -> T) {
        self.state.update(|state| {
            if let Load::Ready(value) = state {
                *state = Load::Ready(change(value));
            }
        });
    }
}

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// The part of [`Loader::follow`] that is the same for whatever is loaded. The effect owns the running request, so one
/// that is superseded is dropped, and so aborted, before its answer can be seen.
fn drive(
    again: Trigger,
    target: Box<dyn Fn() -> Option<String> + Send + Sync>,
    start: Box<dyn Fn(Option<String>) -> Option<Task>>,
) {
    let target = Memo::new(move |_| target());
    Effect::new(move |_| {
        again.track();
        if let Some(task) = start(target.get()) {
            spawn_local_scoped_with_cancellation(task);
        }
    });
}
