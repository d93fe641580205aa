//! What the page, the proxy and the simulator have in common: the actions of the OpenAPI, the values they take, the
//! rules of the purchase form, stock, prices, buy links, orders and errors.
//!
//! Pure on purpose: nothing here does IO, reads a clock or knows a browser. How the upstream spells and nests its
//! answers in practice is not here either; the proxy's decoder knows that.

pub mod action;
pub mod actions;
pub mod document;
pub mod form;
pub mod ids;
pub mod language;
pub mod link;
pub mod order;
pub mod parameters;
pub mod prices;
pub mod problem;
pub mod reads;
pub mod session;
pub mod snippet;
pub mod stock;
pub mod user;
pub mod values;

pub use action::{Action, Class, Product};
pub use problem::{Code, Outcome, Problem};
