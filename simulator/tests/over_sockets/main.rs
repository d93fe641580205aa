//! The simulator over real sockets, called by a small client of the tests' own.

mod catalogue;
mod control;
mod gateway;
mod purchase;
mod scenarios;
mod support;
