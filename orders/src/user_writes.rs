//! Writes about users, which have no token: recorded in the journal (outbox), sent once, and reconciled with the
//! directory when it is not known what became of them. The handlers that take them are the proxy's.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use cloud::{Answer, Backoff, CallError, Effect};
use serde_json::Value;
use shared::{
    Action, Code, Outcome,
    actions::{CreateUser, CreatedUser, DescribeActivityDirectoryUsers, ModifiedUser, ModifyUser, UserInfo},
    ids::RegionId,
    parameters::from_object,
};
use tokio::time::sleep;
use tracing::{error, info};

use crate::{
    AcceptError, Accounts, JournalError, Orders, Principal, failpoint,
    journal::{NewUserWrite, UserWrite, UserWriteState, folded},
};

/// A write after which the directory holds a user of a known name and address.
pub trait WritesUser: Action {
    /// That user.
    fn wanted(&self) -> UserInfo;
    /// The answer to a write that turned out to have been carried out.
    fn done(user: UserInfo) -> Self::Response;
    /// The user that an answer names, if it names one.
    fn named(answer: &Self::Response) -> Option<&UserInfo>;
}

impl WritesUser for CreateUser {
    fn wanted(&self) -> UserInfo {
        UserInfo { name: self.user_name.as_str().to_owned(), email: self.email.as_str().to_owned() }
    }
    fn done(user: UserInfo) -> CreatedUser {
        CreatedUser { user_info: Some(user) }
    }
    fn named(answer: &CreatedUser) -> Option<&UserInfo> {
        answer.user_info.as_ref().filter(|user| !user.name.is_empty())
    }
}

impl WritesUser for ModifyUser {
    fn wanted(&self) -> UserInfo {
        UserInfo { name: self.user_name.as_str().to_owned(), email: self.email.as_str().to_owned() }
    }
    fn done(_: UserInfo) -> ModifiedUser {
        ModifiedUser {}
    }
    fn named(_: &ModifiedUser) -> Option<&UserInfo> {
        None
    }
}

/// A write that was not carried out, or of which it is not known.
#[derive(Debug)]
pub enum UserWriteError {
    /// It cannot be noted, or is one too many, so it was not sent.
    NotAccepted(AcceptError),
    /// The user is another account's.
    NoSuchUser,
    /// Another account has a user of this name, or somebody is creating one at this moment, so it was not sent: the upstream
    /// might take it for the same one.
    NameTaken,
    /// The upstream refused it, or its answer is not known.
    Call(CallError),
}

/// A write that a task of this process is at, until this is dropped.
struct ActiveWrite {
    id: String,
    all: Arc<Mutex<HashSet<String>>>,
}

impl Drop for ActiveWrite {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// Whether a name that the directory gives is that of a user, by itself or with its domain: `CORP\name`, `name@corp`.
fn is_called(given: &str, name: &str) -> bool {
    let (given, name) = (folded(given), folded(name));
    given == name || given.rsplit('\\').next() == Some(&name) || given.split('@').next() == Some(&name)
}

/// An answer about another user does not say what became of the requested one, and is not passed on to the page.
fn answered_for_another<A: Action>() -> CallError {
    let note = "the answer is about another user".to_owned();
    CallError::without_answer(A::NAME, A::CLASS, Code::UpstreamUnintelligible, Effect::Unknown, note)
}

/// Between two tries to note an outcome.
const BACKOFF: Backoff = Backoff { first: Duration::from_millis(200), longest: Duration::from_secs(10) };

impl Orders {
    /// Carries out a write about a user.
    pub async fn write_user<A: WritesUser>(
        &self,
        region: &RegionId,
        request: &A,
        principal: &Principal,
    ) -> Result<Answer<A::Response>, UserWriteError> {
        let parameters = match serde_json::to_value(request) {
            Ok(Value::Object(members)) => members,
            _ => serde_json::Map::new(),
        };
        let write =
            NewUserWrite { action: A::NAME, region: region.clone(), request: parameters, principal: principal.clone() };
        if A::NAME == ModifyUser::NAME {
            let own = self.driver.journal().users(&principal.accounts).await;
            let own = own.map_err(|error| UserWriteError::NotAccepted(error.into()))?;
            if own.is_some_and(|own| !own.has(&request.wanted().name)) {
                return Err(UserWriteError::NoSuchUser);
            }
        }
        let id = self.active_write(uuid::Uuid::new_v4().to_string());
        if !self.driver.journal().begin_user_write(&id.id, &write).await.map_err(UserWriteError::NotAccepted)? {
            return Err(UserWriteError::NameTaken);
        }
        failpoint::hit("before-user-write");
        let mut called = self.upstream.call(region, request).await;
        if called.as_ref().is_err_and(CallError::is_mended) {
            called = self.upstream.call(region, request).await;
        }
        let is_other = |user: &UserInfo| !is_called(&user.name, &request.wanted().name);
        if called.as_ref().is_ok_and(|answer| A::named(&answer.value).is_some_and(is_other)) {
            called = Err(answered_for_another::<A>());
        }
        let result = match called {
            Err(error) if error.outcome() == Outcome::Unknown => {
                match self.in_directory(region, &request.wanted()).await {
                    Some(request_id) => Ok(Answer { value: A::done(request.wanted()), request_id }),
                    None => Err(CallError { code: Code::OutcomeUnknown, ..error }),
                }
            }
            result => result,
        };
        failpoint::hit("after-user-write");
        self.note_outcome(&write, id, &result);
        result.map_err(UserWriteError::Call)
    }

    /// Keeps those of the directory's users who are the accounts' own. One whom a write has created whose outcome was not
    /// known is claimed by the address that was asked for, and the write is done then.
    pub async fn retain_own(&self, users: &mut Vec<UserInfo>, accounts: &Accounts) -> Result<bool, JournalError> {
        let Some(own) = self.driver.journal().users(accounts).await? else { return Ok(false) };
        let mut claimed = HashSet::new();
        for write in &own.unknown {
            let Ok(request) = from_object::<CreateUser>(&write.request) else { continue };
            let wanted = request.wanted();
            let is_it = |user: &&UserInfo| folded(&user.name) == folded(&wanted.name) && user.email == wanted.email;
            let Some(user) = users.iter().find(is_it) else { continue };
            if claimed.insert(user.name.clone()) {
                let mark = self.driver.journal().user_mark(&wanted.name);
                info!(target: "audit", action = write.action, user = mark, region = %write.region,
                    "a user whose creation had no answer is in the directory");
            }
            self.driver.journal().end_user_write(&write.id, UserWriteState::Done, None, None).await?;
        }
        users.retain(|user| own.has(&user.name) || claimed.contains(&user.name));
        Ok(true)
    }

    /// Reconciles a write whose sender is gone. It may not have been sent at all, but then the person who asked for it
    /// has heard nothing, and it is not for us to send it now.
    pub(super) async fn reconcile(self, write: UserWrite) {
        let id = self.active_write(write.id.clone());
        let wanted = match write.action.as_str() {
            CreateUser::NAME => from_object::<CreateUser>(&write.request).map(|request| request.wanted()),
            _ => from_object::<ModifyUser>(&write.request).map(|request| request.wanted()),
        };
        let found = match &wanted {
            Ok(wanted) => self.in_directory(&write.region, wanted).await,
            Err(_) => None,
        };
        let (state, code) = match &found {
            Some(_) => (UserWriteState::Done, None),
            None => (UserWriteState::Unknown, Some(Code::OutcomeUnknown)),
        };
        let code_text = code.map(Code::as_str);
        let user = wanted.as_ref().ok().and_then(|wanted| self.driver.journal().user_mark(&wanted.name));
        info!(target: "audit", action = write.action, user, region = %write.region, ?state, code = code_text,
            "a write about a user was cut short and has been reconciled");
        self.write_outcome(&id, state, code, found.flatten()).await;
    }

    /// Notes that a task of this process is at a write.
    fn active_write(&self, id: String) -> ActiveWrite {
        self.user_writes.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone());
        ActiveWrite { id, all: Arc::clone(&self.user_writes) }
    }

    /// Whether the directory has this user, and the `RequestId` of the answer that says so. That it has not says
    /// nothing: the write may be on its way.
    async fn in_directory(&self, region: &RegionId, wanted: &UserInfo) -> Option<Option<String>> {
        // The search is a fuzzy one, so the name is compared here.
        let search = DescribeActivityDirectoryUsers { user_name: Some(wanted.name.clone()) };
        let found = self.upstream.call(region, &search).await.ok()?;
        let is_it = |user: &UserInfo| folded(&user.name) == folded(&wanted.name) && user.email == wanted.email;
        found.value.users.iter().any(is_it).then_some(found.request_id)
    }

    /// Notes and logs what became of a write. The caller need not wait for it.
    fn note_outcome<T>(&self, write: &NewUserWrite, id: ActiveWrite, result: &Result<Answer<T>, CallError>) {
        let (state, code, upstream_request_id) = match result {
            Ok(answer) => (UserWriteState::Done, None, answer.request_id.clone()),
            Err(error) => {
                let unknown = error.outcome() == Outcome::Unknown;
                let state = if unknown { UserWriteState::Unknown } else { UserWriteState::Rejected };
                (state, Some(error.code), error.request_id.clone())
            }
        };
        let code_text = code.map(Code::as_str);
        // A mark in place of the name, which may be an address.
        let user = write.request.get("UserName").and_then(Value::as_str);
        let user = user.and_then(|name| self.driver.journal().user_mark(name));
        info!(target: "audit", by = write.principal.name, action = write.action, user, region = %write.region, ?state,
            code = code_text, upstream_request_id, "a user is written");
        let orders = self.clone();
        self.tasks.spawn(async move { orders.write_outcome(&id, state, code, upstream_request_id).await });
    }

    /// Writes an outcome down, however long the journal takes to be able to.
    async fn write_outcome(
        &self,
        write: &ActiveWrite,
        state: UserWriteState,
        code: Option<Code>,
        upstream_request_id: Option<String>,
    ) {
        for failures in 1.. {
            let end = self.driver.journal().end_user_write(&write.id, state, code, upstream_request_id.as_deref());
            let Err(fault) = end.await else { return };
            error!(%fault, "the outcome of a write about a user cannot be written down; trying again");
            tokio::select! {
                () = self.stopping.cancelled() => return,
                () = sleep(BACKOFF.pause(failures, Some(Duration::from_millis(100)))) => {}
            }
        }
    }
}
