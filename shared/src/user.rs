//! Names and e-mail addresses of the people who get a desktop.

use serde::{Deserialize, Serialize};

use crate::{
    code::Code,
    typed::{clean, half_width, is_invisible, meant},
};

/// The name of a user to be created: 1 to 16 characters, none of them a control character (document 2.6.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);

/// The name of a user who exists already. The limit of 16 characters is `CreateUser`'s own, and a directory may hold
/// longer names; 1 to 256 characters, none of them a control character.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExistingUserName(String);

/// An e-mail address, checked for its form only: the person who gets the mail is the real check.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// The longest name that `CreateUser` takes, in characters.
pub const USER_NAME_LONGEST: usize = 16;

impl TryFrom<String> for UserName {
    type Error = Code;
    fn try_from(text: String) -> Result<Self, Code> {
        if text.chars().count() > USER_NAME_LONGEST {
            return Err(Code::UserNameTooLong);
        }
        // A directory may hold such a name; a new one would be told from no other.
        if text.chars().any(is_invisible) && !is_empty(&text) {
            return Err(Code::UserNameInvalid);
        }
        ExistingUserName::try_from(text).map(|name| Self(name.0))
    }
}

/// Whether nothing of a text can be seen.
fn is_empty(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

impl TryFrom<String> for ExistingUserName {
    type Error = Code;
    fn try_from(text: String) -> Result<Self, Code> {
        if is_empty(&text) {
            Err(Code::UserNameEmpty)
        } else if text.chars().count() > 256 {
            Err(Code::UserNameTooLong)
        } else if text.chars().any(char::is_control) || text.trim().len() != text.len() {
            Err(Code::UserNameInvalid)
        } else {
            Ok(Self(text))
        }
    }
}

impl TryFrom<String> for Email {
    type Error = Code;
    fn try_from(text: String) -> Result<Self, Code> {
        // Quotation marks, brackets and dots of other scripts are about the address, and not of it.
        let of_domain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
        let of_local = |c: char| of_domain(c) || "!#$%&'*+/=?^_`{|}~".contains(c);
        let fits = |(local, domain): (&str, &str)| {
            (1..=64).contains(&local.len())
                && text.len() <= 254
                && domain.split('.').count() >= 2
                && domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
                && local.chars().all(of_local)
                && domain.chars().all(of_domain)
                && !text.chars().any(|c| is_invisible(c) || half_width(c) != c)
                && !local.starts_with('.')
                && !local.ends_with('.')
                && !local.contains("..")
        };
        if text.rsplit_once('@').is_some_and(fits) { Ok(Self(text)) } else { Err(Code::EmailInvalid) }
    }
}

macro_rules! text_type {
    ($($Name:ident)*) => {$(
        impl $Name {
            /// The text as it goes on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<$Name> for String {
            fn from(name: $Name) -> Self {
                name.0
            }
        }

    )*};
}
text_type!(UserName ExistingUserName Email);

impl std::str::FromStr for UserName {
    type Err = Code;
    fn from_str(text: &str) -> Result<Self, Code> {
        meant(text).try_into()
    }
}

/// An address that a person typed or pasted: what came along does not count, and an input method's full-width characters
/// are ASCII.
#[must_use]
pub fn clean_email(text: &str) -> String {
    let text = clean(text);
    let text = text.trim_end_matches('.').chars().map(|c| if c == '。' { '.' } else { half_width(c) });
    text.collect::<String>().trim().to_owned()
}

impl std::str::FromStr for Email {
    type Err = Code;
    fn from_str(text: &str) -> Result<Self, Code> {
        clean_email(text).try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names() {
        let check = |text: &str, expect: Result<&str, Code>| {
            assert_eq!(text.parse::<UserName>().as_ref().map(UserName::as_str), expect.as_ref().copied(), "{text:?}");
        };
        check("zhang.san", Ok("zhang.san"));
        check("  zhang.san ", Ok("zhang.san"));
        check("张 三*~", Ok("张 三*~"));
        check("一二三四五六七八九十一二三四五六", Ok("一二三四五六七八九十一二三四五六"));
        check("a234567890123456", Ok("a234567890123456"));
        check("a2345678901234567", Err(Code::UserNameTooLong));
        check("", Err(Code::UserNameEmpty));
        check(" \t ", Err(Code::UserNameEmpty));
        check("a\u{0}b", Err(Code::UserNameInvalid));
        check("\u{200b}\u{2060}", Err(Code::UserNameEmpty));
        check("\u{202a}zhang.san\u{202c}。", Ok("zhang.san"));
        check("zhang\u{ad}.san；", Ok("zhang.san"));
        check("ｚｈａｎｇ．ｓａｎ－１", Ok("zhang.san-1"));
        check("张三（外包）", Ok("张三（外包）"));
        check("a\u{202e}b", Err(Code::UserNameInvalid));
        check("a\u{fffc}b", Err(Code::UserNameInvalid));
        check("张\u{a0}三\u{3000}", Ok("张 三"));
    }

    #[test]
    fn on_the_wire_nothing_is_cleaned() {
        let check = |text: &str, expect: Code| assert_eq!(UserName::try_from(text.to_owned()), Err(expect), "{text:?}");
        check("\u{200b}", Code::UserNameEmpty);
        check("a\u{200b}", Code::UserNameInvalid);
        check(" a", Code::UserNameInvalid);
        assert_eq!(ExistingUserName::try_from("\u{200b}".to_owned()), Err(Code::UserNameEmpty));
        assert!(ExistingUserName::try_from("a\u{200b}".to_owned()).is_ok(), "as the directory has it");
        for text in ["a@b.cn\u{200b}", "ａ@b.cn", "a＠b.cn", "a@b.cn。"] {
            assert_eq!(Email::try_from(text.to_owned()), Err(Code::EmailInvalid), "{text:?}");
        }
    }

    #[test]
    fn pasted_addresses_are_cleaned() {
        for text in [
            "a@b.cn。",
            "\u{202a}a@b.cn\u{202c}",
            "a@b.cn\u{200b}；",
            "ａ＠ｂ．ｃｎ",
            "a@b。cn，",
            "a@b.\u{ad}cn.",
            "a@b.cn\u{feff}",
        ] {
            assert_eq!(text.parse::<Email>().as_ref().map(Email::as_str), Ok("a@b.cn"), "{text:?}");
        }
    }

    #[test]
    fn a_directory_may_hold_longer_names() {
        assert!(ExistingUserName::try_from("a-name-of-more-than-16".to_owned()).is_ok());
        assert_eq!(ExistingUserName::try_from("n".repeat(257)), Err(Code::UserNameTooLong));
    }

    #[test]
    fn emails() {
        let check = |text: &str, expect: bool| assert_eq!(text.parse::<Email>().is_ok(), expect, "{text:?}");
        for text in ["a@b.cn", "a+b'c@例子.com", "first.last@sub.example.com", " padded@example.com "] {
            check(text, true);
        }
        for text in [
            "",
            "a",
            "a@",
            "@b.cn",
            "a@b",
            "a@b.",
            "a@.cn",
            "a@@b.cn",
            "a b@c.cn",
            "a@b..cn",
            ".a@b.cn",
            "a..b@c.cn",
            "a@-b.cn",
            "<a@b.cn>",
            "a@b.cn,c@d.cn",
            "a@b.cn”",
            "“a@b.cn",
            "a@b.cn》",
            "a@b.cn…",
            "a@b.cn？",
            "a@b.cn'",
            "a@b·cn",
            "《a》@b.cn",
        ] {
            check(text, false);
        }
        check(&format!("{}@example.com", "x".repeat(65)), false);
        check(&format!("a@{}.com", "x".repeat(250)), false);
    }
}
