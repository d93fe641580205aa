//! API tokens of programs, which cannot sign in with a browser: a file with a hash, a name, rights, limits and an expiry
//! for each. The file is read again when it changes. A token is sent as `Authorization: Bearer …`; it comes with no cookie,
//! and foreign pages are refused with it as they are without.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use axum::http::{HeaderMap, header};
use jiff::Timestamp;
use orders::Limits;
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use shared::{ids::OwnerId, prices::Amount};

use super::Right;

/// Poll interval of the file.
pub const FILE_POLL_INTERVAL: Duration = Duration::from_secs(2);
/// The longest token, in bytes. Longer ones are not hashed.
const MAX_TOKEN_LENGTH: usize = 512;

/// The tokens of a file.
#[derive(Debug)]
pub struct ApiTokens {
    path: PathBuf,
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    tokens: Arc<Tokens>,
    version: Option<Version>,
    /// Whether the last version of the file could not be read, so that it is told once.
    is_broken: bool,
}

/// What changes when a file does, or another takes its place.
type Version = (SystemTime, u64, u64);

/// Tokens by the SHA-256 of their text.
pub type Tokens = HashMap<[u8; 32], Arc<ApiToken>>;

/// A token of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its name, for orders and audit lines.
    pub name: String,
    /// What it allows.
    pub right: Right,
    /// Whether it may approve orders of others.
    pub approves: bool,
    /// Desktops and months of renewals in a day, where it has a limit of its own.
    pub daily_limit: Option<u32>,
    /// Money in a day and in 30 days, where it has limits of its own.
    pub amounts: (Option<Amount>, Option<Amount>),
    /// The account to buy for, in reseller mode.
    pub owner_id: Option<OwnerId>,
    /// When it ends.
    expires: Timestamp,
}

/// An entry of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    sha256: String,
    rights: Rights,
    expires: String,
    #[serde(default)]
    daily_limit: Option<u32>,
    #[serde(default)]
    daily_amount: Option<Amount>,
    #[serde(default)]
    monthly_amount: Option<Amount>,
    #[serde(default)]
    owner_id: Option<OwnerId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Rights {
    Look,
    Buy,
    Approve,
}

impl ApiToken {
    /// The name in the journal, which no person has.
    #[must_use]
    pub fn journal_name(&self) -> String {
        format!("token:{}", self.name)
    }

    /// Its limits: its own, or those of everybody.
    #[must_use]
    pub fn limits(&self, of_people: Limits) -> Limits {
        let (day, month) = self.amounts;
        Limits {
            desktops: self.daily_limit.or(of_people.desktops),
            units: self.daily_limit.or(of_people.units),
            day_amount: day.or(of_people.day_amount),
            month_amount: month.or(of_people.month_amount),
            ..of_people
        }
    }
}

/// Reads a file of tokens: a JSON array. The text of an error names entries, and holds no hash.
pub fn read(path: &Path) -> Result<Tokens, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    let entries: Vec<Entry> = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| format!("is not a list of tokens as docs/api.md has it: {error}"))?;
    let mut tokens = Tokens::new();
    for entry in entries {
        let Entry { name, sha256, rights, expires, daily_limit, daily_amount, monthly_amount, owner_id } = entry;
        let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if !(1..=64).contains(&name.len()) || !name.chars().all(is_name) {
            return Err("has a name that is not 1 to 64 letters, digits, dots and dashes".to_owned());
        }
        let hash = hash(&sha256).ok_or_else(|| format!("has no SHA-256 of 64 hexadecimal digits for {name}"))?;
        if tokens.values().any(|other| other.name == name) {
            return Err(format!("has the name {name} twice"));
        }
        let expires =
            expires.parse().map_err(|_| format!("has no time such as 2027-01-01T00:00:00Z for {name} to end"))?;
        let approves = matches!(rights, Rights::Approve);
        let right = match rights {
            Rights::Look | Rights::Approve => Right::Look,
            Rights::Buy => Right::Buy,
        };
        let amounts = (daily_amount, monthly_amount);
        let token = ApiToken { name: name.clone(), right, approves, daily_limit, amounts, owner_id, expires };
        if tokens.insert(hash, Arc::new(token)).is_some() {
            return Err(format!("has the hash of {name} twice"));
        }
    }
    Ok(tokens)
}

fn hash(text: &str) -> Option<[u8; 32]> {
    let digits = text.trim().as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes: Vec<u8> = digits
        .chunks(2)
        .map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?))
        .collect::<Option<_>>()?;
    bytes.try_into().ok()
}

impl ApiTokens {
    /// The tokens of a file, as they were read.
    #[must_use]
    pub fn new(path: PathBuf, tokens: Tokens) -> Self {
        // The file may have changed since, so the first reload reads it again.
        Self { path, known: RwLock::new(Known { tokens: Arc::new(tokens), version: None, is_broken: false }) }
    }

    /// The token of a request: `None` without one, an error if it is unknown or has ended.
    pub fn of(&self, headers: &HeaderMap, now: i64) -> Result<Option<Arc<ApiToken>>, UnknownToken> {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
        // Other schemes are for a server in front.
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Ok(None);
        }
        if token.len() > MAX_TOKEN_LENGTH {
            return Err(UnknownToken);
        }
        // Looked up by its hash, so that the time tells nothing of a token.
        let hash: [u8; 32] = digest(&SHA256, token.trim().as_bytes()).as_ref().try_into().map_err(|_| UnknownToken)?;
        let tokens = Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner).tokens);
        let token = tokens.get(&hash).filter(|token| now < token.expires.as_second()).ok_or(UnknownToken)?;
        Ok(Some(Arc::clone(token)))
    }

    /// Reads the file again if it has changed. A file that cannot be read leaves the tokens as they are; one that is gone
    /// takes them away.
    pub fn reload(&self) {
        let found = version(&self.path);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if found == known.version && !known.is_broken {
            return;
        }
        let tokens = if found.is_some() { read(&self.path) } else { Ok(Tokens::new()) };
        match tokens {
            Ok(tokens) => {
                let names: Vec<_> = tokens.values().map(|token| token.name.as_str()).collect();
                tracing::info!(target: "audit", tokens = names.join(","), "the API tokens were read again");
                *known = Known { tokens: Arc::new(tokens), version: found, is_broken: false };
            }
            Err(error) => {
                if !known.is_broken {
                    tracing::error!(
                        error,
                        "the file of API tokens (--api-tokens-file) is wrong: the tokens stay as they are"
                    );
                }
                known.version = found;
                known.is_broken = true;
            }
        }
    }
}

/// The token is not known, or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownToken;

fn version(path: &Path) -> Option<Version> {
    let file = fs::metadata(path).ok()?;
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&file);
    #[cfg(not(unix))]
    let number = 0;
    Some((file.modified().ok()?, file.len(), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf %s secret | sha256sum`
    const HASH: &str = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.json");
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn a_file_is_right_or_wrong_as_a_whole() {
        let entry = |changes: &str| {
            format!(r#"[{{"name":"t","sha256":"{HASH}","rights":"buy","expires":"2030-01-01T00:00:00Z"{changes}}}]"#)
        };
        let check = |text: &str, expect: Result<usize, &str>| {
            let (_folder, path) = file(text);
            match (read(&path), expect) {
                (Ok(tokens), Ok(count)) => assert_eq!(tokens.len(), count, "{text}"),
                (Err(error), Err(part)) => assert!(error.contains(part) && !error.contains(HASH), "{text}: {error}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        };
        check("[]", Ok(0));
        check("\u{feff}[]", Ok(0));
        check(&entry(""), Ok(1));
        check(&entry(r#","daily_limit":3,"owner_id":"42""#), Ok(1));
        check(&entry(r#","daily_amount":"100","monthly_amount":"1500.50""#), Ok(1));
        check(&entry("").replace(r#""buy""#, r#""approve""#), Ok(1));
        check(&entry(r#","daily_amount":"a lot""#), Err("is not a decimal number"));
        check(&entry(r#","right":"buy""#), Err("unknown field"));
        check(&entry("").replace("2bb8", "zzzz"), Err("has no SHA-256"));
        check(&entry("").replace(r#""buy""#, r#""all""#), Err("is not a list of tokens"));
        check(&entry("").replace(r#""t""#, r#""a b""#), Err("has a name"));
        check(&format!("[{0},{0}]", entry("").trim_matches(['[', ']'])), Err("twice"));
        check("", Err("is not a list of tokens"));
    }

    #[test]
    fn a_token_is_found_by_its_text_until_it_ends() {
        let (_folder, path) =
            file(&format!(r#"[{{"name":"t","sha256":"{HASH}","rights":"look","expires":"2030-01-01T00:00:00Z"}}]"#));
        let tokens = ApiTokens::new(path.clone(), read(&path).unwrap());
        let of = |value: &str, now: i64| {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
            tokens.of(&headers, now).map(|token| token.map(|token| token.journal_name()))
        };
        let (before, after) = (1_893_455_999, 1_893_456_000);
        assert_eq!(of("Bearer secret", before), Ok(Some("token:t".to_owned())));
        assert_eq!(of("bearer secret", before), Ok(Some("token:t".to_owned())));
        assert_eq!(of("Basic secret", before), Ok(None));
        for wrong in ["Bearer Secret", "Bearer ", "Bearer", &format!("Bearer {HASH}")] {
            assert_eq!(of(wrong, before), Err(UnknownToken), "{wrong}");
        }
        assert_eq!(of("Bearer secret", after), Err(UnknownToken));
        assert_eq!(tokens.of(&HeaderMap::new(), before), Ok(None));

        // A mistake in the file takes no token away, and removing the file takes all.
        fs::write(&path, "[{").unwrap();
        tokens.reload();
        assert!(of("Bearer secret", before).is_ok());
        fs::write(&path, "[ ]").unwrap();
        tokens.reload();
        assert_eq!(of("Bearer secret", before), Err(UnknownToken));
    }
}
