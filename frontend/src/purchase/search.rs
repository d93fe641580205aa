//! Incremental search in a long list. All texts are lower-cased and joined once. A longer search looks only at earlier
//! hits, from their positions on; a shorter one is on a stack of earlier results.

use std::sync::Arc;

use shared::typed::{clean, half_width, narrow};

use super::{initials::initials, syllables::spelled};

/// The separator between texts; it cannot be typed into a search field.
const END: char = '\n';

/// The texts of all rows, and the results of the searches that led to the present one.
pub struct SearchIndex {
    /// All texts of all rows, each followed by the separator.
    text: String,
    /// Where each row begins, and where the last one ends.
    starts: Vec<usize>,
    /// Searches with their hits, each a prefix of the next; the first is the empty one.
    steps: Vec<(String, Arc<Vec<Hit>>)>,
}

/// A hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// The index of the row.
    pub row: usize,
    /// The position of the first match in the joined text; of no meaning without a search.
    at: usize,
}

/// All rows, without a search.
pub fn every_row(count: usize) -> Arc<Vec<Hit>> {
    Arc::new((0..count).map(|row| Hit { row, at: 0 }).collect())
}

impl SearchIndex {
    /// An index of rows. A row is found by any of its texts, or by the pinyin of Chinese ones.
    pub fn new<'a, const N: usize>(rows: impl Iterator<Item = [&'a str; N]>) -> Self {
        let (mut text, mut starts, mut all) = (String::new(), vec![0], Vec::new());
        for (row, texts) in rows.enumerate() {
            all.push(Hit { row, at: text.len() });
            let mut add = |part: &str| {
                text.extend(part.chars().map(half_width));
                text.push(END);
            };
            for part in texts {
                add(part);
                if !part.is_ascii() {
                    for family in [false, true] {
                        let readings = [initials(part, family), spelled(part, family)];
                        readings.into_iter().flatten().for_each(|read| add(&read));
                    }
                }
            }
            starts.push(text.len());
        }
        // Unicode case folding would add its tables to the module, and Chinese has no case.
        text.make_ascii_lowercase();
        Self { text, starts, steps: vec![(String::new(), Arc::new(all))] }
    }

    /// The rows that contain a text, ignoring ASCII case, in their order.
    pub fn find(&mut self, needle: &str) -> Arc<Vec<Hit>> {
        let needle = clean(&narrow(needle)).to_ascii_lowercase();
        while self.steps.last().is_some_and(|(before, _)| !needle.starts_with(before.as_str())) {
            self.steps.pop();
        }
        let (before, hits) = self.steps.last().cloned().unwrap_or_default();
        if before == needle {
            return hits;
        }
        let (text, wanted) = (self.text.as_bytes(), needle.as_bytes());
        let again = |&Hit { row, mut at }: &Hit| {
            // The first byte rules out most positions.
            loop {
                at += text[at..self.starts[row + 1]].iter().position(|byte| *byte == wanted[0])?;
                if text[at..].starts_with(wanted) {
                    return Some(Hit { row, at });
                }
                at += 1;
            }
        };
        let hits = Arc::new(hits.iter().filter_map(again).collect::<Vec<_>>());
        self.steps.push((needle, Arc::clone(&hits)));
        hits
    }
}

/// Whether any text contains the search, or its pinyin initials do, ignoring ASCII case.
pub fn matches(needle: &str, texts: &[&str]) -> bool {
    // Unicode case folding would add its tables to the module, and Chinese has no case.
    let needle = clean(&narrow(needle)).to_ascii_lowercase();
    let holds = |text: &str| narrow(text).to_ascii_lowercase().contains(&needle);
    needle.is_empty() || texts.iter().any(|text| holds(text) || initials(text, false).is_some_and(|text| holds(&text)))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn check(needle: &str, expect: &[usize]) {
        let rows = [["zhang.san", "zhang.san@Example.com"], ["张伟", ""], ["", ""], ["Alice", "a@example.com"]];
        assert_eq!(found(&mut SearchIndex::new(rows.into_iter()), needle), expect, "{needle:?}");
    }

    fn found(index: &mut SearchIndex, needle: &str) -> Vec<usize> {
        index.find(needle).iter().map(|hit| hit.row).collect()
    }

    #[wasm_bindgen_test]
    fn a_row_is_found_by_any_of_its_texts_once_and_in_either_case() {
        check("san", &[0]);
        check("EXAMPLE", &[0, 3]);
        check(" alice ", &[3]);
        check("ａｌｉｃｅ", &[3]);
        check("　ＳＡＮ", &[0]);
        // As it is pasted.
        check("\u{202a}zhang\u{200b}.san。", &[0]);
        check("\u{3164}", &[0, 1, 2, 3]);
        check("张", &[1]);
        check("a", &[0, 3]);
        check("nobody", &[]);
        // By initials, of both readings of a family name.
        check("zw", &[1]);
        let mut index = SearchIndex::new([["曾国藩", ""], ["国藩", ""]].into_iter());
        assert_eq!(
            [found(&mut index, "cgf"), found(&mut index, "zgf"), found(&mut index, "gf")],
            [vec![0], vec![0], vec![0, 1]]
        );
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

    #[wasm_bindgen_test]
    fn each_key_finds_what_a_search_anew_would_find() {
        let rows = [["aab", "ab"], ["ba", "aba"], ["张a", "b张"], ["abc", "aabc"], ["", "c"]];
        let mut index = SearchIndex::new(rows.into_iter());
        // Longer, shorter, other from the middle on, the same, gone.
        for needle in ["a", "ab", "abc", "ab", "a", "aa", "aab", "b", "ba", "张", "张a", "", "a ", "aba", "c", "c", ""]
        {
            let anew = found(&mut SearchIndex::new(rows.into_iter()), needle);
            assert_eq!(found(&mut index, needle), anew, "{needle:?}");
            let expect = rows.iter().enumerate().filter(|(_, row)| row.iter().any(|text| text.contains(needle.trim())));
            assert_eq!(anew, expect.map(|(index, _)| index).collect::<Vec<_>>(), "{needle:?}");
        }
    }
}
