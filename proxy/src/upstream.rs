//! The way to the cloud: signing, sending, reading and judging answers. Everything that is particular to its wire is
//! in here and nowhere else. What a call is for, and whether a write may be sent again, is not decided here.

mod answer;
mod backoff;
mod client;
mod credentials;
mod decode;
mod endpoint;
mod errors;
mod signer;

pub use backoff::Backoff;
pub use client::{Answer, StartError, Upstream, Wire};
pub use credentials::{Credentials, CredentialsSource};
pub use endpoint::{Endpoints, Template, TemplateError};
pub use errors::{Effect, UpstreamError};
pub use signer::Method;
