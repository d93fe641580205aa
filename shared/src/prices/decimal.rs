//! Parses decimal texts exactly, as whole numbers of their smallest digit. No floating-point number is involved.

/// Why a text is no sum of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// Not digits, with or without a point and more digits.
    NotDecimal,
    /// More than four digits behind the point.
    TooFine,
    /// More than a price can be.
    TooMuch,
}

/// Reads digits, with or without a point and at most so many more digits, as a whole number of the smallest of them.
pub(super) fn parse_decimal(text: &str, decimals: u8) -> Result<u64, DecimalError> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if !digits(whole) || !digits(fraction) {
        return Err(DecimalError::NotDecimal);
    }
    let fraction = fraction.trim_end_matches('0');
    let missing = usize::from(decimals).checked_sub(fraction.len()).ok_or(DecimalError::TooFine)?;
    let all = format!("{whole}{fraction}{}", "0".repeat(missing));
    // Digits that are no number are too many of them.
    all.parse().map_err(|_| DecimalError::TooMuch)
}

impl std::fmt::Display for DecimalError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::NotDecimal => "is not a decimal number such as 0.85",
            Self::TooFine => "has too many digits behind the point",
            Self::TooMuch => "is more than a price can be",
        })
    }
}

impl std::error::Error for DecimalError {}
