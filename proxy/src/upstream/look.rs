//! A look at answers as they come, for whoever wants to know how the upstream writes them.

use serde_json::Value;
use shared::{Action, ids::RegionId};

use super::{
    client::Upstream,
    decode::{DecodeError, decode},
    errors::UpstreamError,
};

/// An answer of success.
#[derive(Clone, Debug)]
pub struct Looked<T> {
    /// As it came.
    pub answer: Value,
    /// What it says, if it can be read.
    pub value: Result<T, DecodeError>,
}

impl Upstream {
    /// Calls a read and keeps its answer, whether or not that can be read. Nothing is remembered of it.
    pub async fn look<A: Action>(&self, region: &RegionId, request: &A) -> Result<Looked<A::Response>, UpstreamError> {
        let raw = self.exchange(&self.to_call(region, request), &mut |_| None).await?;
        let answer = raw.json.unwrap_or_default();
        Ok(Looked { value: decode::<A>(&answer), answer })
    }
}
