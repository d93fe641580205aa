//! Numbers in the ways in which the upstream may write them: with a fraction of zeros, a unit, or a decimal comma. What
//! can be read in two ways is not read.

use shared::quantity::Quantity;

/// Names of units, in thousandths of the member's own unit.
type Units = &'static [(&'static str, u64)];

/// The units of members. Sizes are in GB, by which the vendor means GiB.
const UNITS: &[(&[&str], Units)] = &[
    (
        &["Memory", "SysDiskSize", "UserDiskSize"],
        &[("gib", 1_000), ("gi", 1_000), ("gb", 1_000), ("g", 1_000), ("tib", 1_024_000), ("ti", 1_024_000)],
    ),
    (&["Cpu"], &[("vcpus", 1_000), ("vcpu", 1_000), ("cores", 1_000), ("core", 1_000), ("核", 1_000), ("c", 1_000)]),
    (&["Gpu"], &[("gpus", 1_000), ("gpu", 1_000), ("卡", 1_000)]),
];

/// A number without a sign. Some writers give every number a fraction. An empty text is a zero.
pub(super) fn whole_number(text: &str) -> Option<u64> {
    let whole = text.split_once('.').filter(|(_, fraction)| fraction.bytes().all(|digit| digit == b'0'));
    match whole.map_or(text, |(whole, _)| whole) {
        "" => Some(0),
        digits => digits.parse().ok(),
    }
}

/// A quantity of a member, which may have the member's unit. An empty text is a zero.
pub(super) fn quantity(text: &str, member: &str) -> Option<Quantity> {
    if text.is_empty() {
        return Some(Quantity::ZERO);
    }
    let lower = text.to_lowercase();
    let end = lower.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(lower.len());
    let (number, unit) = (&lower[..end], lower[end..].trim());
    let thousandths = match unit {
        "" => 1_000,
        unit => {
            let (_, units) = UNITS.iter().find(|(members, _)| members.contains(&member))?;
            units.iter().find(|(name, _)| *name == unit)?.1
        }
    };
    let number: Quantity = without_comma(number)?.parse().ok()?;
    let scaled = number.as_thousandths().checked_mul(thousandths)?;
    scaled.is_multiple_of(1_000).then(|| Quantity::thousandths(scaled / 1_000)).flatten()
}

/// The number with a point for its decimal comma. A comma before three digits may separate thousands instead.
fn without_comma(number: &str) -> Option<String> {
    match number.split_once(',') {
        None if number.len() > 1 && number.starts_with('.') => Some(format!("0{number}")),
        None => Some(number.to_owned()),
        Some((whole, fraction)) => {
            let is_decimal = !fraction.contains(['.', ',']) && (fraction.len() != 3 || whole == "0");
            is_decimal.then(|| format!("{whole}.{fraction}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_with_and_without_units() {
        let check = |text: &str, member: &str, expect: &str| {
            let found = quantity(text, member).map_or_else(|| "none".to_owned(), |found| found.to_string());
            assert_eq!(found, expect, "{member} {text}");
        };
        for (text, expect) in [
            ("50", "50"),
            ("50G", "50"),
            ("50 GB", "50"),
            ("50gib", "50"),
            ("1.5 GiB", "1.5"),
            ("0,5", "0.5"),
            ("0,125", "0.125"),
            (".25", "0.25"),
            ("2.00", "2"),
            ("1 TiB", "1024"),
            ("", "0"),
        ] {
            check(text, "Memory", expect);
            check(text, "UserDiskSize", expect);
        }
        for text in ["512M", "1TB", "1,024", "1.2,3", "plenty", "-1", "G", "1.5.2", "4 vCPU", "1 e3", "½", ".", ".5.5"]
        {
            check(text, "Memory", "none");
        }
        check("4 vCPU", "Cpu", "4");
        check("4核", "Cpu", "4");
        check("0.5", "Gpu", "0.5");
        check("50G", "Gpu", "none");
        check("half", "Gpu", "none");
    }
}
