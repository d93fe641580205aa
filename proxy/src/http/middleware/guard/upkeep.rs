//! Upkeep: what the guard learns from time to time, from the provider, the journal and the file of API tokens.

use std::sync::Weak;

use tokio::time::sleep;

use super::Guard;
use crate::signin::{FILE_POLL_INTERVAL, POLL_INTERVAL};

impl Guard {
    /// Fetches the provider's metadata now and from time to time, if sign-in is on, until the guard is gone.
    pub(crate) async fn keep_provider_fresh(guard: Weak<Self>) {
        let mut failures = 0;
        while let Some(guard) = guard.upgrade() {
            let Some(sign_in) = &guard.sign_in else { return };
            let pause = sign_in.refresh_provider(&mut failures).await;
            drop(guard);
            sleep(pause).await;
        }
    }

    /// Reads the file of API tokens again when it changes, until the guard is gone.
    pub(crate) async fn keep_api_tokens(guard: Weak<Self>) {
        while let Some(guard) = guard.upgrade() {
            let Some(tokens) = &guard.api_tokens else { return };
            tokens.reload();
            drop(guard);
            sleep(FILE_POLL_INTERVAL).await;
        }
    }

    /// Learns from the journal which sessions have ended, until the guard is gone.
    pub(crate) async fn keep_ended_sessions(guard: Weak<Self>) {
        let mut is_failing = false;
        while let Some(guard) = guard.upgrade() {
            let Some(ended) = &guard.ended else { return };
            let result = ended.poll().await;
            if let (Err(error), false) = (&result, is_failing) {
                tracing::warn!(%error, "sessions that were ended elsewhere cannot be read");
            }
            is_failing = result.is_err();
            drop(guard);
            sleep(POLL_INTERVAL).await;
        }
    }
}
