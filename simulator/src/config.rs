//! The configuration of a simulator: keys, size of the data, shape of the answers. The binary parses flags into it.

use crate::Scenario;

/// What a simulator starts with, and returns to on a reset.
#[derive(Clone)]
pub struct Config {
    /// The only access key.
    pub access_key_id: String,
    /// Its secret.
    pub access_key_secret: String,
    /// The security token required with the key. Without one the key is permanent, and takes no token.
    pub sts_token: Option<String>,
    /// The faults that are on from the start.
    pub scenarios: Vec<Scenario>,
    /// Seeds all randomness, so that a run can be repeated.
    pub seed: u64,
    /// How lists are nested in answers, and how names and types vary.
    pub shape: Shape,
    /// Users in the directory; at least the built-in ones.
    pub users: usize,
    /// Custom images of each region; at least the built-in ones.
    pub images: usize,
    /// Whether nonces may be reused, for load generators that send one signed request repeatedly.
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

/// Without the secret and the token, since settings may be logged.
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

/// How answers are nested. The real nesting is not documented, so a client has to accept each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Shape {
    /// `{"Images": {"Image": […]}}`.
    #[default]
    Wrapped,
    /// `{"Images": […]}`.
    Flat,
    /// Another variation in each answer, by seed: JSON inside strings, numbers as strings, misspelt names of the
    /// document.
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

/// The name of no shape.
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
