//! Tasks, boxed before they are spawned: each kind of future would otherwise be a copy of the code that polls it.

use std::{future::Future, pin::Pin};

use leptos::task::{spawn_local, spawn_local_scoped_with_cancellation};

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
