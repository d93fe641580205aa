//! The directory of users, shared by all regions.

use std::collections::HashMap;

use crate::{seed, state::User};

/// The result of a change of the directory.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum WriteUser {
    /// It is done.
    Done,
    /// A user with this name exists already.
    Exists,
    /// No user has this name.
    Missing,
}

/// The users in order of creation, and what calls have changed.
pub(crate) struct Users {
    all: Vec<User>,
    by_name: HashMap<String, usize>,
    created: Vec<User>,
    modified: Vec<User>,
}

/// The built-in users. Those without an e-mail address need one before they can get a desktop.
const BASE: &[(&str, &str)] = &[
    ("zhang.san", "zhang.san@example.com"),
    ("li.si", "li.si@example.com"),
    ("wang.wu", ""),
    ("张伟", "zhang.wei@example.com"),
    ("王芳", "wang.fang@example.com"),
    ("李娜", ""),
    ("欧阳修文", "ouyang@example.com"),
    ("alice", "alice@example.com"),
    ("bob", "bob+desktop@example.com"),
    ("carol", ""),
    ("Dave O'Neil", "dave.oneil@example.com"),
    ("赵 六*~", "zhao.liu@例子.com"),
    ("intern-summer-2018-07", "intern@example.com"),
    ("admin", "admin@example.com"),
];

const FAMILY: &[&str] = &["zhang", "wang", "li", "zhao", "chen", "liu", "yang", "huang", "zhou", "wu", "sun", "ma"];
const GIVEN: &[&str] = &["wei", "fang", "na", "min", "jing", "lei", "jun", "yan", "tao", "ming", "chao", "ping"];

impl Users {
    /// The built-in users, and generated ones up to `number`.
    pub(crate) fn new(number: usize, seed: u64) -> Self {
        let mut all: Vec<_> =
            BASE.iter().map(|&(name, email)| User { name: name.to_owned(), email: email.to_owned() }).collect();
        let mut rng = seed::rng(seed, "users", 0);
        for number in all.len()..number {
            let pick = |list: &[&'static str], index: usize| list[index % list.len()];
            let family = pick(FAMILY, rng.usize(..FAMILY.len()));
            let given = pick(GIVEN, rng.usize(..GIVEN.len()));
            // The longest name with its number has 15 characters, and all names differ.
            let name = format!("{given}.{family}{number}");
            let email = if rng.u8(..10) == 0 { String::new() } else { format!("{name}@example.com") };
            all.push(User { name, email });
        }
        let by_name = (0..).zip(&all).map(|(index, user)| (user.name.to_lowercase(), index)).collect();
        Self { all, by_name, created: Vec::new(), modified: Vec::new() }
    }

    /// All users.
    pub(crate) fn all(&self) -> &[User] {
        &self.all
    }

    /// Users that calls have created.
    pub(crate) fn created(&self) -> &[User] {
        &self.created
    }

    /// Users whose e-mail address calls have set.
    pub(crate) fn modified(&self) -> &[User] {
        &self.modified
    }

    /// The user of this name, in any case.
    pub(crate) fn find(&self, name: &str) -> Option<&User> {
        self.by_name.get(&name.to_lowercase()).map(|index| &self.all[*index])
    }

    /// Adds a user.
    pub(crate) fn create(&mut self, name: &str, email: &str) -> WriteUser {
        if self.by_name.contains_key(&name.to_lowercase()) {
            return WriteUser::Exists;
        }
        let user = User { name: name.to_owned(), email: email.to_owned() };
        self.by_name.insert(user.name.to_lowercase(), self.all.len());
        self.created.push(user.clone());
        self.all.push(user);
        WriteUser::Done
    }

    /// Sets a user's address.
    pub(crate) fn modify(&mut self, name: &str, email: &str) -> WriteUser {
        let Some(index) = self.by_name.get(&name.to_lowercase()) else { return WriteUser::Missing };
        email.clone_into(&mut self.all[*index].email);
        self.modified.push(self.all[*index].clone());
        WriteUser::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_asked_for_and_always_the_same() {
        let users = Users::new(50_000, 7);
        assert_eq!(users.all().len(), 50_000);
        assert_eq!(users.by_name.len(), 50_000, "names are unique");
        assert_eq!(users.all(), Users::new(50_000, 7).all());
        assert_ne!(users.all(), Users::new(50_000, 8).all());
        assert!(users.all().iter().skip(BASE.len()).all(|user| user.name.chars().count() <= 16));
        assert_eq!(Users::new(0, 7).all().len(), BASE.len());
    }

    #[test]
    fn changes() {
        let mut users = Users::new(0, 1);
        assert_eq!(users.create("new", "new@example.com"), WriteUser::Done);
        assert_eq!(users.create("new", "again@example.com"), WriteUser::Exists);
        assert_eq!(users.modify("wang.wu", "w@example.com"), WriteUser::Done);
        assert_eq!(users.modify("nobody", "n@example.com"), WriteUser::Missing);
        assert_eq!(users.find("wang.wu").unwrap().email, "w@example.com");
        assert_eq!((users.created().len(), users.modified().len()), (1, 1));
    }
}
