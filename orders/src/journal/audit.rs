//! The key by which audit lines identify a user without naming one: in the journal, so that it is the same on all proxies and
//! after a restart.

use ring::hmac;

use super::{Journal, JournalError, database::Database};

/// Characters of a mark: 64 bits, too many for two users of a directory to share one.
const LENGTH: usize = 16;

/// The key of this journal, made the first time.
pub(super) async fn key(database: &Database) -> Result<hmac::Key, JournalError> {
    let select = "SELECT key FROM audit_key WHERE one = 1";
    let known: Option<(String,)> = sqlx::query_as(select).fetch_optional(database.pool()).await?;
    let text = if let Some((text,)) = known {
        text
    } else {
        let fresh = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        let mut transaction = database.begin().await?;
        // Another proxy may start at the same time.
        let insert = "INSERT INTO audit_key (one, key) VALUES (1, $1) ON CONFLICT (one) DO NOTHING";
        sqlx::query(insert).bind(fresh).execute(&mut *transaction).await?;
        let (text,): (String,) = sqlx::query_as(select).fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        text
    };
    Ok(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes()))
}

impl Journal {
    /// The mark of a user in audit lines: the same for the same name, and of no use without the key.
    pub(crate) fn user_mark(&self, name: &str) -> Option<String> {
        use std::fmt::Write;
        let tag = hmac::sign(self.audit_key.as_ref()?, name.as_bytes());
        let mut mark = String::with_capacity(LENGTH);
        for byte in tag.as_ref().iter().take(LENGTH / 2) {
            let _ = write!(mark, "{byte:02x}");
        }
        Some(mark)
    }
}
