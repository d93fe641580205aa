//! Authorization: refuses API requests without a session, or without the right to the method, where sign-in is on.

use std::{
    convert::Infallible,
    future::ready,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use futures_util::future::{BoxFuture, Either, FutureExt};
use jiff::Timestamp;
use orders::{Accounts, Limits, Principal, Viewer};
use shared::{Code, Outcome, Problem};
use tower::Service;

use super::guard::{Guard, UNATTENDED};
use crate::http::failure::Failure;
use crate::signin::{ApiToken, Right, Session, SignIn, UnknownToken};

/// The authenticated caller of a request, for handlers. Without sign-in it has no name and all accounts.
#[derive(Clone, Debug, Default)]
pub(in crate::http) struct Caller {
    /// The name in the journal and in the log.
    pub(in crate::http) name: Option<String>,
    /// The identifier by which limits count.
    pub(in crate::http) id: Option<String>,
    /// The session, and the time until it ends if it is not renewed.
    pub(in crate::http) session: Option<(Session, Duration)>,
    /// What the caller may do, where that is not what everybody may.
    pub(in crate::http) limits: Option<Limits>,
    /// The accounts whose orders the caller may see.
    pub(in crate::http) accounts: Accounts,
    /// Whether the caller may approve orders of others.
    pub(in crate::http) approves: bool,
}

impl Caller {
    /// The caller as the principal of an order.
    pub(in crate::http) fn principal(self, guard: &Guard) -> Principal {
        let (bounds, overall) = (guard.limits.bounds.clone(), guard.limits.overall);
        let limits = self.limits.unwrap_or(guard.limits.person);
        // Without sign-in the caller is the operator.
        let own_desktops_only = self.id.is_some() && !guard.foreign_desktops;
        let (approval, fields) = (guard.limits.approval.clone(), guard.limits.fields.clone());
        let Self { name, id, accounts, .. } = self;
        Principal { limits, overall, bounds, approval, fields, own_desktops_only, name, id, accounts }
    }

    /// The caller as one who looks at an order.
    pub(in crate::http) fn viewer(&self) -> Viewer<'_> {
        Viewer { id: self.id.as_deref(), approves: self.approves }
    }

    /// The identifier of a caller who may approve orders of others.
    pub(in crate::http) fn approver(&self) -> Option<&str> {
        self.viewer().approver()
    }
}

/// Now, in seconds since 1970 UTC.
pub(in crate::http) fn now() -> i64 {
    Timestamp::now().as_second()
}

/// The middleware: `GET` and `HEAD` need the right to look, all other methods the right to buy; decisions about orders need
/// the right to approve.
#[derive(Clone, Debug)]
pub(in crate::http) struct Authorize<S> {
    inner: S,
    guard: Arc<Guard>,
}

impl<S> Authorize<S> {
    pub(in crate::http) fn new(inner: S, guard: Arc<Guard>) -> Self {
        Self { inner, guard }
    }
}

impl<S> Service<Request> for Authorize<S>
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>,
{
    type Response = Response;
    type Error = Infallible;
    /// Without a new cookie the inner future is returned as it is, unboxed.
    type Future = Either<S::Future, BoxFuture<'static, Result<Response, Infallible>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let (caller, fresh) = match authenticate(&self.guard, &request) {
            Ok(known) => known,
            Err(failure) => return ready(Ok(failure.into_response())).boxed().right_future(),
        };
        let session = caller.session.as_ref().map(|(session, _)| session.clone()).filter(|_| fresh.is_some());
        request.extensions_mut().insert(caller);
        let answering = self.inner.call(request);
        let Some(cookie) = fresh else { return answering.left_future() };
        let guard = Arc::clone(&self.guard);
        let with_cookie = async move {
            let Ok(mut response) = answering.await;
            // The session may have ended meanwhile, or a new one begun: a late answer must not replace its cookie.
            if !session.is_some_and(|session| guard.is_over(&session)) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            Ok(response)
        };
        with_cookie.boxed().right_future()
    }
}

/// Authenticates and authorizes a request. Returns the caller, and a renewed session cookie if one is due.
fn authenticate(guard: &Guard, request: &Request) -> Result<(Caller, Option<HeaderValue>), Failure> {
    let Some(sign_in) = &guard.sign_in else {
        guard.rate_limits.check(None)?;
        return Ok((Caller::default(), None));
    };
    let now = now();
    let refuse = |code| Failure::from(Problem::new(code, Outcome::NotSent));
    let is_approval = request.uri().path() == APPROVALS;
    let is_of_fields = is_change_of_fields(request.uri().path());
    // An approver need not be a buyer.
    let needed = |approves: bool| {
        let is_for_lookers = is_read(request.method()) || is_approval || (is_of_fields && approves);
        if is_for_lookers { Right::Look } else { Right::Buy }
    };
    match guard.api_token(request.headers(), now) {
        Ok(None) => {}
        Ok(Some(token)) => {
            let caller = of_token(guard, sign_in, &token, needed(token.approves))?;
            return if is_approval && !caller.approves { Err(refuse(Code::NotAllowed)) } else { Ok((caller, None)) };
        }
        Err(UnknownToken) => {
            let problem = Problem::new(Code::SignInRequired, Outcome::NotSent);
            return Err(problem.because("The API token is not known, or has ended.").into());
        }
    }
    let session = guard.session(request.headers(), now).ok_or_else(|| refuse(Code::SignInRequired))?;
    let approves = sign_in.approves(&session.identity);
    if sign_in.right(&session.identity) < needed(approves) || (is_approval && !approves) {
        return Err(refuse(Code::NotAllowed));
    }
    guard.rate_limits.check(Some(&session.identity.subject))?;
    let fresh = if is_unattended(request) { None } else { fresh(guard, &session, now) };
    let caller = Caller {
        name: Some(session.identity.journal_name().into_owned()),
        id: Some(sign_in.person_id(&session.identity)),
        limits: None,
        accounts: sign_in.accounts(&session.identity),
        approves,
        session: Some((session.clone(), session.left(sign_in.lifetimes(), now))),
    };
    Ok((caller, fresh))
}

/// The caller that a program's token stands for.
fn of_token(guard: &Guard, sign_in: &SignIn, token: &ApiToken, needed: Right) -> Result<Caller, Failure> {
    let accounts = sign_in.accounts_of(token.owner_id.as_ref());
    // As for people: without an account a purchase would be for the wrong one.
    let has_account = token.owner_id.is_some() || accounts == Accounts::All;
    if token.right < needed || (needed == Right::Buy && !has_account) {
        return Err(Problem::new(Code::NotAllowed, Outcome::NotSent).into());
    }
    let name = token.journal_name();
    guard.rate_limits.check(Some(&name))?;
    let limits = Some(token.limits(guard.limits.person));
    let approves = token.approves;
    Ok(Caller { id: Some(name.clone()), name: Some(name), limits, accounts, approves, session: None })
}

/// The renewed session cookie, if one is due.
fn fresh(guard: &Guard, session: &Session, now: i64) -> Option<HeaderValue> {
    let sign_in = guard.sign_in.as_ref()?;
    sign_in.cookie(&session.renewed(sign_in.lifetimes(), now)?, now)
}

/// The signed-in person who may still look, and a renewed session cookie if one is due.
pub(in crate::http) fn person(
    guard: &Guard,
    headers: &HeaderMap,
) -> Option<(shared::session::Person, Option<HeaderValue>)> {
    let sign_in = guard.sign_in.as_ref()?;
    let now = now();
    let session = guard.session(headers, now)?;
    let right = sign_in.right(&session.identity);
    let cookie = if headers.contains_key(UNATTENDED) { None } else { fresh(guard, &session, now) };
    let approves = sign_in.approves(&session.identity);
    let person = || shared::session::Person { name: session.identity.name, buys: right == Right::Buy, approves };
    (right >= Right::Look).then(|| (person(), cookie))
}

/// Somebody who may read what the API's reads answer, which is the same for all accounts.
pub(in crate::http) struct Reader {
    /// Whether desktops may be bought as well.
    pub(in crate::http) buys: bool,
}

/// The reader, by the same rules and limits as for the API's reads.
pub(in crate::http) fn reader(guard: &Guard, headers: &HeaderMap) -> Option<Reader> {
    let Some(sign_in) = &guard.sign_in else {
        return guard.rate_limits.check(None).ok().map(|()| Reader { buys: true });
    };
    let session = guard.session(headers, now())?;
    let right = sign_in.right(&session.identity);
    guard.rate_limits.check(Some(&session.identity.subject)).ok()?;
    (right >= Right::Look).then_some(Reader { buys: right == Right::Buy })
}

/// The route of decisions about orders, which need the right to approve.
pub(in crate::http) const APPROVALS: &str = "/api/approvals";

/// Whether it is the route of changes of an order's fields, which approvers may make too.
fn is_change_of_fields(path: &str) -> bool {
    let token = path.strip_prefix("/api/orders/").and_then(|rest| rest.strip_suffix("/fields"));
    token.is_some_and(|token| !token.contains('/'))
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Whether the page makes the request by itself: it waits for changes, or keeps what it shows up to date. Such requests
/// come without a person doing anything, so they do not renew the session. And a late answer must not bring back a
/// session that was ended meanwhile.
fn is_unattended(request: &Request) -> bool {
    const BY_ITSELF: [&str; 4] = ["/api/stock", "/api/prices", "/api/orders/events", "/api/DescribeAvailableResource"];
    let uri = request.uri();
    let counts = uri.path() == APPROVALS && is_read(request.method());
    counts
        || request.headers().contains_key(UNATTENDED)
        || BY_ITSELF.contains(&uri.path())
        || uri.query().is_some_and(|query| query.split('&').any(|pair| pair.starts_with("wait=")))
}
