//! Where the page's files come from: the program itself, where it was built with the page, or a folder. Both are served by the
//! same code, so that headers and entity tags are the same.

use std::{
    borrow::Cow,
    fmt,
    future::{Ready, ready},
    io::{self, Cursor, SeekFrom},
    path::{Component, Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tower_http::services::fs::{Backend, File, Metadata};

/// The page's document.
const DOCUMENT: &str = "index.html";

/// The files that the build put into the program; none without the feature `page`.
const BUILT_IN: &[EmbeddedFile] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// Where the page's files come from.
#[derive(Clone, Debug)]
pub enum PageSource {
    /// A folder, as Trunk leaves it.
    Folder(PathBuf),
    /// The program.
    Embedded(EmbeddedFiles),
}

/// A file in the program.
#[derive(Debug)]
pub(super) struct EmbeddedFile {
    /// Its name.
    pub(super) name: &'static str,
    /// What is in it.
    pub(super) content: &'static [u8],
    /// Since 1970. The part below a second is made of the content.
    pub(super) modified: Duration,
}

/// A folder in the program.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedFiles(pub(super) &'static [EmbeddedFile]);

impl PageSource {
    /// The folder that was named. Otherwise the program's own page, or without one the folder that `trunk build` writes to.
    #[must_use]
    pub fn of(folder: Option<&Path>) -> Self {
        match folder {
            Some(folder) => Self::Folder(folder.to_owned()),
            None if BUILT_IN.is_empty() => Self::Folder("dist".into()),
            None => Self::Embedded(EmbeddedFiles(BUILT_IN)),
        }
    }

    /// What is wrong with it, for people.
    pub(crate) fn fault(&self) -> Option<String> {
        let Self::Folder(folder) = self else { return None };
        (!folder.join(DOCUMENT).is_file()).then(|| missing(folder))
    }

    /// The document, if it can be read.
    pub(in crate::http) async fn document(&self) -> Option<Cow<'static, str>> {
        self.text(DOCUMENT).await
    }

    /// A file that the document names, if it can be read.
    pub(in crate::http) async fn text(&self, name: &str) -> Option<Cow<'static, str>> {
        match self {
            Self::Folder(folder) => tokio::fs::read_to_string(folder.join(name)).await.ok().map(Cow::Owned),
            Self::Embedded(files) => std::str::from_utf8(files.find(Path::new(name))?.content).ok().map(Cow::Borrowed),
        }
    }
}

impl fmt::Display for PageSource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.fault(), self) {
            (Some(fault), _) => out.write_str(&fault),
            (None, Self::Folder(folder)) => write!(out, "in the folder {}", folder.display()),
            (None, Self::Embedded(_)) => out.write_str("in the program"),
        }
    }
}

/// The message that the page is missing.
pub(super) fn missing(folder: &Path) -> String {
    format!(
        "There is no page in the folder {:?}. Build it with `trunk build --release`, or name another folder with \
         --page (DESKBUY_PAGE).\n",
        folder.display().to_string()
    )
}

impl EmbeddedFiles {
    fn find(self, path: &Path) -> Option<&'static EmbeddedFile> {
        let mut names = path.components().filter(|part| !matches!(part, Component::CurDir));
        let (name, None) = (names.next()?, names.next()) else { return None };
        self.0.iter().find(|file| name.as_os_str() == file.name)
    }
}

impl Backend for EmbeddedFiles {
    type File = OpenFile;
    type Metadata = EmbeddedMetadata;
    type OpenFuture = Ready<io::Result<OpenFile>>;
    type MetadataFuture = Ready<io::Result<EmbeddedMetadata>>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        let file = self.find(&path).map(|file| OpenFile { file, at: Cursor::new(file.content) });
        ready(file.ok_or_else(|| io::ErrorKind::NotFound.into()))
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        let is_root = path.components().all(|part| matches!(part, Component::CurDir));
        let found = if is_root {
            Some(EmbeddedMetadata { is_folder: true, length: 0, modified: Duration::ZERO })
        } else {
            self.find(&path).map(EmbeddedFile::metadata)
        };
        ready(found.ok_or_else(|| io::ErrorKind::NotFound.into()))
    }
}

impl EmbeddedFile {
    fn metadata(&self) -> EmbeddedMetadata {
        EmbeddedMetadata { is_folder: false, length: self.content.len() as u64, modified: self.modified }
    }
}

/// What is known of an embedded file, or of the folder.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedMetadata {
    is_folder: bool,
    length: u64,
    modified: Duration,
}

impl Metadata for EmbeddedMetadata {
    fn is_dir(&self) -> bool {
        self.is_folder
    }

    fn modified(&self) -> io::Result<SystemTime> {
        Ok(SystemTime::UNIX_EPOCH + self.modified)
    }

    fn len(&self) -> u64 {
        self.length
    }
}

/// An embedded file that is being read.
#[derive(Debug)]
pub struct OpenFile {
    file: &'static EmbeddedFile,
    at: Cursor<&'static [u8]>,
}

impl AsyncRead for OpenFile {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.at).poll_read(cx, into)
    }
}

impl AsyncSeek for OpenFile {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        Pin::new(&mut self.at).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut self.at).poll_complete(cx)
    }
}

impl File for OpenFile {
    type Metadata = EmbeddedMetadata;
    type MetadataFuture<'a> = Ready<io::Result<EmbeddedMetadata>>;

    fn metadata(&self) -> Self::MetadataFuture<'_> {
        ready(Ok(self.file.metadata()))
    }
}
