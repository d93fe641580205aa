//! Files of sections, names and values, as far as credentials files go. What the names mean is known by
//! [`super::profiles`]. Errors name a line and never what is in it.

use std::collections::BTreeMap;

/// Names and values of a section.
pub(super) type Section = BTreeMap<String, String>;

/// A line, from 1, that is neither section nor name and value nor remark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadLine(pub(super) usize);

/// The section of a name, if there is one. Of what is there twice the later counts.
pub(super) fn section(text: &str, name: &str) -> Result<Option<Section>, BadLine> {
    let mut found: Option<Section> = None;
    let mut is_here = false;
    for (index, line) in text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let title = rest.split_once(']').ok_or(BadLine(index + 1))?.0;
            is_here = title.trim() == name;
            if is_here {
                found.get_or_insert_default();
            }
            continue;
        }
        let (key, value) = line.split_once('=').ok_or(BadLine(index + 1))?;
        if let (true, Some(section)) = (is_here, &mut found) {
            section.insert(key.trim().to_ascii_lowercase(), unquoted(value.trim()).to_owned());
        }
    }
    Ok(found)
}

/// Whether there is any section.
pub(super) fn has_sections(text: &str) -> bool {
    text.lines().any(|line| line.trim_start_matches('\u{feff}').trim_start().starts_with('['))
}

/// Without quotes around it, and without a remark behind it.
fn unquoted(value: &str) -> &str {
    let is_remark = |text: &str| text.trim_start().is_empty() || text.trim_start().starts_with(['#', ';']);
    for quote in ['"', '\''] {
        let Some(rest) = value.strip_prefix(quote) else { continue };
        if let Some(inner) = rest.strip_suffix(quote) {
            return inner;
        }
        if let Some((inner, _)) = rest.split_once(quote).filter(|(_, behind)| is_remark(behind)) {
            return inner;
        }
    }
    let remark = value.match_indices(['#', ';']).find(|(at, _)| value[..*at].ends_with([' ', '\t']));
    remark.map_or(value, |(at, _)| value[..at].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::btree_map, prelude::*};

    const FILE: &str = "\u{feff}# a remark\r\n[default]\r\ntype = access_key\r\nAccess_Key_Id=id=with=signs  ; a remark\r\n\
                        access_key_secret = \"a # b\"\r\n\r\n[ other ]\ntype='ecs_ram_role'\nrole_name=\n[default]\nmore=#1";

    #[test]
    fn sections() {
        let check = |name: &str, expect: Option<&[(&str, &str)]>| {
            let expect = expect.map(|list| list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
            assert_eq!(section(FILE, name), Ok(expect), "{name}");
        };
        check(
            "default",
            Some(&[
                ("type", "access_key"),
                ("access_key_id", "id=with=signs"),
                ("access_key_secret", "a # b"),
                ("more", "#1"),
            ]),
        );
        check("other", Some(&[("type", "ecs_ram_role"), ("role_name", "")]));
        check("Other", None);
        check("", None);
    }

    #[test]
    fn quotes_and_remarks() {
        let check = |value: &str, expect: &str| assert_eq!(unquoted(value), expect, "{value}");
        check("a b", "a b");
        check("'a # b'", "a # b");
        check("\"a\" # remark", "a");
        check("'a;b'\t; it's", "a;b");
        check("\"a\"b", "\"a\"b");
        check("\"a", "\"a");
        check("a#b # c", "a#b");
    }

    #[test]
    fn a_line_that_is_nothing_is_told_by_its_number() {
        let check = |text: &str, line: usize| assert_eq!(section(text, "default"), Err(BadLine(line)), "{text}");
        check("nonsense", 1);
        check("[default]\n\na", 3);
        check("[default\na=1", 1);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in any::<String>(), name in any::<String>()) {
            let _ = section(&text, &name);
        }

        /// Lines that look like it, which texts out of nothing rarely do.
        #[test]
        fn nothing_like_it_panics(text in "([\\[\\]=#;'\" \tab\u{e9}\r\n]{0,8}\n){0,8}") {
            let _ = section(&text, "a");
        }

        #[test]
        fn what_was_written_is_read(
            sections in btree_map("[a-z]{1,8}", btree_map("[a-z_]{1,8}", "[!-~]([ -~\u{4e00}-\u{4eff}]{0,20}[!-~])?", 0..6), 0..5),
            quoted in any::<bool>(),
        ) {
            // A value with both a remark's sign and the quotes around it cannot be written at all.
            let can_be = |value: &str| quoted || !(value.contains(['#', ';']) || value.starts_with(['"', '\'']));
            let sections: BTreeMap<_, Section> = sections.into_iter()
                .map(|(name, values)| (name, values.into_iter().filter(|(_, value)| can_be(value)).collect()))
                .collect();
            let line = |(key, value): (&String, &String)| {
                if quoted { format!("{key} = \"{value}\"") } else { format!("{key}={value}") }
            };
            let lines = |values: &Section| values.iter().map(line).collect::<Vec<_>>().join("\n");
            let text = sections.iter().map(|(name, values)| format!("[{name}]\n{}\n", lines(values)));
            let text = text.collect::<String>();
            for (name, values) in &sections {
                prop_assert_eq!(section(&text, name), Ok(Some(values.clone())));
            }
        }
    }
}
