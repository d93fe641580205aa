//! Client of the cloud: credentials, signature, endpoints, retries and rate limits, decoding, and cached reads.
//!
//! Everything that is particular to the cloud's wire is in this crate and nowhere else, and there is only one decoder.
//! What a call is for, and whether an order may be sent again, is decided in the crate `orders`. The crate reports what
//! happens through [`Observer`] and `tracing`; it knows no server and no settings but its own.

mod access_key;
mod address_rule;
mod answer;
mod authorities;
mod backoff;
mod client;
mod connect;
mod credentials;
mod decode;
mod endpoint;
mod errors;
mod http_client;
mod inspect;
mod json;
mod limits;
mod network_proxy;
mod observer;
mod rate_limiter;
mod reads;
mod response_cache;
mod retry_budget;
mod secret;
mod signer;
mod single_flight;
mod stock_table;
mod stream;
mod transport;
mod tunnel;

#[cfg(test)]
mod fuzz_targets;
#[cfg(test)]
mod tests;

pub use access_key::AccessKey;
pub use address_rule::AddressRule;
pub use answer::retry_after;
pub use authorities::Authorities;
pub use backoff::Backoff;
pub use client::{Answer, Client, ClientSettings};
pub use credentials::{CredentialEndpoints, CredentialsError, CredentialsSource};
pub use decode::{DecodeError, Identifiers};
pub use endpoint::{Endpoints, Template, TemplateError};
pub use errors::{CallError, Effect};
pub use http_client::{HttpClient, RequestError, StartError};
pub use inspect::Inspected;
pub use limits::ConcurrencyLimit;
pub use network_proxy::NetworkProxyError;
pub use observer::{Observer, ReadSource};
pub use reads::{Freshness, Read};
pub use response_cache::CachedAnswer;
pub use secret::Secret;
pub use signer::Method;
pub use single_flight::{CutShort, Joined, SingleFlight};
pub use stock_table::{StockSettings, StockTables};
