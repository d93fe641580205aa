//! Writes the users of a list to the directory, one after the other, and picks them. What was sent and not answered is looked
//! up in the directory before anything is written again, also after a reload.

use std::{collections::BTreeMap, slice, time::Duration};

use leptos::prelude::*;
use shared::{
    Code, Outcome, Problem,
    actions::UserInfo,
    ids::RegionId,
    user::clean_email,
    user_list::{self, ListError, ListedUser, Standing},
};

use super::{
    directory::{directory, is_of_the_row, request, with_email},
    kept::{self, Kept},
    line::{Counts, Line, Mark},
    unanswered,
};
use crate::{
    purchase::state::Purchase,
    reactive::{spawn, wait},
};

/// A list and what becomes of it, as long as its dialog is open.
#[derive(Clone, Copy)]
pub struct Import {
    purchase: Purchase,
    /// The list as a text.
    pub text: RwSignal<String>,
    /// Its rows.
    pub lines: RwSignal<Vec<Line>>,
    /// Why it is not taken as a list.
    pub list_error: RwSignal<Option<ListError>>,
    /// Whether the directory is looked into or written.
    pub running: RwSignal<bool>,
    /// Of the writes of this run: how many are done, and how many there are.
    pub progress: RwSignal<Option<(usize, usize)>>,
    /// Why the run ended early.
    pub problem: RwSignal<Option<Problem>>,
    /// Whether this list was run, and is not done.
    pub ran: RwSignal<bool>,
    /// Whether all is done, and the users are picked.
    pub finished: RwSignal<bool>,
    /// Whether somebody has confirmed that users with other addresses than the list's are those who are meant.
    pub takes_other_email: RwSignal<bool>,
    /// What became of writes, by the names in lower case.
    marks: StoredValue<BTreeMap<String, Mark>>,
}

/// How often a write waits for its turn, where too many are on their way.
const TRIES: usize = 6;
/// The longest wait for a turn, in seconds.
const LONGEST_WAIT: u64 = 30;
/// As much as is kept of an address that is not the directory's, in characters.
const LONGEST_EMAIL: usize = 320;

impl Import {
    /// The list that is not finished, or an empty one.
    pub fn begin(purchase: Purchase) -> Self {
        let kept = region(purchase).and_then(|region| Kept::of(&region));
        let text = kept.map(|kept| user_list::write(&kept.users)).unwrap_or_default();
        Self {
            purchase,
            text: RwSignal::new(text),
            lines: RwSignal::new(Vec::new()),
            list_error: RwSignal::new(None),
            running: RwSignal::new(false),
            progress: RwSignal::new(None),
            problem: RwSignal::new(None),
            ran: RwSignal::new(false),
            finished: RwSignal::new(false),
            takes_other_email: RwSignal::new(false),
            marks: StoredValue::new(BTreeMap::new()),
        }
    }

    /// Reads the list, by the users of the directory as they are known.
    pub fn read(self) {
        let known = self.purchase.lists.users.ready().zip(region(self.purchase));
        let Some((users, region)) = known else { return self.lines.set(Vec::new()) };
        let list = self.text.with(|text| user_list::read(text));
        self.list_error.set(list.as_ref().err().copied());
        let list = list.unwrap_or_default();
        let standings = user_list::check(&list, &users.users, self.takes_other_email.get());
        let line = |(listed, standing): (ListedUser, Standing)| {
            let mark = ArcRwSignal::new(self.mark_of(&region, &standing));
            Line { listed, standing, mark }
        };
        self.lines.set(list.into_iter().zip(standings).map(line).collect());
    }

    /// What is known of the write of a row, by what it means now.
    fn mark_of(self, region: &RegionId, standing: &Standing) -> Mark {
        let Some(user) = standing.user() else { return Mark::None };
        if standing.is_written() && unanswered::contains(region, &user.name) {
            return Mark::Unknown;
        }
        let mark = self.marks.with_value(|marks| marks.get(&user.name.to_lowercase()).copied());
        // A refusal is past once the directory has the user; what was written is told once it has.
        let holds = |mark: &Mark| standing.is_written() == matches!(mark, Mark::Refused(_));
        mark.filter(holds).unwrap_or(Mark::None)
    }

    /// How many rows of each kind there are.
    pub fn counts(self) -> Counts {
        self.lines.with(|lines| Counts {
            rows: lines.len(),
            there: lines.iter().filter(|line| line.user().is_some()).count(),
            to_write: lines.iter().filter(|line| line.is_to_write()).count(),
            unknown: lines.iter().filter(|line| line.mark.get() == Mark::Unknown).count(),
            other_email: lines.iter().filter(|line| matches!(line.standing, Standing::OtherEmail(_))).count(),
        })
    }

    /// How many were created, and how many given an address.
    pub fn written(self) -> (usize, usize) {
        let count =
            |wanted: Mark| self.marks.with_value(|marks| marks.values().filter(|mark| **mark == wanted).count());
        (count(Mark::Created), count(Mark::EmailAdded))
    }

    /// Writes what is to be written, and picks all users then. `again` writes anew what was sent without an answer, if the
    /// directory does not have it.
    pub fn run(self, again: bool) {
        let Some(region) = region(self.purchase).filter(|_| !self.running.get_untracked()) else { return };
        self.problem.set(None);
        // What was typed last may not have been read yet.
        untrack(|| self.read());
        let counts = untrack(|| self.counts());
        if counts.to_write + counts.unknown == 0 {
            return self.pick();
        }
        let doubtful = counts.other_email;
        self.running.set(true);
        self.ran.set(true);
        spawn(async move {
            let made = self.write_all(&region, again).await;
            self.take(&region, made);
            if self.running.try_set(false).is_some() {
                // The dialog was closed: what is left is kept.
                return;
            }
            self.progress.set(None);
            // Also where somebody else has written a user meanwhile.
            untrack(|| self.read());
            if !self.is_of(&region) {
                return;
            }
            let counts = untrack(|| self.counts());
            // Who turned out to have another address meanwhile is shown, and not left out unseen.
            let is_whole = counts.to_write + counts.unknown == 0 && counts.other_email <= doubtful;
            if is_whole && self.problem.with_untracked(Option::is_none) {
                self.pick();
            }
        });
    }

    /// Picks the users that the directory has, in the order of the list.
    pub fn pick(self) {
        let user = |line: &Line| line.user().map(|user| user.name.clone());
        let names: Vec<_> = untrack(|| self.lines.with(|lines| lines.iter().filter_map(user).collect()));
        self.purchase.user_search.set(String::new());
        self.purchase.several.set(true);
        self.purchase.choose(|form| form.user_names = names);
        kept::forget();
        self.finished.set(true);
    }

    /// Looks into the directory, and writes what it lacks. The users who were written.
    async fn write_all(self, region: &RegionId, again: bool) -> Vec<UserInfo> {
        let mut made = Vec::new();
        let directory = match directory(region, None).await {
            Ok(directory) => directory,
            Err(problem) => {
                let _ = self.problem.try_set(Some(problem));
                return made;
            }
        };
        if self.is_gone(region) {
            return made;
        }
        // What the directory has is answered. What it lacks may still be on its way.
        unanswered::find(region, &directory.users);
        self.purchase.lists.users.change(|_| directory);
        untrack(|| self.read());
        if again {
            let unknown = |line: &Line| {
                let is_unknown = line.mark.get_untracked() == Mark::Unknown;
                line.standing.user().filter(|_| is_unknown).map(|user| user.name.clone())
            };
            let names: Vec<_> = self.lines.with_untracked(|lines| lines.iter().filter_map(unknown).collect());
            unanswered::remove(region, &names);
            untrack(|| self.read());
        }
        self.keep(region);
        let lines: Vec<Line> =
            untrack(|| self.lines.with(|lines| lines.iter().filter(|line| line.is_to_write()).cloned().collect()));
        let all = lines.len();
        for (done, line) in lines.into_iter().enumerate() {
            if self.is_gone(region) {
                break;
            }
            self.progress.set(Some((done, all)));
            line.mark.set(Mark::Writing);
            let has_email = match &line.standing {
                Standing::AddEmail(user) => with_email(region, &user.name).await,
                _ => Ok(None),
            };
            // Nothing is sent for a dialog that was closed meanwhile.
            if self.is_gone(region) {
                self.note(&line, Mark::None);
                break;
            }
            let written = match has_email {
                Ok(Some(user)) => {
                    // Somebody else has added an address, which stays.
                    made.push(user);
                    Ok(Mark::None)
                }
                Ok(None) => self.write(region, &line.standing).await,
                Err(problem) => Err(problem),
            };
            match written {
                Ok(mark) => {
                    let is_done = matches!(mark, Mark::Created | Mark::EmailAdded);
                    made.extend(line.standing.user().filter(|_| is_done).cloned());
                    self.note(&line, mark);
                }
                Err(problem) => {
                    let is_unknown = problem.outcome == Outcome::Unknown;
                    self.note(&line, if is_unknown { Mark::Unknown } else { Mark::None });
                    let _ = self.problem.try_set(Some(problem));
                    break;
                }
            }
        }
        made
    }

    /// Writes a row. An error is one that the next row would have too.
    async fn write(self, region: &RegionId, standing: &Standing) -> Result<Mark, Problem> {
        let Some(user) = standing.user() else { return Ok(Mark::None) };
        let done = if matches!(standing, Standing::Create(_)) { Mark::Created } else { Mark::EmailAdded };
        for tries in 1.. {
            let Some(request) = request(region, standing) else { return Ok(Mark::Refused(Code::UserNameInvalid)) };
            // On disk before it is sent.
            unanswered::add(region, &user.name);
            let Err(problem) = request.await else {
                unanswered::remove(region, slice::from_ref(&user.name));
                return Ok(done);
            };
            if problem.outcome == Outcome::Unknown {
                let found = directory(region, Some(&user.name)).await;
                return match found {
                    Ok(found) if found.users.contains(user) => {
                        unanswered::remove(region, slice::from_ref(&user.name));
                        Ok(done)
                    }
                    Ok(_) => Ok(Mark::Unknown),
                    Err(_) => Err(problem),
                };
            }
            unanswered::remove(region, slice::from_ref(&user.name));
            if is_of_the_row(problem.code) {
                return Ok(Mark::Refused(problem.code));
            }
            let is_busy = matches!(problem.code, Code::Throttled | Code::TooManyRequests);
            if !is_busy || tries == TRIES {
                return Err(problem);
            }
            wait(Duration::from_secs(problem.retry_after.unwrap_or(2).clamp(1, LONGEST_WAIT))).await;
            // Nothing is sent for a dialog that was closed meanwhile.
            if self.is_gone(region) {
                return Err(problem);
            }
        }
        Ok(Mark::None)
    }

    /// Notes what became of the write of a row, if anybody still looks.
    fn note(self, line: &Line, mark: Mark) {
        let _ = line.mark.try_set(mark);
        if let Some(user) = line.standing.user() {
            let key = user.name.to_lowercase();
            let _ = self.marks.try_update_value(|marks| marks.insert(key, mark));
        }
    }

    /// Keeps what is not finished.
    fn keep(self, region: &RegionId) {
        // By the directory's names, which have a length.
        let usable = |line: &Line| match &line.standing {
            Standing::OtherEmail(user) => {
                let email = clean_email(&line.listed.email).chars().take(LONGEST_EMAIL).collect();
                Some(ListedUser { name: user.name.clone(), email })
            }
            standing => standing.user().map(|user| ListedUser { name: user.name.clone(), email: user.email.clone() }),
        };
        let users = self.lines.with_untracked(|lines| lines.iter().filter_map(usable).collect());
        Kept { region: region.clone(), users }.keep();
    }

    /// Takes those who were written into the list of users.
    fn take(self, region: &RegionId, made: Vec<UserInfo>) {
        if made.is_empty() || !self.is_of(region) {
            return;
        }
        self.purchase.take_users(made);
    }

    /// Whether the dialog was closed, or is about another region's users by now.
    fn is_gone(self, region: &RegionId) -> bool {
        self.running.try_get_untracked().is_none() || !self.is_of(region)
    }

    /// Whether the list of users is this region's, at this very moment.
    fn is_of(self, region: &RegionId) -> bool {
        self::region(self.purchase).as_ref() == Some(region)
            && untrack(|| self.purchase.lists.users.current()).is_some()
    }
}

/// The region whose directory the users are in.
pub fn region(purchase: Purchase) -> Option<RegionId> {
    purchase.form.try_get_untracked()?.region
}
