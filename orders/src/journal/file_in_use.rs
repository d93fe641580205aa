//! The SQLite file in use. What is written into one that was removed, replaced or cut off is lost at the next start, so it is
//! noticed here; the same goes for the log that SQLite keeps beside it.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::JournalError;

/// Device and number of a file.
type Identity = (u64, u64);

/// The file.
#[derive(Debug)]
pub(super) struct FileInUse {
    path: PathBuf,
    identity: Identity,
    /// The greatest length, in bytes: only a `VACUUM` makes a database shorter while it is in use.
    length: AtomicU64,
    /// The log beside it.
    log_path: PathBuf,
    log: Mutex<Option<Identity>>,
}

impl FileInUse {
    /// The file at this path. `None` where files cannot be told apart.
    pub(super) fn at(path: &Path) -> Option<Self> {
        let (identity, length) = look_at(path)?;
        // SQLite puts the log beside the file itself, and not beside a link to it.
        let mut log_path = fs::canonicalize(path).ok()?.into_os_string();
        log_path.push("-wal");
        let (length, log) = (length.into(), Mutex::default());
        Some(Self { path: path.to_owned(), identity, length, log_path: log_path.into(), log })
    }

    /// Fails if it is not what was opened.
    pub(super) fn check(&self) -> Result<(), JournalError> {
        // The known length first: another check may see a longer file meanwhile.
        let known = self.length.load(Ordering::Acquire);
        let is_same = look_at(&self.path).is_some_and(|(identity, length)| {
            self.length.fetch_max(length, Ordering::AcqRel);
            identity == self.identity && length >= known
        });
        if !is_same {
            return Err(JournalError::Replaced(self.path.clone()));
        }
        let found = look_at(&self.log_path).map(|(identity, _)| identity);
        let mut known = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if found.is_some() && found == *known {
            return Ok(());
        }
        // SQLite removes it too, with its last connection.
        if holds_removed(&self.log_path) {
            return Err(JournalError::Replaced(self.log_path.clone()));
        }
        *known = found;
        Ok(())
    }

    /// Whether all that is wrong with it is that it has become shorter.
    pub(super) fn is_shorter(&self) -> bool {
        let known = self.length.load(Ordering::Acquire);
        look_at(&self.path).is_some_and(|(identity, length)| identity == self.identity && length < known)
    }

    /// Takes it as it is if it has this length, which is what SQLite, who has it open, knows of it. One that was cut off or
    /// written over from outside has another.
    pub(super) fn expect_length(&self, expected: u64) {
        let is_it = |length: u64| length == expected && length == length_by_header(&self.path).unwrap_or(length);
        if look_at(&self.path).is_some_and(|(_, length)| is_it(length)) {
            self.length.store(expected, Ordering::Release);
        }
    }
}

/// The length of a database by its own header: <https://www.sqlite.org/fileformat.html>.
fn length_by_header(path: &Path) -> Option<u64> {
    let mut header = [0; 32];
    fs::File::open(path).ok()?.read_exact(&mut header).ok()?;
    let page_size = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    Some(page_size * u64::from(pages))
}

#[cfg(unix)]
fn look_at(path: &Path) -> Option<(Identity, u64)> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|file| ((file.dev(), file.ino()), file.len()))
}

#[cfg(not(unix))]
fn look_at(_: &Path) -> Option<(Identity, u64)> {
    None
}

/// Whether this process has a file open that was removed from this path, as far as the system tells.
fn holds_removed(path: &Path) -> bool {
    let mut removed = path.as_os_str().to_owned();
    removed.push(" (deleted)");
    let open = fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    open.filter_map(|descriptor| fs::read_link(descriptor.path()).ok()).any(|to| to.as_os_str() == removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_one_that_was_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let log = path.with_file_name("journal-wal");
        fs::write(&path, "database").unwrap();
        let file = FileInUse::at(&path).unwrap();
        assert!(file.check().is_ok(), "without a log");
        let opened = fs::File::create(&log).unwrap();
        assert!(file.check().is_ok());
        fs::remove_file(&log).unwrap();
        assert!(matches!(file.check(), Err(JournalError::Replaced(at)) if at.ends_with("journal-wal")));
        fs::write(&log, "of another").unwrap();
        assert!(file.check().is_err(), "what is written goes into the one that is gone");
        drop(opened);
        assert!(file.check().is_ok(), "the one that is there is used again");

        fs::write(&path, "a longer database").unwrap();
        assert!(file.check().is_ok());
        fs::write(&path, "a cut one").unwrap();
        assert!(matches!(file.check(), Err(JournalError::Replaced(at)) if at == path));
        fs::write(&path, "a longer database").unwrap();
        assert!(file.check().is_ok());
        fs::rename(&path, path.with_file_name("moved")).unwrap();
        assert!(file.check().is_err());
    }
}
