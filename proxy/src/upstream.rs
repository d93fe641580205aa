//! The way to the cloud: signing, sending, reading and judging answers. Everything that is particular to its wire is
//! in here and nowhere else. What a call is for, and whether a write may be sent again, is not decided here.

mod answer;
mod backoff;
mod client;
mod connect;
mod credentials;
mod decode;
mod endpoint;
mod errors;
mod events;
mod json;
mod lane;
mod look;
mod memory;
mod pace;
mod quota;
mod reads;
mod signer;
mod transport;

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;

pub use backoff::Backoff;
pub use client::{Answer, Upstream, Wire};
pub use credentials::{Credentials, CredentialsError, CredentialsSource, Stations};
pub use endpoint::{Endpoints, Template, TemplateError};
pub use errors::{Effect, UpstreamError};
pub use lane::Crowding;
pub use look::Looked;
pub use memory::Kept;
pub use reads::{Freshness, Read};
pub use signer::Method;
pub use transport::StartError;
