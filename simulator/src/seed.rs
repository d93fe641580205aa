//! Seeded random generators. Each decision has a generator of its own, made from the run's seed and the decision's
//! name, so that concurrent calls do not influence one another.

use fastrand::Rng;

/// The generator for the `number`th decision of this name.
pub(crate) fn rng(seed: u64, name: &str, number: u64) -> Rng {
    // FNV-1a, written out because the standard library's hasher may change between releases.
    let bytes = seed.to_le_bytes().into_iter().chain(name.bytes()).chain(number.to_le_bytes());
    Rng::with_seed(
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_question_same_answer() {
        let draw = |seed, name, number| rng(seed, name, number).u64(..);
        assert_eq!(draw(1, "DescribeImages", 1), draw(1, "DescribeImages", 1));
        assert_ne!(draw(1, "DescribeImages", 1), draw(2, "DescribeImages", 1));
        assert_ne!(draw(1, "DescribeImages", 1), draw(1, "DescribeRegions", 1));
        assert_ne!(draw(1, "DescribeImages", 1), draw(1, "DescribeImages", 2));
    }
}
