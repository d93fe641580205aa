//! The CloudDesktop and VPC upstream in memory, for the demo, the tests and the benchmarks. It checks signatures as the
//! real gateway does, keeps users, stock and desktops, and fails on request.
//!
//! It shares only [`shared`] with the rest of the project, which declares the actions' parameters and answers. Signing
//! is implemented a second time on purpose, so that a bug in one implementation shows against the other. [`Scenario`]
//! lists the faults, [`Shape`] the nesting of answers.

mod admission;
mod answer;
mod call;
mod clock;
mod config;
mod control;
mod error;
mod gateway;
mod handlers;
mod nonces;
mod parameters;
mod scenario;
mod script;
mod scripted;
mod seed;
mod shape;
mod signature;
mod simulator;
mod state;
mod strange;
mod world;

pub use config::{Config, Shape, UnknownShape};
pub use scenario::{Kind, Scenario, UnknownScenario};
pub use scripted::ScriptedAnswer;
pub use simulator::Simulator;
pub use state::{Desktop, Renewal, State, Token, User};
pub use strange::Told;
