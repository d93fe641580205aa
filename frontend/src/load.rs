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

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use leptos::prelude::*;
    use shared::{Code, Outcome};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    type Answer = futures_channel::oneshot::Sender<Result<u32, Problem>>;

    /// Requests that are answered by hand, in the order in which they were asked.
    #[derive(Clone, Default)]
    struct Desk(Rc<RefCell<Vec<Asked>>>);

    /// What was asked for, and the way to answer it.
    struct Asked(String, Option<Answer>);

    impl Desk {
        fn ask(&self, target: String) -> impl Future<Output = Result<u32, Problem>> + use<> {
            let (answer, wait) = futures_channel::oneshot::channel();
            self.0.borrow_mut().push(Asked(target, Some(answer)));
            async move { wait.await.unwrap_or_else(|_| Err(Problem::new(Code::Internal, Outcome::NotSent))) }
        }

        /// Answers a request; false if nobody waits for it any more.
        fn answer(&self, index: usize, with: Result<u32, Problem>) -> bool {
            self.0.borrow_mut()[index].1.take().unwrap().send(with).is_ok()
        }

        fn asked(&self) -> Vec<String> {
            self.0.borrow().iter().map(|asked| asked.0.clone()).collect()
        }
    }

    /// A load of what `key` says, from a new desk.
    fn follow(key: RwSignal<Option<&'static str>>) -> (Desk, Loader<u32>) {
        let desk = Desk::default();
        let asked = desk.clone();
        let loader = Loader::idle().follow(move || key.get().map(str::to_owned), move |target| asked.ask(target));
        (desk, loader)
    }

    /// Lets effects and futures that are ready run.
    async fn settle() {
        for _ in 0..3 {
            leptos::task::tick().await;
        }
    }

    #[wasm_bindgen_test]
    async fn a_slow_answer_never_overwrites_a_newer_choice() {
        let owner = Owner::new();
        owner.set();
        let key = RwSignal::new(Some("first"));
        let (desk, loader) = follow(key);
        settle().await;
        key.set(Some("second"));
        settle().await;
        assert_eq!(desk.asked(), ["first", "second"]);
        assert!(desk.answer(1, Ok(2)), "the newer request is waited for");
        settle().await;
        assert!(!desk.answer(0, Ok(1)), "the older request was dropped");
        settle().await;
        assert_eq!(loader.state.get_untracked(), Load::Ready(2));
    }

    #[wasm_bindgen_test]
    async fn nothing_asked_is_nothing_loaded() {
        let owner = Owner::new();
        owner.set();
        let key = RwSignal::new(None);
        let (desk, loader) = follow(key);
        settle().await;
        assert_eq!((desk.asked().len(), loader.state.get_untracked()), (0, Load::Idle));
        key.set(Some("now"));
        settle().await;
        assert_eq!(loader.state.get_untracked(), Load::Loading);
        key.set(None);
        settle().await;
        assert_eq!(loader.state.get_untracked(), Load::Idle);
    }

    #[wasm_bindgen_test]
    async fn a_failed_load_can_be_tried_again() {
        let owner = Owner::new();
        owner.set();
        let (desk, loader) = follow(RwSignal::new(Some("list")));
        settle().await;
        let problem = Problem::new(Code::UpstreamUnavailable, Outcome::NotSent);
        desk.answer(0, Err(problem.clone()));
        settle().await;
        assert_eq!(loader.state.get_untracked(), Load::Failed(problem));
        loader.reload();
        settle().await;
        assert_eq!(loader.state.get_untracked(), Load::Loading);
        desk.answer(1, Ok(7));
        settle().await;
        assert_eq!(loader.ready(), Some(7));
    }
}
