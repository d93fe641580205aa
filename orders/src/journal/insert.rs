//! Inserts of many rows by one statement each.

/// The most rows of one statement.
const LARGEST: usize = 64;

/// The rows in pieces whose lengths are powers of two: a statement is prepared, and kept, for each length.
pub(super) fn chunks<T>(mut rows: &[T]) -> Vec<&[T]> {
    let mut chunks = Vec::new();
    while !rows.is_empty() {
        let length = LARGEST.min(1 << rows.len().ilog2());
        let (chunk, rest) = rows.split_at(length);
        chunks.push(chunk);
        rows = rest;
    }
    chunks
}

/// The placeholders of a row of so many values, the last of which is written by `last`.
pub(super) fn places(row: usize, width: usize, last: impl Fn(String) -> String) -> String {
    let first = row * width + 1;
    let mut places: Vec<_> = (first..first + width).map(|place| format!("${place}")).collect();
    if let Some(place) = places.pop() {
        places.push(last(place));
    }
    format!("({})", places.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_lengths_hold_all_rows() {
        for count in 0..300_usize {
            let rows: Vec<_> = (0..count).collect();
            let chunks = chunks(&rows);
            assert!(chunks.iter().all(|chunk| chunk.len().is_power_of_two() && chunk.len() <= LARGEST));
            assert_eq!(chunks.concat(), rows);
        }
        assert_eq!(places(1, 3, |last| format!("f({last})")), "($4, $5, f($6))");
    }
}
