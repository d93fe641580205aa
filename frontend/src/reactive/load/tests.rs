//! Loads as specifications: the newest choice wins, and answers are released by hand.

use std::{cell::RefCell, rc::Rc};

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
    fn ask(&self, target: String) -> Fetch<u32> {
        let (answer, wait) = futures_channel::oneshot::channel();
        self.0.borrow_mut().push(Asked(target, Some(answer)));
        Fetch::new(async move { wait.await.unwrap_or_else(|_| Err(Problem::new(Code::Internal, Outcome::NotSent))) })
    }

    /// Answers a request; false if it was dropped.
    fn answer(&self, index: usize, with: Result<u32, Problem>) -> bool {
        self.0.borrow_mut()[index].1.take().unwrap().send(with).is_ok()
    }

    fn asked(&self) -> Vec<String> {
        self.0.borrow().iter().map(|asked| asked.0.clone()).collect()
    }
}

/// A load of what `key` says, from a new desk.
fn follow(key: RwSignal<Option<&'static str>>) -> (Desk, Loader<u32>) {
    // Mounting the page does this; it does no harm twice.
    let _ = any_spawner::Executor::init_wasm_bindgen();
    let desk = Desk::default();
    let asked = desk.clone();
    let loader = Loader::idle().follow(move || key.get().map(str::to_owned), move |target| asked.ask(target));
    (desk, loader)
}

/// Lets effects and futures that are ready run.
async fn run_effects() {
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
    run_effects().await;
    key.set(Some("second"));
    run_effects().await;
    assert_eq!(desk.asked(), ["first", "second"]);
    assert!(desk.answer(1, Ok(2)), "the newer request is waited for");
    run_effects().await;
    assert!(!desk.answer(0, Ok(1)), "the older request was dropped");
    run_effects().await;
    assert_eq!(loader.ready().as_deref(), Some(&2));
}

#[wasm_bindgen_test]
async fn nothing_asked_is_nothing_loaded() {
    let owner = Owner::new();
    owner.set();
    let key = RwSignal::new(None);
    let (desk, loader) = follow(key);
    run_effects().await;
    assert!(desk.asked().is_empty() && loader.is_idle());
    key.set(Some("now"));
    run_effects().await;
    assert!(loader.is_loading());
    key.set(None);
    run_effects().await;
    assert!(loader.is_idle());
}

#[wasm_bindgen_test]
async fn a_failed_load_can_be_tried_again() {
    let owner = Owner::new();
    owner.set();
    let (desk, loader) = follow(RwSignal::new(Some("list")));
    run_effects().await;
    let problem = Problem::new(Code::UpstreamUnavailable, Outcome::NotSent);
    desk.answer(0, Err(problem.clone()));
    run_effects().await;
    assert_eq!(loader.problem(), Some(problem));
    loader.reload();
    run_effects().await;
    assert!(loader.is_loading());
    desk.answer(1, Ok(7));
    run_effects().await;
    assert_eq!(loader.ready().as_deref(), Some(&7));
}

#[wasm_bindgen_test]
async fn what_was_loaded_for_another_choice_is_not_current() {
    let owner = Owner::new();
    owner.set();
    let key = RwSignal::new(Some("first"));
    let (desk, loader) = follow(key);
    run_effects().await;
    desk.answer(0, Ok(1));
    run_effects().await;
    assert_eq!(loader.current().as_deref(), Some(&1));
    key.set(Some("second"));
    // No effect has run yet, and still the old answer is none to the new question.
    assert_eq!(loader.current(), None);
}
