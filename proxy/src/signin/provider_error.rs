//! Why the provider of sign-in cannot be used.

/// Why a sign-in fails. The texts are for the log. They contain error codes and names of hosts and issuers, and nothing
/// else that the provider or a browser sent.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ProviderError {
    /// The provider cannot be reached, or its answers are unusable.
    #[error("the provider of sign-in cannot be used: {0}")]
    Unavailable(String),
    /// The provider refused the code.
    #[error("the provider refused the code: {0}")]
    CodeRefused(String),
    /// The token is invalid, or was made for another sign-in.
    #[error("the token cannot be trusted: {0}")]
    Untrusted(String),
}
