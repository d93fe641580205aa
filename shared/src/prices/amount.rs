//! Sums of money, exact to a ten-thousandth of the currency's unit. What a coin is, the currency knows.

use serde::{Deserialize, Serialize};

use super::{
    decimal::{DecimalError, parse_decimal},
    percent::Percent,
};

/// A sum of money, in ten-thousandths: hours are priced finer than coins. On the wire it is a decimal text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(u64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Digits behind the point that are kept.
    pub const DECIMALS: u8 = 4;
    /// The highest price of a price book. What it costs for the longest period and the most desktops still fits.
    pub const HIGHEST: Self = Self(100_000_000 * ONE);

    /// Reads a price for one hour or month, as operators write it.
    pub fn of_price(text: &str) -> Result<Self, DecimalError> {
        let amount: Self = text.parse()?;
        if amount > Self::HIGHEST { Err(DecimalError::TooMuch) } else { Ok(amount) }
    }

    /// The rest, or nothing if the other sum is higher.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Digits behind the point that it takes to write it.
    #[must_use]
    pub fn decimals(self) -> u8 {
        let (mut rest, mut decimals) = (self.0 % ONE, 0);
        while rest > 0 {
            rest = rest * 10 % ONE;
            decimals += 1;
        }
        decimals
    }

    /// The sum in ten-thousandths, as databases keep it.
    #[must_use]
    pub fn ten_thousandths(self) -> u64 {
        self.0
    }

    /// The sum of so many ten-thousandths.
    #[must_use]
    pub fn of_ten_thousandths(number: u64) -> Self {
        Self(number)
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// So many of it.
    #[must_use]
    pub fn times(self, number: u16) -> Self {
        Self(self.0.saturating_mul(u64::from(number)))
    }

    /// The rest after so much is taken off, with no more than so many decimals; half a coin is rounded up.
    pub(super) fn less(self, percent: Percent, decimals: u8) -> Self {
        let coin = 10_u64.pow(u32::from(Self::DECIMALS.saturating_sub(decimals)));
        // Both in one division, so that nothing is rounded twice.
        let divisor = Percent::WHOLE * coin;
        let rest = self.0.saturating_mul(percent.rest());
        Self((rest + divisor / 2) / divisor * coin)
    }
}

/// One unit of the currency.
const ONE: u64 = 10_u64.pow(Amount::DECIMALS as u32);

impl std::str::FromStr for Amount {
    type Err = DecimalError;
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        parse_decimal(text, Self::DECIMALS).map(Self)
    }
}

impl TryFrom<String> for Amount {
    type Error = DecimalError;
    fn try_from(text: String) -> Result<Self, DecimalError> {
        text.parse()
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

/// The shortest text that is exact. A precision, as in `{:.2}`, is the least number of decimals.
impl std::fmt::Display for Amount {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let decimals = out.precision().unwrap_or(0).clamp(usize::from(self.decimals()), usize::from(Self::DECIMALS));
        write!(out, "{}", self.0 / ONE)?;
        if decimals == 0 {
            return Ok(());
        }
        let fraction = format!("{:04}", self.0 % ONE);
        write!(out, ".{}", &fraction[..decimals])
    }
}
