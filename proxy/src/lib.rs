//! Deskbuy's signing proxy: serves the page, holds the credentials, signs every call and keeps every order. The
//! binary `deskbuy` does nothing but call it.
//!
//! Arrows point one way: `http` → `orders` and `stock` → `upstream`. Only `upstream` knows the cloud's wire, only `http` knows
//! ours, and only `orders::journal` knows the database.

mod admin;
#[cfg(feature = "demo")]
pub mod demo;
mod failpoint;
#[cfg(test)]
mod fuzz;
mod http;
pub mod logging;
pub mod metrics;
pub mod operator;
pub mod orders;
mod outbound;
pub mod prices;
pub mod probe;
pub mod secret;
pub mod server;
pub mod settings;
pub mod signin;
pub mod stock;
pub mod upstream;
mod workers;
