//! The CloudDesktop and VPC upstream in memory, for the demo, the tests and the benchmarks: it checks signatures as
//! the real gateway does, keeps users, stock and desktops, and fails on request.
//!
//! It follows [`shared`] for what an action takes and answers, and nothing else of this project: signing here and
//! signing in the proxy are two pieces of code, so that a mistake in one shows against the other. How faults are asked
//! for is told by [`Scenario`], how answers are nested by [`Shape`].

mod admission;
mod answer;
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
mod seed;
mod shape;
mod signature;
mod simulator;
mod state;
mod world;

pub use config::{Config, Shape, UnknownShape};
pub use scenario::{Kind, Scenario, UnknownScenario};
pub use simulator::Simulator;
pub use state::{Desktop, Renewal, State, Token, User};
