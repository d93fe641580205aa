//! Search by whole pinyin: `zhangwei` finds 张伟.
//!
//! As with initials, the browser's order of characters tells the reading: in it each syllable has a first character. The
//! table of these is a file of its own, `pinyin.txt`. It is fetched with the first search that may need it, so that no first
//! view pays for it. Against the table of the `pypinyin` package, 20,882 of its 20,888 characters have one of their readings
//! so.

use std::cell::RefCell;

use super::initials::{Collator, by_pinyin, family_reading, is_chinese};
use crate::api;

/// The file: the first character of each syllable, followed by the syllable.
const FILE: &str = "pinyin.txt";

/// The order of characters, the table, and the syllables that were looked up in it.
struct Syllables {
    order: Collator,
    table: Vec<(String, String)>,
    /// By character, as a place in the table.
    known: Vec<(char, usize)>,
}

thread_local! {
    static SYLLABLES: RefCell<Option<Syllables>> = const { RefCell::new(None) };
}

/// Whether the table is there.
pub fn has_table() -> bool {
    SYLLABLES.with_borrow(Option::is_some)
}

/// Fetches the table; whether it is there now.
pub async fn load() -> bool {
    if !has_table()
        && let Ok(text) = api::file(FILE).await
    {
        SYLLABLES.set(Some(Syllables { order: by_pinyin(), table: read(&text), known: Vec::new() }));
    }
    has_table()
}

fn read(text: &str) -> Vec<(String, String)> {
    let mut table: Vec<(String, String)> = Vec::new();
    for character in text.trim().chars() {
        match table.last_mut() {
            Some((_, syllable)) if character.is_ascii() => syllable.push(character),
            _ => table.push((character.to_string(), String::new())),
        }
    }
    table
}

impl Syllables {
    fn of(&mut self, character: char) -> Option<&str> {
        let place = match self.known.binary_search_by_key(&character, |(of, _)| *of) {
            Ok(index) => self.known[index].1,
            Err(index) => {
                let text = character.to_string();
                let before = self.table.partition_point(|(first, _)| self.order.compare(first, &text) <= 0);
                let place = before.checked_sub(1)?;
                self.known.insert(index, (character, place));
                place
            }
        };
        self.table.get(place).map(|(_, syllable)| syllable.as_str())
    }
}

/// A text with its syllable in place of each Chinese character; with that of a family name at its beginning if `family` says
/// so. Nothing without the table, or if there is no such character, or no such name.
pub fn spelled(text: &str, family: bool) -> Option<String> {
    if has_table() { spell(text, family) } else { None }
}

#[inline(never)]
fn spell(text: &str, family: bool) -> Option<String> {
    let mut characters = text.chars();
    let mut letters = String::new();
    if family {
        letters.push_str(family_reading(characters.next()?)?);
    } else if !text.chars().any(is_chinese) {
        return None;
    }
    SYLLABLES.with_borrow_mut(|syllables| {
        let syllables = syllables.as_mut()?;
        for character in characters {
            match if is_chinese(character) { syllables.of(character) } else { None } {
                Some(syllable) => letters.push_str(syllable),
                None => letters.push(character),
            }
        }
        Some(letters)
    })
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_syllable_for_each_character_and_the_rest_as_it_is() {
        let table = read(include_str!("../../pinyin.txt"));
        SYLLABLES.set(Some(Syllables { order: by_pinyin(), table, known: Vec::new() }));
        let check = |text: &str, expect: Option<&str>| assert_eq!(spelled(text, false).as_deref(), expect, "{text}");
        check("张伟", Some("zhangwei"));
        check("欧阳修文", Some("ouyangxiuwen"));
        check("吕 女1", Some("lv nv1"));
        check("诸葛孔明", Some("zhugekongming"));
        check("zhang.san", None);
        assert_eq!(spelled("曾国藩", true).as_deref(), Some("zengguofan"));
        assert_eq!(spelled("张伟", true), None);
        SYLLABLES.set(None);
        check("张伟", None);
    }
}
