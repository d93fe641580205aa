//! The simulator's data: users, vSwitches, desktops, tokens. Constant data (regions, types, images) is in tables beside
//! it; rules and answers are in [`crate::handlers`].

mod desktops;
pub(crate) mod images;
mod network;
pub(crate) mod regions;
pub(crate) mod types;
mod users;

use std::{collections::BTreeMap, sync::Arc};

pub(crate) use desktops::{Desktops, NewDesktop, TokenLookup};
pub(crate) use images::Images;
pub(crate) use network::{Network, VSwitch};
pub(crate) use users::{Users, WriteUser};

use crate::{Config, State};

/// The mutable data, and the images, whose number is configurable.
pub(crate) struct World {
    pub(crate) users: Users,
    pub(crate) network: Network,
    pub(crate) desktops: Desktops,
    pub(crate) images: Arc<Images>,
    /// Received calls by action.
    pub(crate) calls: BTreeMap<&'static str, u64>,
}

impl World {
    /// The initial data.
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            users: Users::new(config.users, config.seed),
            network: Network::new(),
            desktops: Desktops::new(config.seed),
            images: Arc::new(Images::new(config.images, config.seed)),
            calls: BTreeMap::new(),
        }
    }

    /// Counts a received call. Returns its number among the calls of its action, from 1.
    pub(crate) fn count(&mut self, action: &'static str) -> u64 {
        let calls = self.calls.entry(action).or_default();
        *calls += 1;
        *calls
    }

    /// A snapshot of what has happened so far.
    pub(crate) fn state(&self) -> State {
        State {
            desktops: self.desktops.all().to_vec(),
            users: self.users.all().len(),
            users_created: self.users.created().to_vec(),
            users_modified: self.users.modified().to_vec(),
            calls: self.calls.iter().map(|(action, calls)| ((*action).to_owned(), *calls)).collect(),
            tokens: self.desktops.tokens(),
            scenarios: Vec::new(),
        }
    }
}
