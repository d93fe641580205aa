//! Threads that answer requests, one for each processor, each with a runtime and connections of its own. What goes on
//! besides, such as watching over orders, has the runtime that the process began with.
//!
//! A request and the call to the cloud that it becomes stay on one thread: nothing is handed over between processors, and
//! nobody has to be woken for it.

use std::{io, sync::LazyLock, thread};

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

/// The threads. They end when this is dropped, with whatever is under way on them.
#[derive(Debug)]
pub(crate) struct Workers {
    handles: Vec<Handle>,
    _end: DropGuard,
}

static COUNT: LazyLock<usize> = LazyLock::new(|| thread::available_parallelism().map_or(1, usize::from));

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
        runtime.block_on(end.cancelled());
        // Without waiting for lookups of names and the like, which nobody needs any more.
        runtime.shutdown_background();
    })?;
    Ok(handle)
}

#[cfg(test)]
mod tests {
    use super::*;

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
