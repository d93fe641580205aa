//! What an action of the OpenAPI is. The actions themselves live in [`crate::actions`], a file each.

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

/// What an action does to the world, and so how a call of it may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Changes nothing: may be repeated freely, cached and coalesced.
    Read,
    /// Changes something and carries a `ClientToken`: may be repeated with the same token and no other.
    WriteWithToken,
    /// Changes something and has no token: once it was sent it is never repeated blindly.
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
    /// Read or write, and how it may be repeated.
    const CLASS: Class;
    /// Whether the answer differs from region to region, so that a caller must name one.
    const REGIONAL: bool = true;
    /// Of a read: how long an answer is as good as a new one. Zero: it is asked for each time.
    const FRESH: Duration = Duration::ZERO;
    /// Of a read: how long after that the old answer will still do while a new one is on its way. Zero: not at all.
    const STALE: Duration = Duration::ZERO;
    /// Of a write: the reads, by name, whose answers it changes.
    const CHANGES: &'static [&'static str] = &[];
    /// The answer, without its `RequestId`, under the names of the document.
    type Response: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;
}
