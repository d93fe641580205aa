//! The closed sets of values that parameters take, each parsed once, at the edge.

use serde::{Deserialize, Serialize};

use crate::code::Code;

/// Declares an enum whose variants have one spelling each on the wire.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $Name:ident { $($(#[$variant_doc:meta])* $Variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $Name { $($(#[$variant_doc])* $Variant,)+ }

        impl $Name {
            /// All values, in the order in which a page shows them.
            pub const ALL: &[Self] = &[$(Self::$Variant),+];

            /// The spelling on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$Variant => $text),+ }
            }
        }

        impl std::str::FromStr for $Name {
            type Err = $crate::Code;
            fn from_str(text: &str) -> Result<Self, $crate::Code> {
                match text { $($text => Ok(Self::$Variant),)+ _ => Err($crate::Code::InvalidParameter) }
            }
        }

        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $Name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use wire_enum;

wire_enum! {
    /// 付费方式, billing kind (document 2.7.2, 2.8.2).
    ChargeType {
        /// Pay as you go; a desktop can be released at any time.
        PostPay = "POSTPAY",
        /// Subscription for a number of months; a desktop can be renewed.
        PrePay = "PREPAY",
    }
}

impl ChargeType {
    /// The `commodityCode` of the purchase page's address (document 1.1).
    #[must_use]
    pub const fn commodity_code(self) -> &'static str {
        match self {
            Self::PostPay => "CloudDesktopPost",
            Self::PrePay => "CloudDesktop",
        }
    }

    /// The billing kind that a `commodityCode` stands for.
    #[must_use]
    pub fn from_commodity_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.commodity_code() == code)
    }
}

wire_enum! {
    /// 镜像类型, whose image it is (document 2.4.2). The API takes `private` where none is given.
    ImageType {
        /// 系统镜像: comes with the product.
        Default = "default",
        /// 自定义镜像: made by the account.
        Private = "private",
    }
}

wire_enum! {
    /// 用户的登录角色组, the group in which the user signs in to the desktop (document 2.8.2).
    UserGroup {
        /// 普通用户.
        Users = "Users",
        /// 管理员.
        Administrators = "Administrators",
    }
}

wire_enum! {
    /// 云桌面实例的类型, family of desktop types (document 2.2.2).
    DesktopType {
        /// 通用类型.
        Common = "common",
        /// GPU类型.
        Gpu = "gpu",
    }
}

/// 购买资源的时长, months of a subscription: 1 to 9, 12, 24 or 36 (document 2.8.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period(u8);

impl Period {
    /// One month, the shortest.
    pub const ONE_MONTH: Self = Self(1);
    /// All periods on sale, shortest first.
    pub const ALL: &[Self] = &[
        Self(1),
        Self(2),
        Self(3),
        Self(4),
        Self(5),
        Self(6),
        Self(7),
        Self(8),
        Self(9),
        Self(12),
        Self(24),
        Self(36),
    ];

    /// The number of months.
    #[must_use]
    pub const fn months(self) -> u8 {
        self.0
    }
}

impl TryFrom<u64> for Period {
    type Error = Code;
    fn try_from(months: u64) -> Result<Self, Code> {
        Self::ALL.iter().copied().find(|period| u64::from(period.0) == months).ok_or(Code::PeriodInvalid)
    }
}

impl std::str::FromStr for Period {
    type Err = Code;
    fn from_str(text: &str) -> Result<Self, Code> {
        text.parse::<u64>().map_err(|_| Code::PeriodInvalid)?.try_into()
    }
}

impl Serialize for Period {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.0)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Takes a number, or a text with one: the document types it both ways (2.8.2 and 2.9.2).
        struct Months;
        impl serde::de::Visitor<'_> for Months {
            type Value = Period;
            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(Code::PeriodInvalid.as_str())
            }
            fn visit_u64<E: serde::de::Error>(self, months: u64) -> Result<Period, E> {
                Period::try_from(months).map_err(E::custom)
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Period, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Months)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_on_sale() {
        let check =
            |text: &str, expect: Option<u8>| assert_eq!(text.parse().ok().map(Period::months), expect, "{text}");
        for months in [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 24, 36] {
            check(&months.to_string(), Some(months));
        }
        for text in ["0", "10", "11", "13", "48", "-1", "1.0", "", "one", "99999999999999999999"] {
            check(text, None);
        }
        assert_eq!(serde_json::from_str::<Period>("12").unwrap(), serde_json::from_str::<Period>("\"12\"").unwrap());
        assert!(serde_json::from_str::<Period>("10").is_err());
    }

    #[test]
    fn wire_spelling_is_exact() {
        assert_eq!("POSTPAY".parse(), Ok(ChargeType::PostPay));
        assert_eq!("PostPay".parse::<ChargeType>(), Err(Code::InvalidParameter));
        assert_eq!(serde_json::to_string(&UserGroup::Administrators).unwrap(), "\"Administrators\"");
        assert_eq!(ChargeType::from_commodity_code("CloudDesktop"), Some(ChargeType::PrePay));
        assert_eq!(ChargeType::from_commodity_code("clouddesktop"), None);
    }
}
