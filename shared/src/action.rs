//! The trait of an action of the OpenAPI. The actions themselves are in [`crate::actions`], one per file.

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};

/// The upstream product that an action belongs to; it decides endpoint and `Version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Product {
    /// Cloud desktops, version 2017-03-01.
    CloudDesktop,
    /// Virtual private clouds, version 2016-04-28: zones and vSwitches.
    Vpc,
}

/// The class of an action, which decides how a call may be retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Changes nothing: may be retried, cached and coalesced.
    Read,
    /// Changes something and carries a `ClientToken`: may be retried with the same token only.
    WriteWithToken,
    /// Changes something and has no token: never retried once it was sent.
    WriteOnce,
}

/// An action: a request type that knows its name, its product, its class and its answer.
///
/// The request serialises to flat members with the names that go on the wire; its `Deserialize` refuses unknown
/// members, so the fields of the struct are the closed list of parameters. `RegionId` is not among them: it goes
/// with every call (see [`crate::parameters`]).
pub trait Action: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// The name on the wire.
    const NAME: &'static str;
    /// The product that answers it.
    const PRODUCT: Product;
    /// The class, which decides how it may be retried.
    const CLASS: Class;
    /// Whether the answer differs from region to region, so that a caller must name one.
    const REGIONAL: bool = true;
    /// Of a read: how long a cached answer is fresh. Zero: not cached.
    const FRESH: Duration = Duration::ZERO;
    /// Of a read: how long after that a stale answer may be served while it is revalidated. Zero: not at all.
    const STALE: Duration = Duration::ZERO;
    /// Of a write: the reads, by name, whose cached answers it invalidates.
    const CHANGES: &'static [&'static str] = &[];
    /// The answer, without its `RequestId`, under the names of the document.
    type Response: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;
}
