//! Identifiers that the upstream gives out. They are opaque; parsing only keeps out what can be no identifier.

use serde::{Deserialize, Serialize};

use crate::code::Code;

/// Declares an identifier: a short text of visible ASCII without blanks.
macro_rules! id {
    ($(#[$doc:meta])* $Name:ident, $accepts:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $Name(String);

        impl $Name {
            /// The identifier as it goes on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $Name {
            type Error = Code;
            fn try_from(text: String) -> Result<Self, Code> {
                let accepts: fn(&str) -> bool = $accepts;
                if accepts(&text) { Ok(Self(text)) } else { Err(Code::InvalidParameter) }
            }
        }

        impl std::str::FromStr for $Name {
            type Err = Code;
            fn from_str(text: &str) -> Result<Self, Code> {
                text.to_owned().try_into()
            }
        }

        impl From<$Name> for String {
            fn from(id: $Name) -> Self {
                id.0
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}

fn visible(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A region's name becomes part of a host name, so it is a DNS label.
fn dns_label(text: &str) -> bool {
    visible(text, 63)
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

id!(
    /// 地域, for example `cn-hangzhou`: lower-case letters, digits and hyphens.
    RegionId, dns_label
);
id!(
    /// 可用区, for example `cn-hangzhou-b`.
    ZoneId, |text| visible(text, 128)
);
id!(
    /// 专有网络, for example `vpc-bp1…`.
    VpcId, |text| visible(text, 128)
);
id!(
    /// 交换机, for example `vsw-bp1…`.
    VSwitchId, |text| visible(text, 128)
);
id!(
    /// 桌面规格, for example `desktop.n1.small` (document 2.2.3).
    TypeItemId, |text| visible(text, 128)
);
id!(
    /// 镜像 (document 2.4.3).
    ImageId, |text| visible(text, 128)
);
id!(
    /// 云桌面实例 (document 2.8.3).
    DesktopId, |text| visible(text, 128)
);
id!(
    /// 购买的订单 (document 2.8.3).
    OrderId, |text| visible(text, 128)
);
id!(
    /// Makes a write happen at most once upstream: 1 to 64 visible ASCII characters, a UUID by custom (document
    /// 2.8.2). Made by the page when the review opens.
    ClientToken, |text| visible(text, 64)
);
id!(
    /// 虚商模式: the account that a reseller buys for, a number (document 2.8.2). Comes from the proxy's settings
    /// or from a claim of who signed in, never from a browser.
    OwnerId, |text| visible(text, 20) && text.bytes().all(|byte| byte.is_ascii_digit())
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_an_identifier() {
        let check = |text: &str, expect: bool| assert_eq!(text.parse::<ZoneId>().is_ok(), expect, "{text:?}");
        check("cn-hangzhou-b", true);
        check("cn-hangzhou-MAZ1(b,c)", true);
        check("", false);
        check("cn hangzhou", false);
        check("可用区", false);
        check(&"z".repeat(129), false);
    }

    #[test]
    fn a_region_is_a_host_label() {
        let check = |text: &str, expect: bool| assert_eq!(text.parse::<RegionId>().is_ok(), expect, "{text:?}");
        check("cn-hangzhou", true);
        check("cn-hangzhou.evil.example", false);
        check("evil.example/", false);
        check("-cn", false);
        check("CN-HANGZHOU", false);
    }
}
