//! The names of the server-sent events of `GET /api/orders/events`. What a browser does with them is not here.
//!
//! Each event has an `id`; whoever comes back with it in `Last-Event-ID` gets what happened since. A page opens the
//! stream first and loads its list when the stream is open, so that no change falls between the two.

/// The first event of every stream. Its data is empty; its `id` is where the stream begins.
pub const START: &str = "start";
/// An order was accepted or has changed. Its data is the [`Order`](super::Order) as it is now, without its history.
pub const ORDER: &str = "order";
/// More has happened than is told one by one, or the `Last-Event-ID` is not of this journal: load the list again. Its
/// data is empty.
pub const RESET: &str = "reset";
