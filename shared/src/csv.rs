//! Comma-separated values (RFC 4180), written so that no spreadsheet takes a cell for a formula, and read in the shapes
//! that spreadsheets and people produce: commas, tabs or semicolons, any line end, with or without a byte order mark.

use std::borrow::Cow;

/// The byte order mark: without it spreadsheets read UTF-8 as the encoding of their country.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Appends a row, with its line end.
pub fn write_row<T: AsRef<str>>(out: &mut String, cells: impl IntoIterator<Item = T>) {
    let before = out.len();
    let (mut count, mut first) = (0_usize, true);
    for cell in cells {
        if !first {
            out.push(',');
        }
        first = false;
        count += 1;
        write_cell(out, cell.as_ref());
    }
    // An empty line would be no row.
    if count == 1 && out.len() == before {
        out.push_str("\"\"");
    }
    out.push_str("\r\n");
}

fn write_cell(out: &mut String, cell: &str) {
    let guard = if is_formula(cell) { "'" } else { "" };
    let cell = &*guarded_inside(cell);
    let quoted = cell.contains(['"', ',', ';', '\t', '\r', '\n', BYTE_ORDER_MARK_CHARACTER])
        || cell.starts_with(char::is_whitespace)
        || cell.ends_with(char::is_whitespace);
    if !quoted {
        out.push_str(guard);
        out.push_str(cell);
        return;
    }
    out.push('"');
    out.push_str(guard);
    for character in cell.chars() {
        if character == '"' {
            out.push('"');
        }
        out.push(character);
    }
    out.push('"');
}

const BYTE_ORDER_MARK_CHARACTER: char = '\u{feff}';

/// What a formula begins with: also in the full-width and small forms of these signs, which are the same to some programs.
const SIGNS: [char; 13] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '−'];
/// Where a reader that separates by semicolons or tabs begins a cell: it sees no quotes of a cell that follows a comma.
const BREAKS: [char; 4] = [';', '\t', '\r', '\n'];

/// The cell with an apostrophe between each break and a formula behind it.
fn guarded_inside(cell: &str) -> Cow<'_, str> {
    from_the_end(cell, |reversed| reversed.push('\''))
}

/// The cell without these apostrophes.
fn unguarded_inside(cell: &str) -> Cow<'_, str> {
    from_the_end(cell, |reversed| {
        if reversed.ends_with('\'') {
            reversed.pop();
        }
    })
}

/// Copies a text from its end, and does this where a formula follows a break. Apostrophes do not change what follows one.
fn from_the_end(cell: &str, between: impl Fn(&mut String)) -> Cow<'_, str> {
    if !cell.contains(BREAKS) {
        return Cow::Borrowed(cell);
    }
    let mut reversed = String::with_capacity(cell.len() + 1);
    let mut formula_follows = false;
    for character in cell.chars().rev() {
        if formula_follows && BREAKS.contains(&character) {
            between(&mut reversed);
        }
        reversed.push(character);
        let is_skipped = matches!(character, '\'' | '"') || character.is_whitespace();
        formula_follows = SIGNS.contains(&character) || is_skipped && formula_follows;
    }
    Cow::Owned(reversed.chars().rev().collect())
}

/// Whether a spreadsheet may take a cell for a formula, or for one behind an apostrophe, which is what guards it.
fn is_formula(cell: &str) -> bool {
    // Some skip blanks before they look.
    let text = cell.trim_start_matches(|c: char| c == '\'' || c.is_whitespace());
    text.starts_with(SIGNS) || cell.trim_start_matches('\'').starts_with(['\t', '\r', '\n'])
}

/// The cell without the apostrophes that guard it.
fn unguarded(cell: &str) -> String {
    let cell = cell.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(cell);
    unguarded_inside(cell).into_owned()
}

/// The rows of a text. Empty lines are none. The separator is the first of tab, comma and semicolon that the first line
/// has outside of quotes.
#[must_use]
pub fn read(text: &str) -> Vec<Vec<String>> {
    read_by(text, separator(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text))).rows
}

/// What was read of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The rows.
    pub rows: Vec<Vec<String>>,
    /// The line, from 1, of the first quote that took lines into its cell and was not closed where a cell ends. The lines are
    /// probably rows.
    pub open_quote: Option<usize>,
}

/// The rows of a text whose separator is known.
#[must_use]
pub fn read_by(text: &str, separator: char) -> Table {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut cell = String::new();
    // Whether the cell began with a quote, and whether that quote is open.
    let (mut quoted, mut open) = (false, false);
    let (mut line, mut opened_at, mut open_quote) = (1, 1, None);
    let mut characters = text.chars().peekable();
    let mut end_row = |row: &mut Vec<String>, cell: &mut String, quoted: &mut bool| {
        if !row.is_empty() || !cell.is_empty() || *quoted {
            row.push(unguarded(&std::mem::take(cell)));
            rows.push(std::mem::take(row));
        }
        *quoted = false;
    };
    while let Some(character) = characters.next() {
        match character {
            '"' if open && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' if open => {
                open = false;
                let ends = characters.peek().is_none_or(|next| *next == separator || matches!(next, '\r' | '\n'));
                if !ends && opened_at < line {
                    open_quote = open_quote.or(Some(opened_at));
                }
            }
            '"' if cell.is_empty() && !quoted => (quoted, open, opened_at) = (true, true, line),
            other if open => {
                line += usize::from(other == '\n' || other == '\r' && characters.peek() != Some(&'\n'));
                cell.push(other);
            }
            '\r' | '\n' => {
                if character == '\r' && characters.peek() == Some(&'\n') {
                    characters.next();
                }
                line += 1;
                end_row(&mut row, &mut cell, &mut quoted);
            }
            other if other == separator => {
                row.push(unguarded(&std::mem::take(&mut cell)));
                quoted = false;
            }
            other => cell.push(other),
        }
    }
    end_row(&mut row, &mut cell, &mut quoted);
    if open && opened_at < line {
        open_quote = open_quote.or(Some(opened_at));
    }
    Table { rows, open_quote }
}

fn separator(text: &str) -> char {
    let mut open = false;
    let mut found = None;
    for character in text.trim_start_matches(['\r', '\n']).chars() {
        match character {
            '"' => open = !open,
            _ if open => {}
            '\r' | '\n' => break,
            '\t' => return '\t',
            ',' => return found.unwrap_or(','),
            ';' if found.is_none() => found = Some(';'),
            _ => {}
        }
    }
    found.unwrap_or(',')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(rows: &[Vec<String>]) -> String {
        let mut out = BYTE_ORDER_MARK.to_owned();
        for row in rows {
            write_row(&mut out, row);
        }
        out
    }

    #[test]
    fn cells_as_they_are_written() {
        let check = |cells: &[&str], expect: &str| {
            let mut out = String::new();
            write_row(&mut out, cells);
            assert_eq!(out, expect);
        };
        check(&["a", "b c", ""], "a,b c,\r\n");
        check(&["a,b", "say \"no\"", "two\nlines"], "\"a,b\",\"say \"\"no\"\"\",\"two\nlines\"\r\n");
        check(&["=1+1", "+86", "-2", "@x", "＝x"], "'=1+1,'+86,'-2,'@x,'＝x\r\n");
        check(&["﹦1", "﹢1", "﹣1", "﹫x", "−1"], "'﹦1,'﹢1,'﹣1,'﹫x,'−1\r\n");
        check(&["'=1", " =1", "\t=1", "a=1", "'quoted"], "''=1,\"' =1\",\"'\t'=1\",a=1,'quoted\r\n");
        check(
            &["a;=1", "a; +1;b", "a\n\"-1", "a;b", "a;'=1"],
            "\"a;'=1\",\"a;' +1;b\",\"a\n'\"\"-1\",\"a;b\",\"a;''=1\"\r\n",
        );
        check(&["=\"a\",b"], "\"'=\"\"a\"\",b\"\r\n");
        check(&[""], "\"\"\r\n");
    }

    #[test]
    fn texts_as_people_have_them() {
        let check = |text: &str, expect: &[&[&str]]| assert_eq!(read(text), expect, "{text:?}");
        check("", &[]);
        check("\r\n\n", &[]);
        check("a\nb\r\nc\rd", &[&["a"], &["b"], &["c"], &["d"]]);
        check("a,b@x\n\n c , d ", &[&["a", "b@x"], &[" c ", " d "]]);
        check("a\tb,c\nd\te", &[&["a", "b,c"], &["d", "e"]]);
        check("a;b\nc;d", &[&["a", "b"], &["c", "d"]]);
        check("\u{feff}\"a;b\",c", &[&["a;b", "c"]]);
        // What is not closed ends with the text, and a quote inside a word is one.
        check("\"a\nb", &[&["a\nb"]]);
        check("5\" disk,b", &[&["5\" disk", "b"]]);
        check("\"a\"b,c", &[&["ab", "c"]]);
    }

    #[test]
    fn a_quote_that_takes_lines_is_told_with_its_line() {
        let check = |text: &str, expect: Option<usize>| assert_eq!(read_by(text, ',').open_quote, expect, "{text:?}");
        check("a,b\n\"c,d\ne,f\n", Some(2));
        check("a\r\r\"b\rc", Some(3));
        check("\"a\r\nb\",c\r\n\"d\r\ne", Some(3));
        // The next quote is taken for its end, and is not where a cell ends.
        check("x\n\"a,b\n\"c\",d", Some(2));
        check("\"two\nlines\",b\n\"c\"", None);
        check("\"a\"b,c\n5\" disk", None);
        check("a\n\"b", None);
    }

    /// The cells of a text as spreadsheets read it: a quote opens only where a cell begins.
    fn quotes_only_where_cells_begin(text: &str, separator: char) -> Vec<String> {
        let mut cells = vec![String::new()];
        let (mut begins, mut open) = (true, false);
        let mut characters = text.trim_start_matches(BYTE_ORDER_MARK).chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '"' if open && characters.peek() == Some(&'"') => {
                    characters.next();
                    cells.last_mut().unwrap().push('"');
                }
                '"' if open => open = false,
                '"' if begins => (begins, open) = (false, true),
                other if !open && (other == separator || matches!(other, '\r' | '\n')) => {
                    cells.push(String::new());
                    begins = true;
                }
                other => {
                    cells.last_mut().unwrap().push(other);
                    begins = false;
                }
            }
        }
        cells
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(rows in proptest::collection::vec(
            proptest::collection::vec("[=+@'\"\t\r\n,; ＝﹦a张\u{feff}-]{0,6}|.{0,5}", 1..5), 1..5,
        )) {
            // The first row of a file is its header, and says what separates: with commas more than one column.
            let mut all = vec![vec!["one".to_owned(), "two".to_owned()]];
            all.extend(rows);
            prop_assert_eq!(read(&written(&all)), all);
        }

        #[test]
        fn no_cell_is_a_formula(cell in "[ '\t\r\n]{0,3}[=+@-].{0,5}") {
            let mut out = String::new();
            write_row(&mut out, [&cell]);
            prop_assert!(out.trim_start_matches('"').starts_with('\''));
        }

        #[test]
        fn no_cell_is_a_formula_by_other_separators(
            rows in proptest::collection::vec(proptest::collection::vec("[=+@'\"\t\r\n,; ＝a-]{0,8}", 1..4), 1..4),
        ) {
            let text = written(&rows);
            for separator in [';', '\t'] {
                for cell in quotes_only_where_cells_begin(&text, separator) {
                    let shown = cell.trim_start();
                    prop_assert!(!shown.starts_with(SIGNS), "{shown:?} by {separator:?} of {text:?}");
                }
            }
        }

        #[test]
        fn nothing_panics(text in ".{0,40}") {
            let _ = read(&text);
        }
    }
}
