//! The access key that calls are signed with. Where it comes from is in [`crate::credentials`].

use crate::secret::Secret;

/// An access key, with a security token where it is a temporary one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// `AccessKeyId`. Not a secret by itself, but of no use in a log either.
    pub access_key_id: Secret,
    /// The key that signs.
    pub access_key_secret: Secret,
    /// `SecurityToken`, which goes with temporary keys.
    pub security_token: Option<Secret>,
}
