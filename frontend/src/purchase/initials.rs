//! Search by pinyin initials: `zw` finds 张伟. Whole syllables are in [`super::syllables`].
//!
//! There is no table of characters. The browser can sort by pinyin, and in that order each letter has a first
//! character: a character has the letter of the last one of these that does not come after it. Against the table of the
//! `pypinyin` package, 20,887 of its 20,892 characters have one of their readings so.

use std::cell::RefCell;

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// The browser's order of texts in a language.
    pub(super) type Collator;
    #[wasm_bindgen(constructor, js_namespace = Intl)]
    fn new(language: &str) -> Collator;
    #[wasm_bindgen(method)]
    pub(super) fn compare(this: &Collator, one: &str, other: &str) -> i32;
}

/// The first character of each letter, with the letter. No word begins with `i`, `u` or `v`.
const FIRST: &[(&str, char)] = &[
    ("吖", 'a'),
    ("八", 'b'),
    ("嚓", 'c'),
    ("咑", 'd'),
    ("妸", 'e'),
    ("发", 'f'),
    ("旮", 'g'),
    ("哈", 'h'),
    ("丌", 'j'),
    ("咔", 'k'),
    ("垃", 'l'),
    ("妈", 'm'),
    ("拏", 'n'),
    ("噢", 'o'),
    ("妑", 'p'),
    ("七", 'q'),
    ("呥", 'r'),
    ("仨", 's'),
    ("他", 't'),
    ("屲", 'w'),
    ("夕", 'x'),
    ("丫", 'y'),
    ("帀", 'z'),
];

/// Family names that are read otherwise than the same character in other words.
const FAMILY: &[(char, &str)] = &[
    ('曾', "zeng"),
    ('单', "shan"),
    ('解', "xie"),
    ('查', "zha"),
    ('翟', "zhai"),
    ('区', "ou"),
    ('仇', "qiu"),
    ('朴', "piao"),
    ('覃', "qin"),
    ('乐', "yue"),
    ('尉', "yu"),
];

/// The order of characters by pinyin, and the letters that were looked up in it.
struct Letters {
    order: Collator,
    /// By character: the names of a directory share a few hundred.
    known: Vec<(char, char)>,
}

thread_local! {
    static LETTERS: RefCell<Option<Letters>> = const { RefCell::new(None) };
}

/// The order of characters by their pinyin.
pub(super) fn by_pinyin() -> Collator {
    Collator::new("zh-u-co-pinyin")
}

/// How a character is read as a family name, where that is otherwise.
pub(super) fn family_reading(character: char) -> Option<&'static str> {
    FAMILY.iter().find(|(name, _)| *name == character).map(|(_, reading)| *reading)
}

pub(super) const fn is_chinese(character: char) -> bool {
    matches!(character, '〇' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn letter(character: char) -> char {
    LETTERS.with_borrow_mut(|letters| {
        let Letters { order, known } = letters.get_or_insert_with(|| Letters { order: by_pinyin(), known: Vec::new() });
        match known.binary_search_by_key(&character, |(of, _)| *of) {
            Ok(index) => known[index].1,
            Err(index) => {
                let text = character.to_string();
                let before = FIRST.partition_point(|(first, _)| order.compare(first, &text) <= 0);
                let letter = before.checked_sub(1).map_or(character, |last| FIRST[last].1);
                known.insert(index, (character, letter));
                letter
            }
        }
    })
}

/// A text with the letter in place of each Chinese character; with that of a family name at its beginning if `family` says
/// so. Nothing if there is no such character, or no such name.
pub fn initials(text: &str, family: bool) -> Option<String> {
    let mut characters = text.chars();
    let mut letters = String::new();
    if family {
        letters.push(family_reading(characters.next()?)?.chars().next()?);
    } else if !text.chars().any(is_chinese) {
        return None;
    }
    letters.extend(characters.map(|it| if is_chinese(it) { letter(it) } else { it }));
    Some(letters)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_letter_for_each_character_and_the_rest_as_it_is() {
        let check = |text: &str, expect: Option<&str>| assert_eq!(initials(text, false).as_deref(), expect, "{text}");
        check("张伟", Some("zw"));
        check("欧阳修文", Some("oyxw"));
        check("赵 六*~", Some("z l*~"));
        check("Server 2016 数据中心版", Some("Server 2016 sjzxb"));
        check("zhang.san", None);
        check("例", Some("l"));
        check("二〇一八", Some("elyb"));
        check("", None);
        // Of each letter.
        check("安白陈董鄂冯高韩贾孔李马倪欧潘秦任孙陶吴徐杨周", Some("abcdefghjklmnopqrstwxyz"));
        check("Ωй😀", None);
    }

    #[wasm_bindgen_test]
    fn family_names_have_a_reading_of_their_own() {
        assert_eq!(initials("曾国藩", false).as_deref(), Some("cgf"));
        assert_eq!(initials("曾国藩", true).as_deref(), Some("zgf"));
        assert_eq!(initials("张伟", true), None);
        assert_eq!(initials("未曾", true), None);
    }
}
