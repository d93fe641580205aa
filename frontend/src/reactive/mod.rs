//! Reactive helpers below the widgets: loads, memos, effects, event handlers, tasks, timers and debouncing. Each is
//! type-erased, so that the framework's generic code is compiled once and not once for each closure. What they wrap is
//! forbidden everywhere else by `frontend/clippy.toml`.

#![expect(clippy::disallowed_methods, reason = "these are the wrappers to use instead")]

mod debounce;
mod erased;
pub mod load;
mod pointer;
mod retry;
mod task;
mod timer;

pub use debounce::debounced;
pub use erased::{Attribute, changing, clicked_at, computed, flag, maybe, next_frame, on_click, watch, words};
pub use load::{Load, Loader, by_itself, is_by_itself};
pub use pointer::once_released;
pub use retry::{Backoff, now, retry_now, retry_when_back, time_of_day, wait};
pub use task::{effects_have_run, spawn, spawn_scoped};
pub use timer::{after, after_unless_dropped, every};
