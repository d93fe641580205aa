//! The proxy over real sockets, against the simulator that checks every signature. One binary, so that it is linked
//! once.

mod accounts;
mod attempts;
mod batches;
mod binary;
mod credentials;
mod databases;
mod desktops;
mod drain;
mod environment;
mod events;
mod faults;
mod guard;
mod input;
mod journal;
mod lists;
mod log;
mod metrics;
mod middleware_order;
mod operator;
mod orders;
mod page;
#[path = "../support/postgres.rs"]
mod postgres;
mod prices;
mod probe;
mod process;
mod reads;
mod remembered;
mod secrets;
mod signin;
mod site;
mod slow;
mod stock;
mod trouble;
mod users;
