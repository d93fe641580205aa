//! The names of the server-sent events of `GET /api/orders/events`. What a browser does with them is not here.
//!
//! Each event has an `id`; whoever comes back with it in `Last-Event-ID` gets what happened since. A page opens the
//! loads its list once more when the stream has begun, so that no change falls between the two.

/// The first event of every stream. Its data is [`NOTHING`]; its `id` is where the stream begins.
pub const START: &str = "start";
/// An order was accepted or has changed. Its data is the [`Order`](super::Order) as it is now, without its history.
pub const ORDER: &str = "order";
/// There may be more changes than events, or the `Last-Event-ID` is unknown: reload the list. Its data is [`NOTHING`].
pub const RESET: &str = "reset";
/// The data of an event that has nothing to say but its name. A browser throws an event with empty data away.
pub const NOTHING: &str = "{}";
