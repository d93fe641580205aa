//! Tests of the simulator over real sockets, with a small client of their own.

mod catalogue;
mod control;
mod gateway;
mod purchase;
mod scenarios;
mod support;
