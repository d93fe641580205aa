//! `GET /api/orders/events`: changes of orders as server-sent events. The events' names are in
//! [`shared::order::events`], their source is [`orders::Watch`].

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{StreamExt, stream};
use shared::{Code, Outcome, Problem, order::events, parameters::ParameterError};

use super::query::Query;
use crate::http::{app::App, failure::Failure, middleware::authorize::Caller};
use orders::{Position, Watch, WatchEvent};

/// Keep-alive interval. Proxies on the way close idle connections, often after a minute.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// For nginx, which holds answers back until there is more of them, and does not pass this on.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
/// `Retry-After` in seconds when the limit of streams is reached.
const LATER: u64 = 10;
/// How long a stream for an API token lasts.
const TOKEN_STREAM_DURATION: Duration = Duration::from_mins(1);

/// The stream. It ends when the proxy stops; browsers reconnect by themselves with the last `id` they saw.
pub(in crate::http) async fn stream(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, Failure> {
    if let Some((name, _)) = query.0?.first() {
        return Err(ParameterError::new(Code::UnknownParameter, name).into());
    }
    let is_token = caller.session.is_none() && caller.id.is_some();
    let Some(held) = app.guard.waiting.hold(caller.id.as_deref()) else { return Err(too_many()) };
    let Some(watch) = app.orders.watch(last(&headers), caller.accounts).await? else {
        return Err(too_many());
    };
    let start = Event::default().event(events::START).id(watch.position().to_string()).data(events::NOTHING);
    let state = (watch, VecDeque::from([start]));
    let events = stream::unfold(state, |(mut watch, mut ready): (Watch, VecDeque<Event>)| async move {
        while ready.is_empty() {
            ready.extend(watch.next().await?.into_iter().filter_map(event));
        }
        let event = ready.pop_front()?;
        Some((Ok::<_, Infallible>(event), (watch, ready)))
    });
    // The stream ends with the session. An API token is asked for again after a while, since it may be taken away.
    let guard = Arc::clone(&app.guard);
    let over = async move {
        // As long as the stream.
        let _held = held;
        match caller.session {
            // Whichever way it ends. The time is that of the whole stream, so that an error of it matters little.
            Some((session, left)) => drop(tokio::time::timeout(left, guard.session_ended(&session)).await),
            None if is_token => tokio::time::sleep(TOKEN_STREAM_DURATION).await,
            None => std::future::pending().await,
        }
    };
    let events = events.take_until(Box::pin(over));
    let stream = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    Ok(([UNBUFFERED], stream).into_response())
}

/// The limit of those who watch, or of this person's streams and long polls, is reached.
pub(super) fn too_many() -> Failure {
    let problem = Problem::new(Code::Throttled, Outcome::NotSent).because("Too many watch at the moment.");
    Problem { retry_after: Some(LATER), ..problem }.into()
}

/// The position to resume from. A text that is no position of this journal leads to the event `reset`.
fn last(headers: &HeaderMap) -> Option<Position> {
    const NOWHERE: Position = -1;
    let id = headers.get("last-event-id")?.to_str().ok()?;
    if id.is_empty() { None } else { Some(id.parse().unwrap_or(NOWHERE)) }
}

fn event(change: WatchEvent) -> Option<Event> {
    match change {
        WatchEvent::Order(position, order) => {
            Event::default().event(events::ORDER).id(position.to_string()).json_data(order).ok()
        }
        WatchEvent::Gap(position) => {
            Some(Event::default().event(events::RESET).id(position.to_string()).data(events::NOTHING))
        }
    }
}
