//! Threads that answer requests, one for each processor, each with a runtime and connections of its own. What goes on
//! besides, such as watching over orders, has the runtime that the process began with.
//!
//! A request and the call to the cloud that it becomes stay on one thread: nothing is handed over between processors, and
//! nobody has to be woken for it.

use std::{cell::Cell, io, sync::LazyLock, thread};

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The threads. They end when this is dropped, with whatever is under way on them.
#[derive(Debug)]
pub(crate) struct Workers {
    handles: Vec<Handle>,
    _end: DropGuard,
}

/// One for each worker, and before them one for all threads that are no worker's.
#[derive(Debug)]
pub(crate) struct PerWorker<T>(Box<[T]>);

static COUNT: LazyLock<usize> = LazyLock::new(|| thread::available_parallelism().map_or(1, usize::from));

thread_local! {
    /// Which worker's thread this is, from 1; 0 if it is none's.
    static NUMBER: Cell<usize> = const { Cell::new(0) };
}

impl Workers {
    pub(crate) fn start() -> io::Result<Self> {
        let end = CancellationToken::new();
        let handles = (1..=*COUNT).map(|number| start(number, end.clone())).collect::<io::Result<_>>()?;
        Ok(Self { handles, _end: end.drop_guard() })
    }

    /// What they are given work by; there is at least one.
    pub(crate) fn handles(&self) -> Vec<Handle> {
        self.handles.clone()
    }
}

fn start(number: usize, end: CancellationToken) -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name(format!("worker-{number}")).spawn(move || {
        NUMBER.set(number);
        runtime.block_on(end.cancelled());
        // Without waiting for lookups of names and the like, which nobody needs any more.
        runtime.shutdown_background();
    })?;
    Ok(handle)
}

impl<T> PerWorker<T> {
    pub(crate) fn new(make: impl Fn() -> T) -> Self {
        Self((0..=*COUNT).map(|_| make()).collect())
    }

    /// That of this thread.
    pub(crate) fn here(&self) -> &T {
        &self.0[NUMBER.get()]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[tokio::test]
    async fn each_thread_has_its_own() {
        let (workers, counter) = (Workers::start().unwrap(), Cell::new(0));
        let own = PerWorker::new(|| counter.replace(counter.get() + 1));
        let own: &'static PerWorker<i32> = Box::leak(Box::new(own));
        let here = *own.here();
        let mut seen = HashSet::from([here]);
        for handle in workers.handles() {
            let there = handle.spawn(async { *own.here() }).await.unwrap();
            assert_eq!(handle.spawn(async { *own.here() }).await.unwrap(), there);
            assert!(seen.insert(there), "{there} is another thread's");
        }
        assert_eq!(*own.here(), here);
    }

    #[tokio::test]
    async fn they_end_with_what_is_under_way() {
        let workers = Workers::start().unwrap();
        let tasks: Vec<_> = workers.handles().iter().map(|handle| handle.spawn(std::future::pending::<()>())).collect();
        drop(workers);
        for task in tasks {
            assert!(task.await.unwrap_err().is_cancelled());
        }
    }
}
