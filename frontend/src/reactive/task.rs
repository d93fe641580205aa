//! Work that goes on by itself. It is run behind one type, since each kind of future would be its own copy of the code that
//! drives it.

use std::{future::Future, pin::Pin};

use leptos::task::{spawn_local, spawn_local_scoped_with_cancellation};

type Work = Pin<Box<dyn Future<Output = ()>>>;

/// Does it to its end.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    fn of(work: Work) {
        spawn_local(work);
    }
    of(Box::pin(work));
}

/// Does it as long as there is who asked for it: a view, or an effect until it runs again.
pub fn spawn_scoped(work: impl Future<Output = ()> + 'static) {
    fn of(work: Work) {
        spawn_local_scoped_with_cancellation(work);
    }
    of(Box::pin(work));
}
