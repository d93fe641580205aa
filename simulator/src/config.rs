//! How a simulator starts: keys, size of the data, shape of the answers. Flags and their parsing live in the binary.

use crate::Scenario;

/// What a simulator starts with, and goes back to on a reset.
#[derive(Clone)]
pub struct Config {
    /// The one access key that is known.
    pub access_key_id: String,
    /// Its secret.
    pub access_key_secret: String,
    /// The security token that must come with the key; without one the key is a lasting one and takes no token.
    pub sts_token: Option<String>,
    /// The faults that are on from the start.
    pub scenarios: Vec<Scenario>,
    /// Decides everything that is random, so that a run can be had again.
    pub seed: u64,
    /// How lists nest in the answers, and how exact names and types are.
    pub shape: Shape,
    /// Users in the directory; never fewer than the handwritten ones.
    pub users: usize,
    /// Custom images a region; never fewer than the handwritten ones.
    pub images: usize,
    /// Whether a nonce may be used again, as by a load generator that sends one signed request over and over.
    pub allow_replays: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            access_key_id: "demo-id".to_owned(),
            access_key_secret: "demo-secret".to_owned(),
            sts_token: None,
            scenarios: Vec::new(),
            seed: 1,
            shape: Shape::Wrapped,
            users: 0,
            images: 0,
            allow_replays: false,
        }
    }
}

/// Without the secret and the token: settings end up in logs.
impl std::fmt::Debug for Config {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Config")
            .field("access_key_id", &self.access_key_id)
            .field("sts", &self.sts_token.is_some())
            .field("scenarios", &self.scenarios)
            .field("seed", &self.seed)
            .field("shape", &self.shape)
            .field("users", &self.users)
            .field("images", &self.images)
            .field("allow_replays", &self.allow_replays)
            .finish_non_exhaustive()
    }
}

/// How answers are nested. Nobody outside has seen the real ones, so a client has to cope with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Shape {
    /// `{"Images": {"Image": […]}}`.
    #[default]
    Wrapped,
    /// `{"Images": […]}`.
    Flat,
    /// Another oddity in each answer, by seed: JSON inside texts, numbers as texts, the document's misspellings.
    Mixed,
}

impl Shape {
    /// All shapes.
    pub const ALL: &[Self] = &[Self::Wrapped, Self::Flat, Self::Mixed];

    /// The name of the shape on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wrapped => "wrapped",
            Self::Flat => "flat",
            Self::Mixed => "mixed",
        }
    }
}

/// A name that no shape has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownShape;

impl std::fmt::Display for UnknownShape {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("a shape is wrapped, flat or mixed")
    }
}

impl std::error::Error for UnknownShape {}

impl std::str::FromStr for Shape {
    type Err = UnknownShape;
    fn from_str(text: &str) -> Result<Self, UnknownShape> {
        Self::ALL.iter().copied().find(|shape| shape.as_str() == text).ok_or(UnknownShape)
    }
}
