//! What every request passes on its way to a handler. The order, which is the security model, stands in [`super::router`].

pub(super) mod access_log;
pub(super) mod authorize;
pub(super) mod compress;
pub(super) mod guard;
pub(super) mod rate_limits;
