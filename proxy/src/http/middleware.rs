//! The middleware around the handlers. Its order, which is the security model, is in [`super::router`].

pub(super) mod access_log;
pub(super) mod authorize;
pub(super) mod body_memory;
pub(crate) mod client_address;
pub(super) mod compress;
pub(super) mod guard;
pub(super) mod person_limits;
pub(super) mod rate_limits;
