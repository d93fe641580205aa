//! Quantities that may be fractions, such as half a GPU or 1.5 GB of memory, exact to a thousandth.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::code::Code;

/// A quantity of at least zero, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(u64);

const THOUSAND: u64 = 1_000;
/// Larger than anything that is counted here, and small enough to be exact as a JSON number.
const LARGEST: u64 = 1_000_000_000;

impl Quantity {
    /// None.
    pub const ZERO: Self = Self(0);

    /// A quantity of thousandths, unless it is beyond what is counted.
    #[must_use]
    pub const fn thousandths(thousandths: u64) -> Option<Self> {
        if thousandths <= LARGEST * THOUSAND { Some(Self(thousandths)) } else { None }
    }

    /// The quantity in thousandths.
    #[must_use]
    pub const fn as_thousandths(self) -> u64 {
        self.0
    }
}

impl From<u32> for Quantity {
    fn from(whole: u32) -> Self {
        Self((u64::from(whole)).min(LARGEST) * THOUSAND)
    }
}

impl fmt::Display for Quantity {
    /// As a browser writes the number: `2`, `0.5`, `1.125`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / THOUSAND, self.0 % THOUSAND);
        write!(out, "{whole}")?;
        if fraction == 0 {
            return Ok(());
        }
        let (digits, width) = if fraction.is_multiple_of(100) {
            (fraction / 100, 1)
        } else if fraction.is_multiple_of(10) {
            (fraction / 10, 2)
        } else {
            (fraction, 3)
        };
        write!(out, ".{digits:0width$}")
    }
}

impl FromStr for Quantity {
    type Err = Code;

    /// Reads a decimal number without a sign. Digits beyond the thousandths have to be zeros.
    fn from_str(text: &str) -> Result<Self, Code> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let fraction = fraction.trim_end_matches('0');
        if !are_digits(whole) || !(fraction.is_empty() || are_digits(fraction)) || fraction.len() > 3 {
            return Err(Code::InvalidParameter);
        }
        let whole = whole.parse::<u64>().ok().filter(|whole| *whole <= LARGEST).ok_or(Code::InvalidParameter)?;
        let fraction = format!("{fraction:0<3}").parse::<u64>().map_err(|_| Code::InvalidParameter)?;
        Self::thousandths(whole * THOUSAND + fraction).ok_or(Code::InvalidParameter)
    }
}

impl Serialize for Quantity {
    #[expect(clippy::cast_precision_loss, reason = "a quantity has fewer digits than a double")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(THOUSAND) {
            serializer.serialize_u64(self.0 / THOUSAND)
        } else {
            serializer.serialize_f64(self.0 as f64 / THOUSAND as f64)
        }
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl de::Visitor<'_> for Number {
            type Value = Quantity;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a quantity")
            }
            fn visit_u64<E: de::Error>(self, whole: u64) -> Result<Quantity, E> {
                let thousandths = whole.checked_mul(THOUSAND).and_then(Quantity::thousandths);
                thousandths.ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(whole), &self))
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked before")]
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Quantity, E> {
                let thousandths = (number * 1e3).round();
                let fits = (0.0..=1e12).contains(&thousandths) && (thousandths > 0.0 || number == 0.0);
                let quantity = fits.then(|| Quantity::thousandths(thousandths as u64)).flatten();
                quantity.ok_or_else(|| E::invalid_value(de::Unexpected::Float(number), &self))
            }
        }
        deserializer.deserialize_f64(Number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_and_json() {
        let check = |text: &str, shown: &str| {
            let quantity: Quantity = text.parse().unwrap();
            assert_eq!((quantity.to_string(), serde_json::to_string(&quantity).unwrap()), (shown.into(), shown.into()));
        };
        check("0", "0");
        check("4", "4");
        check("0.5", "0.5");
        check("1.50", "1.5");
        check("0.25", "0.25");
        check("1.125", "1.125");
        check("10.050", "10.05");
        check("2.0000", "2");
        for text in ["", ".", ".5", "-1", "+1", "1e3", "0,5", "1.0001", "1.x", "99999999999", " 1"] {
            assert!(text.parse::<Quantity>().is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_that_are_no_quantity() {
        for number in ["-1", "-0.5", "0.0001", "1e30", "\"1\"", "null"] {
            assert!(serde_json::from_str::<Quantity>(number).is_err(), "{number}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(thousandths in 0..=LARGEST * THOUSAND) {
            let quantity = Quantity(thousandths);
            prop_assert_eq!(quantity.to_string().parse(), Ok(quantity));
            prop_assert_eq!(serde_json::from_str::<Quantity>(&serde_json::to_string(&quantity).unwrap()).unwrap(), quantity);
        }
    }
}
