//! Outbox of the writes about users, which have no token upstream: recorded before they are sent, and again with their
//! outcome. A write without an outcome is taken over and reconciled, but never sent again.

use std::collections::HashSet;

use serde_json::{Map, Value};
use shared::{Action, Code, actions::CreateUser, ids::RegionId};

use super::{
    AcceptError, Journal, JournalError,
    history::take_numbers,
    limits::{check_user_writes, tell_of_limit},
    millis,
};
use crate::{Accounts, Principal};

/// A write about to be sent.
#[derive(Clone, Debug)]
pub struct NewUserWrite {
    /// `CreateUser` or `ModifyUser`.
    pub action: &'static str,
    /// The region.
    pub region: RegionId,
    /// The action's parameters.
    pub request: Map<String, Value>,
    /// Who asks.
    pub principal: Principal,
}

/// A write that was taken over or has an unknown outcome.
#[derive(Clone, Debug)]
pub struct UserWrite {
    /// Its identifier in the journal.
    pub id: String,
    /// `CreateUser` or `ModifyUser`.
    pub action: String,
    /// The region.
    pub region: RegionId,
    /// The action's parameters.
    pub request: Map<String, Value>,
    /// When it was sent, in milliseconds since 1970 UTC.
    pub created_at: i64,
}

/// The outcome of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserWriteState {
    /// The directory has the user as requested.
    Done,
    /// It was refused, or was never sent.
    Rejected,
    /// Unknown: it may or may not have been carried out.
    Unknown,
}

impl UserWriteState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct UserWriteRow {
    id: String,
    action: String,
    region: String,
    request: String,
    created_at: i64,
}

impl UserWriteRow {
    fn into_write(self) -> Result<UserWrite, JournalError> {
        let corrupt = |what| JournalError::Corrupt { token: self.id.clone(), what };
        Ok(UserWrite {
            region: self.region.parse().map_err(|_| corrupt("region"))?,
            request: serde_json::from_str(&self.request).map_err(|_| corrupt("request"))?,
            action: self.action,
            created_at: self.created_at,
            id: self.id,
        })
    }
}

/// The writes that can be read. One that cannot costs no other.
pub(super) fn legible(rows: Vec<UserWriteRow>) -> Vec<UserWrite> {
    let read = |row: UserWriteRow| {
        row.into_write().map_err(|error| tracing::error!(%error, "a write about a user is passed over")).ok()
    };
    rows.into_iter().filter_map(read).collect()
}

impl Journal {
    /// Records a write that is about to be sent, under this identifier.
    /// Returns whether it is recorded: one user is not created twice at the same time, nor one that another account has.
    pub(crate) async fn begin_user_write(&self, id: &str, write: &NewUserWrite) -> Result<bool, AcceptError> {
        let request = serde_json::to_string(&write.request);
        let request = request.map_err(|error| JournalError::from(sqlx::Error::Encode(error.into())))?;
        let now = self.now();
        let user_name = write.request.get("UserName").and_then(serde_json::Value::as_str).map(str::to_owned);
        let account = match &write.principal.accounts {
            Accounts::One(account) => account.as_ref().map(|id| id.as_str().to_owned()),
            Accounts::All => None,
        };
        let statement = self.database.timed(
            "INSERT INTO user_writes (id, action, region, request, buyer, state, owner, lease_until, created_at, \
             updated_at, buyer_id, account, user_name) \
             VALUES ($1, $2, $3, $4, $5, 'sending', $6, {now} + $7, $8, $8, $9, $10, $11)",
        );
        let mut transaction = self.database.begin().await?;
        // Locks the row that hands out numbers, so that writes at the same time are counted one after the other.
        take_numbers(&mut transaction, 0).await?;
        if let (CreateUser::NAME, Some(name)) = (write.action, &user_name)
            && Self::is_taken(&mut transaction, name, &write.principal.accounts).await?
        {
            return Ok(false);
        }
        if let Err(refused) = check_user_writes(&mut transaction, &write.principal, now).await {
            tell_of_limit(&mut transaction, &refused, &write.principal, now).await?;
            transaction.commit().await.map_err(JournalError::from)?;
            return Err(refused);
        }
        sqlx::query(statement)
            .bind(id)
            .bind(write.action)
            .bind(write.region.as_str())
            .bind(request)
            .bind(write.principal.name.clone())
            .bind(&*self.owner)
            .bind(millis(self.lease))
            .bind(now)
            .bind(write.principal.id.clone())
            .bind(account)
            .bind(user_name)
            .execute(&mut *transaction)
            .await
            .map_err(JournalError::from)?;
        transaction.commit().await.map_err(JournalError::from)?;
        Ok(true)
    }

    /// Records the outcome of a write. One that is known is recorded whoever has taken the write over; one that is not
    /// known only by its owner.
    pub(crate) async fn end_user_write(
        &self,
        id: &str,
        state: UserWriteState,
        code: Option<Code>,
        upstream_request_id: Option<&str>,
    ) -> Result<(), JournalError> {
        let mut transaction = self.database.begin().await?;
        sqlx::query(
            "UPDATE user_writes SET state = $1, code = $2, upstream_request_id = COALESCE($3, upstream_request_id), \
             updated_at = $4 WHERE id = $5 AND ($7 <> 'unknown' OR (owner = $6 AND state = 'sending'))",
        )
        .bind(state.as_str())
        .bind(code.map(|code| code.as_str().to_owned()))
        .bind(upstream_request_id.map(str::to_owned))
        .bind(self.now())
        .bind(id)
        .bind(&*self.owner)
        .bind(state.as_str())
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }

    /// Takes over writes without an outcome whose lease has expired.
    pub(crate) async fn take_over_user_writes(&self, limit: u32) -> Result<Vec<UserWrite>, JournalError> {
        let any = "SELECT 1 FROM user_writes WHERE state = 'sending' AND lease_until < {now} LIMIT 1";
        if sqlx::query(self.database.timed(any)).fetch_optional(self.pool()).await?.is_none() {
            return Ok(Vec::new());
        }
        let statement = self.database.timed(
            "UPDATE user_writes SET owner = $1, lease_until = {now} + $2 WHERE state = 'sending' \
             AND lease_until < {now} AND id IN (SELECT id FROM user_writes WHERE state = 'sending' \
             AND lease_until < {now} ORDER BY created_at LIMIT $3) RETURNING id, action, region, request, created_at",
        );
        let mut transaction = self.database.begin().await?;
        let rows: Vec<UserWriteRow> = sqlx::query_as(statement)
            .bind(&*self.owner)
            .bind(millis(self.lease))
            .bind(i64::from(limit))
            .fetch_all(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(legible(rows))
    }

    /// Renews this proxy's leases on writes, and returns those of them that are not among `active`.
    pub(crate) async fn renew_user_writes(&self, active: &HashSet<String>) -> Result<Vec<UserWrite>, JournalError> {
        let statement = self.database.timed(
            "UPDATE user_writes SET lease_until = {now} + $1 WHERE owner = $2 AND state = 'sending' \
             RETURNING id, action, region, request, created_at",
        );
        let mut transaction = self.database.begin().await?;
        let rows: Vec<UserWriteRow> =
            sqlx::query_as(statement).bind(millis(self.lease)).bind(&*self.owner).fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(legible(rows.into_iter().filter(|row| !active.contains(&row.id)).collect()))
    }

    /// The writes with an unknown outcome, newest first.
    pub async fn unknown_user_writes(&self, limit: u32) -> Result<Vec<UserWrite>, JournalError> {
        let rows: Vec<UserWriteRow> = sqlx::query_as(
            "SELECT id, action, region, request, created_at FROM user_writes WHERE state = 'unknown' \
             ORDER BY created_at DESC LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(self.pool())
        .await?;
        Ok(legible(rows))
    }
}
