//! Reactive helpers below the widgets: loads, derived values, effects, event handlers, tasks, delays and debouncing. Each
//! is type-erased, so that the generic code of the framework is compiled once and not once for each closure. `frontend/clippy.toml` forbids what these wrap everywhere else.

#![expect(clippy::disallowed_methods, reason = "these are the wrappers to use instead")]

mod debounce;
mod erased;
pub mod load;
mod task;
mod timer;

pub use debounce::debounced;
pub use erased::{Attribute, changing, computed, flag, maybe, next_frame, on_click, watch, words};
pub use load::{Load, Loader};
pub use task::{spawn, spawn_scoped};
pub use timer::{after, every, pause};
