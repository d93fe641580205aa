//! Puts the built page into the program, with the feature `page`: writes a table of the files in `dist/`, each with its content.
//! Without the feature the table is empty, and nothing is looked at.

use std::{
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, SystemTime},
};

const NO_PAGE: &str = "the feature `page` puts the page into the program, and there is none";

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    let table = if env::var_os("CARGO_FEATURE_PAGE").is_some() { page() } else { Ok("&[]".to_owned()) };
    let written = table.and_then(|table| {
        let folder = env::var_os("OUT_DIR").ok_or("cargo names no folder to write to")?;
        fs::write(PathBuf::from(folder).join("page.rs"), table).map_err(|error| error.to_string())
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={error}");
            ExitCode::FAILURE
        }
    }
}

/// The table of the files of `dist/`, as Rust.
fn page() -> Result<String, String> {
    let root = env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo names no folder of the crate")?;
    let folder = PathBuf::from(root).join("../dist");
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let described = |error: io::Error| format!("{NO_PAGE} in {}: {error}. `make page` builds it", folder.display());
    let folder = folder.canonicalize().map_err(described)?;
    if !folder.join("index.html.br").is_file() {
        return Err(format!("{NO_PAGE} built for release in {}. `make page` builds it", folder.display()));
    }
    let mut files = fs::read_dir(&folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>())
        .map_err(described)?;
    files.retain(|path| path.is_file());
    // By name, so that two builds are the same.
    files.sort();
    let rows: Result<String, String> = files.iter().map(|path| row(path).map_err(described)).collect();
    Ok(format!("&[\n{}]", rows?))
}

fn row(path: &Path) -> io::Result<String> {
    let (name, full) = (path.file_name().unwrap_or_default().to_string_lossy(), path.to_string_lossy());
    let (seconds, nanoseconds) = (modified(path)?, fingerprint(&fs::read(path)?));
    Ok(format!(
        "EmbeddedFile {{ name: {name:?}, content: include_bytes!({full:?}), modified: Duration::new({seconds}, {nanoseconds}) }},\n"
    ))
}

/// When the file was written, or for a reproducible build `SOURCE_DATE_EPOCH`, in seconds since 1970.
fn modified(path: &Path) -> io::Result<u64> {
    if let Some(told) = env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok()) {
        return Ok(told);
    }
    let written = fs::metadata(path)?.modified()?;
    Ok(written.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs())
}

/// A number below a second's nanoseconds by the content. The entity tag is made of time and length, so that two builds of one
/// second would share it otherwise.
fn fingerprint(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    hasher.finish() % 1_000_000_000
}
