//! The proxy over real sockets, against the simulator that checks every signature. One binary, so that it is linked
//! once.

mod faults;
mod input;
mod orders;
mod page;
mod process;
mod reads;
mod secrets;
mod site;
mod users;
