//! Parts of a whole in percent, exact to a hundredth of one.

use serde::{Deserialize, Serialize};

use super::decimal::{DecimalError, parse_decimal};

/// More than nothing and less than all, in hundredths of a percent. On the wire it is a decimal text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Percent(u16);

/// A text that is no such percentage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PercentError;

impl Percent {
    /// Hundredths of a percent in a whole.
    pub(super) const WHOLE: u64 = 10_000;
    const DECIMALS: u8 = 2;

    /// What is left of the whole, in hundredths of a percent.
    pub(super) fn rest(self) -> u64 {
        Self::WHOLE - u64::from(self.0)
    }
}

impl std::str::FromStr for Percent {
    type Err = PercentError;
    fn from_str(text: &str) -> Result<Self, PercentError> {
        let hundredths = parse_decimal(text, Self::DECIMALS).map_err(|_: DecimalError| PercentError)?;
        let part = hundredths > 0 && hundredths < Self::WHOLE;
        u16::try_from(hundredths).ok().filter(|_| part).map(Self).ok_or(PercentError)
    }
}

impl TryFrom<String> for Percent {
    type Error = PercentError;
    fn try_from(text: String) -> Result<Self, PercentError> {
        text.parse()
    }
}

impl From<Percent> for String {
    fn from(percent: Percent) -> Self {
        percent.to_string()
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, fraction) = (self.0 / 100, self.0 % 100);
        match fraction {
            0 => write!(out, "{whole}"),
            tenths if tenths % 10 == 0 => write!(out, "{whole}.{}", tenths / 10),
            hundredths => write!(out, "{whole}.{hundredths:02}"),
        }
    }
}

impl std::fmt::Display for PercentError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("is not more than 0 and less than 100, with at most two digits behind the point")
    }
}

impl std::error::Error for PercentError {}
