//! The API: a file for each group of routes, and what their requests share ([`body`], [`filter`], [`query`]).

pub(super) mod approvals;
mod body;
mod columns;
pub(super) mod events;
pub(super) mod export;
mod filter;
#[cfg(test)]
mod fuzz_targets;
pub(super) mod limits;
pub(super) mod openapi;
pub(super) mod order_fields;
pub(super) mod orders;
pub(super) mod prices;
pub(super) mod query;
pub(super) mod reads;
pub(super) mod running_exports;
pub(super) mod stock;
pub(super) mod summary;
pub(super) mod users;
