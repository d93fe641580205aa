//! Cleans text that people type or paste: invisible characters, full-width letters, and punctuation that came along.

/// Whether a character cannot be seen: zero-width and bidirectional controls, soft hyphen, fillers, tags.
#[must_use]
pub const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffc}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether an invisible character can be dropped from the middle of a text without changing what is read. Bidirectional
/// controls change the order, joiners the shape.
const fn is_droppable(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// The ASCII character that a full-width one stands for; any other as it is.
#[must_use]
pub const fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => match char::from_u32(c as u32 - 0xfee0) {
            Some(ascii) => ascii,
            None => c,
        },
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// A text with full-width characters as ASCII.
#[must_use]
pub fn narrow(text: &str) -> String {
    text.chars().map(half_width).collect()
}

/// Punctuation that is copied along with a text and belongs to the sentence around it.
const fn is_stray(c: char) -> bool {
    matches!(c, '。' | '；' | '，' | '、' | '！' | '：' | '｡' | '､' | ';' | ',')
}

/// The text without blanks and invisible characters at either end, stray punctuation at its end, and those invisible
/// characters inside that change nothing.
#[must_use]
pub fn clean(text: &str) -> String {
    let edge = |c: char| c.is_whitespace() || is_invisible(c);
    let kept = text.trim_start_matches(edge).trim_end_matches(|c: char| edge(c) || is_stray(c));
    kept.chars().filter(|c| !is_droppable(*c)).collect()
}

/// What is meant by a name that a person typed or pasted, to be kept, looked for or compared: what came along does not count,
/// and full-width letters and digits are ASCII. Full-width brackets stay: names have them.
#[must_use]
pub fn meant(text: &str) -> String {
    let letter = |c: char| match half_width(c) {
        // A blank of another width looks like one.
        _ if c.is_whitespace() && !c.is_control() => ' ',
        half if half.is_ascii_alphanumeric() || matches!(half, '.' | '-' | '_' | '@') => half,
        _ => c,
    };
    clean(text).chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_along_is_dropped() {
        let check = |text: &str, expect: &str| assert_eq!(clean(text), expect, "{text:?}");
        check(" zhang.san\u{200b}", "zhang.san");
        check("\u{202a}zhang.san\u{202c}。\u{feff}", "zhang.san");
        check("zhang\u{ad}.\u{200b}san；，", "zhang.san");
        check("张 三", "张 三");
        check("\u{200b}\u{2060} \u{3000}", "");
        check("\u{3164}\u{2800}", "");
        // What it looks like would change.
        check("a\u{202e}b", "a\u{202e}b");
    }

    #[test]
    fn what_is_meant() {
        assert_eq!(meant(" ｄｅｓｋ－１２。\u{200b}"), "desk-12");
        assert_eq!(meant("４，"), "4");
        assert_eq!(meant("张三（外包）"), "张三（外包）");
        assert_eq!(meant(" 研发（Ｂ２）　北京；"), "研发（B2） 北京");
    }

    #[test]
    fn full_width_letters() {
        assert_eq!(narrow("ｚｈａｎｇ＠ｅｘ．ｃｎ１张"), "zhang@ex.cn1张");
    }
}
