//! A look at answers as they come, for whoever wants to know how the upstream writes them.

use serde_json::Value;
use shared::{Action, ids::RegionId};

use super::{
    answer::OpenAnswer,
    client::{Client, not_read},
    decode::{DecodeError, decode, list_path},
    errors::CallError,
    json::Json,
};

/// An answer of success.
#[derive(Clone, Debug)]
pub struct Inspected<T> {
    /// As it came.
    pub answer: Value,
    /// What it says, if it can be read.
    pub value: Result<T, DecodeError>,
    /// Names of members on the way to its list; empty where the answer is the list, or has none. A name may be a value
    /// in a name's place.
    pub list_path: Vec<String>,
}

impl Client {
    /// Calls a read and keeps its answer, whether or not that can be read. Nothing is remembered of it.
    pub async fn inspect<A: Action>(
        &self,
        region: &RegionId,
        request: &A,
    ) -> Result<Inspected<A::Response>, CallError> {
        let mut looked = None;
        let mut look = |answer: &OpenAnswer<'_>| {
            let json = answer.json.as_ref().unwrap_or(&Json::Null);
            // Read once more, since this is kept.
            let kept = serde_json::from_slice(&answer.raw.body).unwrap_or_default();
            looked = Some(Inspected { value: decode::<A>(json), list_path: list_path::<A>(json), answer: kept });
            None
        };
        self.exchange(&self.to_call(region, request), &mut look).await?;
        looked.ok_or_else(not_read::<A>)
    }
}
