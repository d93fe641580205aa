//! Texts that are given to a browser to keep, which it can neither read nor change: encrypted and authenticated, so that
//! proxies hold no state and any of those with the same key can take them up. What is in them is not known here.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
};

use cloud::Secret;

/// Seals and opens.
#[derive(Debug)]
pub struct Sealer {
    /// The first one seals, all of them open, so that a key can be replaced while people are signed in.
    keys: Vec<LessSafeKey>,
    random: SystemRandom,
}

/// What a sealed text is for. One that was sealed for something else does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A sign-in that is under way.
    Pending,
    /// A person who has signed in.
    Session,
}

/// The machine gives no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("the machine gives no random numbers")]
pub struct NoRandomness;

impl Purpose {
    const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Pending => b"deskbuy pending 1",
            Self::Session => b"deskbuy session 1",
        }
    }
}

impl Sealer {
    /// One with these keys, each a text of enough randomness. Without any, one of its own that ends with this process.
    pub fn new(keys: &[Secret]) -> Result<Self, NoRandomness> {
        let random = SystemRandom::new();
        let mut bytes: Vec<[u8; 32]> = Vec::new();
        for key in keys {
            // A text of any length becomes a key; its randomness is the text's.
            bytes.push(digest(&SHA256, key.expose().as_bytes()).as_ref().try_into().map_err(|_| NoRandomness)?);
        }
        if bytes.is_empty() {
            let mut own = [0; 32];
            random.fill(&mut own).map_err(|_| NoRandomness)?;
            bytes.push(own);
        }
        let key = |bytes: &[u8; 32]| UnboundKey::new(&AES_256_GCM, bytes).map(LessSafeKey::new);
        let keys = bytes.iter().map(key).collect::<Result<_, _>>().map_err(|_| NoRandomness)?;
        Ok(Self { keys, random })
    }

    /// The text, sealed, in characters that a cookie may have.
    pub fn seal(&self, purpose: Purpose, text: &[u8]) -> Result<String, NoRandomness> {
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| NoRandomness)?;
        let mut sealed = text.to_vec();
        let key = self.keys.first().ok_or(NoRandomness)?;
        let aad = Aad::from(purpose.bytes());
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| NoRandomness)?;
        Ok(BASE64.encode([&nonce[..], &sealed].concat()))
    }

    /// What was sealed; nothing if it was not sealed here, for something else, or changed since.
    #[must_use]
    pub fn open(&self, purpose: Purpose, text: &str) -> Option<Vec<u8>> {
        let bytes = BASE64.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        self.keys.iter().find_map(|key| {
            let mut sealed = sealed.to_vec();
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let length = key.open_in_place(nonce, Aad::from(purpose.bytes()), &mut sealed).ok()?.len();
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
        Sealer::new(&keys.iter().map(|key| Secret::from(*key)).collect::<Vec<_>>()).unwrap()
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
