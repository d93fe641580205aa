//! The languages of the page. Which one a reader gets is decided from tags by one function, in the browser and in the
//! proxy; where the tags come from is their business.

/// The cookie that holds the tag of the language that a reader chose, so that the proxy can write the document in it. The
/// page keeps the choice; the proxy only reads it.
pub const LANGUAGE_COOKIE: &str = "deskbuy-language";

/// A language of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// 中文.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// Its BCP 47 tag, as in the document's `lang`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Chinese => Self::English,
            Self::English => Self::Chinese,
        }
    }

    /// Its name in itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chinese => "中文",
            Self::English => "English",
        }
    }

    /// The language of a tag such as `zh-Hant-TW`; none if the page does not speak it.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().get(..2)?;
        Self::ALL.into_iter().find(|language| language.tag()[..2].eq_ignore_ascii_case(primary))
    }

    /// The first language of the tags, best first, that the page speaks; English if it speaks none of them.
    pub fn preferred<T: AsRef<str>>(tags: impl IntoIterator<Item = T>) -> Self {
        tags.into_iter().find_map(|tag| Self::of_tag(tag.as_ref())).unwrap_or(Self::English)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_is_spoken_counts() {
        let check = |tags: &[&str], expect| assert_eq!(Language::preferred(tags), expect, "{tags:?}");
        check(&["zh-CN"], Language::Chinese);
        check(&["ZH-hant-tw", "en"], Language::Chinese);
        check(&["fr", "de-CH", "en-GB", "zh"], Language::English);
        check(&["de", "zh"], Language::Chinese);
        check(&["", "中文", "z"], Language::English);
        check(&[], Language::English);
    }
}
