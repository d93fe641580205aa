//! Discovery: the provider's metadata and keys. They are fetched in the background, so that a sign-in waits for them
//! only until the first success. Only the members that are used are read.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use cloud::{Joined, SingleFlight};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout};
use url::Url;

use super::{
    provider_client::{ProviderClient, REQUEST_DEADLINE, members},
    provider_error::ProviderError,
    token::{Key, shown},
};
use crate::settings::addresses::is_private;

/// The provider's metadata.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    pub(super) authorization: Url,
    pub(super) token: Url,
    pub(super) userinfo: Option<Url>,
    /// Where a sign-out at the provider begins, if it offers one.
    pub(super) end_session: Option<Url>,
    /// Whether the client's secret goes into the body, and not into a header.
    pub(super) secret_in_body: bool,
    pub(super) keys: Vec<Key>,
}

/// The cached metadata. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Discovery {
    issuer: String,
    /// Where the metadata are.
    address: Url,
    client: ProviderClient,
    cache: Arc<Mutex<Cache>>,
    fetches: SingleFlight<(), Result<Arc<Metadata>, ProviderError>>,
}

#[derive(Debug, Default)]
struct Cache {
    metadata: Option<Arc<Metadata>>,
    /// The last failure, while nothing was fetched since.
    failure: Option<(ProviderError, Instant)>,
    /// When the keys were last fetched early, because of an unknown key.
    early_refresh: Option<Instant>,
}

/// The time between two fetches in the background.
pub(super) const REFRESH_INTERVAL: Duration = Duration::from_hours(1);
/// How long a failure is the answer to further sign-ins, so that they do not wait one after the other.
const FAILURE_LIFETIME: Duration = Duration::from_secs(2);
/// The shortest time between two early refreshes. Bounds the load on the provider when tokens name made-up keys.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_secs(30);

impl Cache {
    /// Whether an early refresh may be made now. If so, it counts as made, whatever its result.
    fn claim_refresh(&mut self, now: Instant) -> bool {
        let is_due = self.early_refresh.is_none_or(|last| now.duration_since(last) >= MIN_REFRESH_INTERVAL);
        if is_due {
            self.early_refresh = Some(now);
        }
        is_due
    }
}

impl Discovery {
    /// Discovery of this issuer. The address is derived from it (OpenID Connect Discovery, section 4), unless it is
    /// given.
    pub(super) fn new(issuer: String, address: Option<Url>, client: ProviderClient) -> Result<Self, url::ParseError> {
        let address = match address {
            Some(address) => address,
            None => Url::parse(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))?,
        };
        Ok(Self { issuer, address, client, cache: Arc::default(), fetches: SingleFlight::default() })
    }

    /// The metadata: cached, or fetched. A failure is shared by all who wait, and by those who come shortly after.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, ProviderError> {
        {
            let cache = self.cache();
            if let Some(metadata) = &cache.metadata {
                return Ok(Arc::clone(metadata));
            }
            if let Some((failure, since)) = &cache.failure
                && since.elapsed() < FAILURE_LIFETIME
            {
                return Err(failure.clone());
            }
        }
        fetched(self.fetch()).await
    }

    /// Fetches the metadata anew. A failure leaves the cached ones in use.
    pub(super) async fn refresh(&self) -> Result<(), ProviderError> {
        fetched(self.fetch()).await.map(drop)
    }

    /// Lets the next early refresh be made at once, since the last one brought the key that was looked for: a provider may rotate
    /// its keys again.
    pub(super) fn early_refresh_helped(&self) {
        self.cache().early_refresh = None;
    }

    /// Newer metadata than `old`, if they are cached already or an early refresh may be made. Otherwise `old`.
    pub(super) async fn refreshed(&self, old: Arc<Metadata>) -> Result<Arc<Metadata>, ProviderError> {
        let may_refresh = {
            let mut cache = self.cache();
            match &cache.metadata {
                Some(metadata) if !Arc::ptr_eq(metadata, &old) => return Ok(Arc::clone(metadata)),
                _ => cache.claim_refresh(Instant::now()),
            }
        };
        match self.fetches.join_existing(&()) {
            Some(joined) => fetched(joined).await,
            None if may_refresh => fetched(self.fetch()).await,
            None => Ok(old),
        }
    }

    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches the metadata and the keys, single-flight, and caches them or the failure.
    fn fetch(&self) -> Joined<Result<Arc<Metadata>, ProviderError>> {
        self.fetches.join((), || {
            let discovery = self.clone();
            async move {
                let found = match timeout(REQUEST_DEADLINE, discovery.discover()).await {
                    Ok(found) => found.map(Arc::new),
                    Err(_) => Err(unavailable(format!(
                        "no answer from {} within {} s",
                        discovery.address.host_str().unwrap_or_default(),
                        REQUEST_DEADLINE.as_secs()
                    ))),
                };
                let mut cache = discovery.cache();
                match &found {
                    Ok(metadata) => {
                        cache.metadata = Some(Arc::clone(metadata));
                        cache.failure = None;
                    }
                    Err(failure) => cache.failure = Some((failure.clone(), Instant::now())),
                }
                drop(cache);
                found
            }
        })
    }

    async fn discover(&self) -> Result<Metadata, ProviderError> {
        let document = self.document(&self.address, "discovery document").await?;
        let text = |name: &str| document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let found = text("issuer").unwrap_or_default();
        if found != self.issuer {
            let (found, ours) = (shown(found), &self.issuer);
            return Err(unavailable(format!("its discovery document is of the issuer {found:?}, and not of {ours:?}")));
        }
        // Secrets, codes and keys go over TLS only, but for loopback.
        let optional = |name: &str| text(name).and_then(|text| text.parse().ok()).filter(is_private);
        let required = |name: &'static str| {
            optional(name).ok_or_else(|| unavailable(format!("its discovery document has no usable {name}")))
        };
        let keys = self.document(&required("jwks_uri")?, "key set").await?;
        // A provider that signs with the client's secret may have none.
        let keys = keys.get("keys").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let methods = document.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
        let takes = |method: &str| methods.is_some_and(|methods| methods.iter().any(|item| item == method));
        Ok(Metadata {
            authorization: required("authorization_endpoint")?,
            token: required("token_endpoint")?,
            userinfo: optional("userinfo_endpoint"),
            end_session: optional("end_session_endpoint"),
            secret_in_body: !takes("client_secret_basic") && takes("client_secret_post"),
            keys: keys.iter().filter_map(Key::of).collect(),
        })
    }

    async fn document(&self, address: &Url, what: &str) -> Result<Map<String, Value>, ProviderError> {
        let answer = self.client.get(address, None).await.map_err(unavailable)?;
        if !answer.status().is_success() {
            return Err(unavailable(format!("its {what} is answered with {}", answer.status().as_u16())));
        }
        members(&answer).ok_or_else(|| unavailable(format!("its {what} is not a JSON object")))
    }
}

async fn fetched(joined: Joined<Result<Arc<Metadata>, ProviderError>>) -> Result<Arc<Metadata>, ProviderError> {
    joined.result().await.map_err(unavailable)?
}

fn unavailable(error: impl std::fmt::Display) -> ProviderError {
    ProviderError::Unavailable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn early_refreshes_are_bounded() {
        let (mut cache, start) = (Cache::default(), Instant::now());
        let mut check = |seconds: u64, expect: bool| {
            assert_eq!(cache.claim_refresh(start + Duration::from_secs(seconds)), expect, "after {seconds} s");
        };
        check(0, true);
        check(1, false);
        check(29, false);
        // A refused refresh does not restart the interval.
        check(30, true);
        check(31, false);
        check(90, true);
    }
}
