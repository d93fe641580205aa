//! Tasks, boxed before they are spawned: each kind of future would otherwise be a copy of the code that polls it.

use std::{future::Future, pin::Pin};

use leptos::task::{spawn_local, spawn_local_scoped_with_cancellation, tick};

type Work = Pin<Box<dyn Future<Output = ()>>>;

/// Runs a task to its end, whatever becomes of the view that started it.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    fn of(work: Work) {
        spawn_local(work);
    }
    of(Box::pin(work));
}

/// Runs a task that is dropped with its owner: a view, or an effect that reruns.
pub fn spawn_scoped(work: impl Future<Output = ()> + 'static) {
    fn of(work: Work) {
        spawn_local_scoped_with_cancellation(work);
    }
    of(Box::pin(work));
}

/// Waits until the effects that are due have run, and those that they cause: within the task of the browser that runs now, and so
/// before the next frame.
pub async fn effects_have_run() {
    for _ in 0..3 {
        tick().await;
    }
}
