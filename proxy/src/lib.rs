//! The server `deskbuy`: HTTP, sign-in, settings and commands. Serves the page and its API, and calls the crates that do
//! the work: `cloud` signs and sends, `orders` keeps and carries out. The binary does nothing but call this one.

pub mod about;
mod admin;
pub mod check;
#[cfg(feature = "demo")]
pub mod demo;
pub mod health;
mod http;
pub mod logging;
pub mod metrics;
pub mod notifications;
pub mod operator;
pub mod operator_file;
pub mod order_fields;
pub mod prices;
pub mod probe;
pub mod server;
pub mod settings;
pub mod signin;

pub use http::GuardSettings;
