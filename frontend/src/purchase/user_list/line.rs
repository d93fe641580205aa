//! A row of a list of users on the page: what it means by the directory, and what became of its write.

use leptos::prelude::*;
use shared::{
    Code,
    actions::UserInfo,
    user_list::{ListedUser, Standing},
};

/// What became of the write of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing was written.
    None,
    /// It is being written.
    Writing,
    /// The user was created.
    Created,
    /// The user was given an address.
    EmailAdded,
    /// The write was refused.
    Refused(Code),
    /// It was sent without an answer, and the directory does not have it.
    Unknown,
}

/// A row of the list.
#[derive(Clone)]
pub struct Line {
    /// As it was given.
    pub listed: ListedUser,
    /// What it means by the directory.
    pub standing: Standing,
    /// What became of its write.
    pub mark: ArcRwSignal<Mark>,
}

impl Line {
    /// Whether its write is still to come.
    pub fn is_to_write(&self) -> bool {
        self.standing.is_written() && matches!(self.mark.get(), Mark::None | Mark::Writing | Mark::Refused(_))
    }

    /// The user, if the directory has it, with an address.
    pub fn user(&self) -> Option<&UserInfo> {
        let is_there = matches!(self.standing, Standing::InDirectory(_))
            || matches!(self.mark.get(), Mark::Created | Mark::EmailAdded);
        self.standing.user().filter(|_| is_there)
    }
}

/// How many rows of each kind there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All rows.
    pub rows: usize,
    /// Users in the directory, with an address.
    pub there: usize,
    /// Writes to come.
    pub to_write: usize,
    /// Writes of which it is not known what became of them.
    pub unknown: usize,
    /// Users in the directory with another address than the list's, which nobody has confirmed.
    pub other_email: usize,
}
