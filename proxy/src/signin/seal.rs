//! Sealed texts: encrypts and authenticates what a browser keeps in cookies, so that proxies hold no state. Every proxy
//! with the same key can open them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest::{Context, SHA256, digest},
    rand::{SecureRandom, SystemRandom},
};

use super::cookies::Scope;
use cloud::Secret;

/// Seals and opens texts (AES-256-GCM), and says where the cookies go that carry them.
#[derive(Debug)]
pub struct Sealer {
    /// The first key seals, and all keys open, so that keys can be rotated while people are signed in.
    keys: Vec<LessSafeKey>,
    random: SystemRandom,
    /// A digest of what sealed texts are bound to.
    context: [u8; 32],
    scope: Scope,
}

/// What a sealed text is for. A text opens only for the purpose that it was sealed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A pending sign-in.
    Pending,
    /// A session.
    Session,
}

/// The system gives no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the machine gives no random numbers")]
pub struct NoRandomness;

/// A random text of 256 bits, which an address and a cookie can hold.
pub fn random_text() -> Result<String, NoRandomness> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(BASE64.encode(bytes))
}

impl Purpose {
    const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Pending => b"deskbuy pending 2",
            Self::Session => b"deskbuy session 2",
        }
    }
}

impl Sealer {
    /// A sealer with these keys, each a text of enough randomness. Without any it generates a key, which is lost when
    /// the process ends. What is sealed in one context does not open in another.
    pub fn new(keys: &[Secret], context: &[&str]) -> Result<Self, NoRandomness> {
        let random = SystemRandom::new();
        let mut bytes: Vec<[u8; 32]> = Vec::new();
        for key in keys {
            // Hashing makes a key from a text of any length. Its entropy is the text's.
            bytes.push(digest(&SHA256, key.expose().as_bytes()).as_ref().try_into().map_err(|_| NoRandomness)?);
        }
        if bytes.is_empty() {
            let mut own = [0; 32];
            random.fill(&mut own).map_err(|_| NoRandomness)?;
            bytes.push(own);
        }
        let mut all = Context::new(&SHA256);
        for part in context {
            // With lengths, so that no two contexts are the same bytes.
            all.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            all.update(part.as_bytes());
        }
        let context = all.finish().as_ref().try_into().map_err(|_| NoRandomness)?;
        let key = |bytes: &[u8; 32]| UnboundKey::new(&AES_256_GCM, bytes).map(LessSafeKey::new);
        let keys = bytes.iter().map(key).collect::<Result<_, _>>().map_err(|_| NoRandomness)?;
        Ok(Self { keys, random, context, scope: Scope::below("/") })
    }

    /// The same one for cookies of a proxy below a path, such as `/deskbuy/`.
    #[must_use]
    pub fn below(self, path: &str) -> Self {
        Self { scope: Scope::below(path), ..self }
    }

    /// Where its cookies go.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    fn aad(&self, purpose: Purpose) -> Aad<Vec<u8>> {
        Aad::from([purpose.bytes(), &self.context].concat())
    }

    /// Seals a text. The result has only characters that a cookie may have.
    pub fn seal(&self, purpose: Purpose, text: &[u8]) -> Result<String, NoRandomness> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| NoRandomness)?;
        let mut sealed = text.to_vec();
        let key = self.keys.first().ok_or(NoRandomness)?;
        let aad = self.aad(purpose);
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| NoRandomness)?;
        Ok(BASE64.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens a sealed text. `None` if it was not sealed with one of the keys, or for another purpose, or was changed.
    #[must_use]
    pub fn open(&self, purpose: Purpose, text: &str) -> Option<Vec<u8>> {
        let bytes = BASE64.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        self.keys.iter().find_map(|key| {
            let mut sealed = sealed.to_vec();
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let length = key.open_in_place(nonce, self.aad(purpose), &mut sealed).ok()?.len();
            sealed.truncate(length);
            Some(sealed)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sealer(keys: &[&str]) -> Sealer {
        Sealer::new(&keys.iter().map(|key| Secret::from(*key)).collect::<Vec<_>>(), &[]).unwrap()
    }

    #[test]
    fn opens_for_the_same_purpose_and_key_only() {
        let (one, other) = (sealer(&["one"]), sealer(&["other"]));
        let text = one.seal(Purpose::Session, b"who").unwrap();
        assert_eq!(one.open(Purpose::Session, &text).as_deref(), Some(&b"who"[..]));
        assert_eq!(one.open(Purpose::Pending, &text), None);
        assert_eq!(other.open(Purpose::Session, &text), None);
        assert_ne!(one.seal(Purpose::Session, b"who").unwrap(), text, "no two are alike");
    }

    #[test]
    fn a_new_key_goes_before_the_old_one() {
        let text = sealer(&["old"]).seal(Purpose::Session, b"who").unwrap();
        assert!(sealer(&["new", "old"]).open(Purpose::Session, &text).is_some());
        assert_eq!(sealer(&["new"]).open(Purpose::Session, &text), None);
        let text = sealer(&["new", "old"]).seal(Purpose::Session, b"who").unwrap();
        assert!(sealer(&["new"]).open(Purpose::Session, &text).is_some());
    }

    #[test]
    fn without_a_key_each_process_has_its_own() {
        let text = sealer(&[]).seal(Purpose::Session, b"who").unwrap();
        assert_eq!(sealer(&[]).open(Purpose::Session, &text), None);
    }

    proptest! {
        #[test]
        fn a_changed_character_is_noticed(text in proptest::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_-]") {
            let sealer = sealer(&["key"]);
            let sealed = sealer.seal(Purpose::Session, &text).unwrap();
            prop_assert_eq!(sealer.open(Purpose::Session, &sealed), Some(text));
            let mut changed = sealed.clone();
            let at = at.index(sealed.len());
            changed.replace_range(at..=at, &to);
            prop_assert!(changed == sealed || sealer.open(Purpose::Session, &changed).is_none());
        }

        #[test]
        fn junk_does_not_open(text in any::<String>()) {
            prop_assert_eq!(sealer(&["key"]).open(Purpose::Session, &text), None);
        }
    }
}
