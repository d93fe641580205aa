//! Who asks: nothing of the API is answered to somebody who has not signed in, where one has to, or may not do it.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use shared::{Code, Outcome, Problem};

use super::{failure::Failure, gate::Gate};
use crate::{
    orders::{Asker, Scope},
    signin::{Right, Session},
};

/// Whoever asks, for handlers. Without sign-in it is nobody in particular.
#[derive(Clone, Debug, Default)]
pub(super) struct Caller {
    /// The name in the journal and in the log.
    pub(super) name: Option<String>,
    /// How long the session lasts if nothing more is done.
    pub(super) time_left: Option<Duration>,
    /// The orders that there are for the caller.
    pub(super) scope: Scope,
}

impl Caller {
    /// The caller as somebody who orders.
    pub(super) fn asker(self, gate: &Gate) -> Asker {
        Asker { daily_limit: gate.daily_limit, name: self.name, scope: self.scope }
    }
}

/// Now, in seconds since 1970 UTC.
pub(super) fn now() -> i64 {
    Timestamp::now().as_second()
}

/// Lets through who may do what the method says: reading is looking, and everything else is buying.
pub(super) async fn admit(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let (caller, fresh) = match who(&gate, &request) {
        Ok(known) => known,
        Err(failure) => return failure.into_response(),
    };
    request.extensions_mut().insert(caller);
    let mut response = next.run(request).await;
    if let Some(cookie) = fresh {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The caller, and the session's cookie if it is time for a fresh one.
fn who(gate: &Gate, request: &Request) -> Result<(Caller, Option<HeaderValue>), Failure> {
    let Some(sign_in) = &gate.sign_in else {
        gate.rates.ask(None)?;
        return Ok((Caller::default(), None));
    };
    let now = now();
    let refuse = |code| Failure::from(Problem::new(code, Outcome::NotSent));
    let session = sign_in.session(request.headers(), now).ok_or_else(|| refuse(Code::SignInRequired))?;
    let needed = if is_read(request.method()) { Right::Look } else { Right::Buy };
    if sign_in.right(&session.identity) < needed {
        return Err(refuse(Code::NotAllowed));
    }
    gate.rates.ask(Some(&session.identity.subject))?;
    let fresh = if is_waiting(request.uri()) { None } else { fresh(gate, &session, now) };
    let caller = Caller {
        name: Some(session.identity.asker().to_owned()),
        time_left: Some(session.left(sign_in.lifetimes(), now)),
        scope: sign_in.scope(&session.identity),
    };
    Ok((caller, fresh))
}

/// The session's cookie, if it is time for a fresh one.
fn fresh(gate: &Gate, session: &Session, now: i64) -> Option<HeaderValue> {
    let sign_in = gate.sign_in.as_ref()?;
    sign_in.cookie(&session.renewed(sign_in.lifetimes(), now)?, now)
}

/// Who has signed in, and may still look; the session's cookie with it, if it is time for a fresh one.
pub(super) fn person(gate: &Gate, headers: &HeaderMap) -> Option<(shared::session::Person, Option<HeaderValue>)> {
    let sign_in = gate.sign_in.as_ref()?;
    let now = now();
    let session = sign_in.session(headers, now)?;
    let right = sign_in.right(&session.identity);
    let cookie = fresh(gate, &session, now);
    let person = || shared::session::Person { name: session.identity.name, buys: right == Right::Buy };
    (right >= Right::Look).then(|| (person(), cookie))
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Whether the page waits for news: it does so by itself, so nobody need be there. And an answer that comes late must
/// not bring back a session that was ended meanwhile.
fn is_waiting(uri: &Uri) -> bool {
    uri.path().ends_with("/events") || uri.query().is_some_and(|query| query.contains("wait="))
}
