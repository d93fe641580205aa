//! The vocabulary that the page, the proxy and the simulator share: actions of the OpenAPI, their values, rules of the
//! purchase form, orders, stock, prices, links and errors.
//!
//! Pure: nothing here does IO, reads a clock or knows a browser. How the upstream spells and nests its answers in
//! practice is in the decoder of the crate `cloud`.

pub mod action;
pub mod actions;
pub mod calendar;
mod code;
pub mod csv;
pub mod document;
pub mod form;
pub mod ids;
pub mod json;
pub mod language;
pub mod limits;
pub mod link;
#[cfg(feature = "schema")]
pub mod openapi;
pub mod order;
pub mod parameters;
pub mod prices;
pub mod problem;
pub mod quantity;
pub mod reads;
#[cfg(feature = "schema")]
mod schema;
pub mod session;
pub mod snippet;
pub mod stock;
pub mod typed;
pub mod user;
pub mod user_list;
pub mod values;

pub use action::{Action, Class, Product};
pub use code::Code;
pub use problem::{Outcome, Problem};
