//! Searching a long list at every key that is pressed. What is searched is folded and joined once, so that a search is a
//! single pass over one text, and makes nothing but the list of what it finds.

/// Between the texts; nobody can type it into a search field.
const END: char = '\n';

/// The texts of a list's rows, in one.
pub struct SearchIndex {
    /// All texts of all rows, each with its end.
    text: String,
    /// Where each row begins.
    starts: Vec<usize>,
}

impl SearchIndex {
    /// An index of rows, each found by any of its texts.
    pub fn new<'a, const N: usize>(rows: impl Iterator<Item = [&'a str; N]>) -> Self {
        let mut index = Self { text: String::new(), starts: Vec::new() };
        for row in rows {
            index.starts.push(index.text.len());
            for text in row {
                index.text.push_str(text);
                index.text.push(END);
            }
        }
        // Case beyond ASCII costs the module its tables, and Chinese has none.
        index.text.make_ascii_lowercase();
        index
    }

    /// The rows that hold a text, without regard to case, in their order.
    pub fn find(&self, needle: &str) -> Vec<usize> {
        let needle = needle.trim().to_ascii_lowercase();
        if needle.is_empty() {
            return (0..self.starts.len()).collect();
        }
        let mut hits = Vec::new();
        let mut row = 0;
        for (at, _) in self.text.match_indices(needle.as_str()) {
            while self.starts.get(row + 1).is_some_and(|start| *start <= at) {
                row += 1;
            }
            if hits.last() != Some(&row) {
                hits.push(row);
            }
        }
        hits
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn check(needle: &str, expect: &[usize]) {
        let rows = [["zhang.san", "zhang.san@Example.com"], ["张伟", ""], ["", ""], ["Alice", "a@example.com"]];
        assert_eq!(SearchIndex::new(rows.into_iter()).find(needle), expect, "{needle:?}");
    }

    #[wasm_bindgen_test]
    fn a_row_is_found_by_any_of_its_texts_once_and_in_either_case() {
        check("san", &[0]);
        check("EXAMPLE", &[0, 3]);
        check(" alice ", &[3]);
        check("张", &[1]);
        check("a", &[0, 3]);
        check("nobody", &[]);
    }

    #[wasm_bindgen_test]
    fn nothing_asked_is_every_row() {
        check("", &[0, 1, 2, 3]);
        check("  ", &[0, 1, 2, 3]);
    }

    #[wasm_bindgen_test]
    fn no_row_is_found_by_what_two_texts_have_between_them() {
        check("sanzhang", &[]);
        check("com张", &[]);
    }
}
