//! Why there are no credentials to sign with.

/// There are no valid credentials. Says where and why, and nothing of what was found there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// No place has any.
    #[error(
        "no credentials: {}. Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or use another of \
         these places (to look around without an account, run `deskbuy demo`)", .looked.join("; ")
    )]
    Nowhere {
        /// Each place of the chain, and why it gives nothing.
        looked: Vec<String>,
    },
    /// A place that should have some is wrong in a way that only a person can mend.
    #[error("the credentials cannot be used: {place}: {fault}")]
    Broken {
        /// The variable, file or address.
        place: String,
        /// What is wrong with it.
        fault: String,
    },
    /// A place does not give any at the moment.
    #[error("the credentials cannot be had at the moment: {place}: {fault}")]
    Unavailable {
        /// The file or address.
        place: String,
        /// What went wrong.
        fault: String,
    },
}

impl CredentialsError {
    /// The place and its fault, if it is about one.
    pub(super) fn what(&self) -> Option<String> {
        match self {
            Self::Nowhere { .. } => None,
            Self::Broken { place, fault } | Self::Unavailable { place, fault } => Some(format!("{place} {fault}")),
        }
    }

    pub(super) fn broken(place: impl Into<String>, fault: impl Into<String>) -> Self {
        Self::Broken { place: place.into(), fault: fault.into() }
    }

    pub(super) fn unavailable(place: impl Into<String>, fault: impl Into<String>) -> Self {
        Self::Unavailable { place: place.into(), fault: fault.into() }
    }
}
