//! The operator's file of order fields (deploy/order-fields.example.toml): parses it at the start, and reports all errors at
//! once, each with its line. What the fields are for is in [`orders::OrderFieldRules`].

use std::ops::Range;

use orders::{FieldRule, OrderFieldRules, whole};
use shared::order::fields::{
    LONGEST_KEY, LONGEST_VALUE, LONGEST_VALUES, MOST_FIELDS, OrderField, Texts, is_key, is_plain,
};
use toml::de::{DeTable, DeValue};

use crate::operator_file::{FileError, FileErrors, Value, parse};

/// The longest label and hint, in characters.
const LONGEST_TEXT: usize = 60;
/// The longest pattern, in bytes.
const LONGEST_PATTERN: usize = 200;
/// The most choices of a field.
const MOST_CHOICES: usize = 100;
/// The longest value where the file says nothing, in characters.
const USUAL_LENGTH: usize = 64;

/// Parses a file.
pub fn read(text: &str) -> Result<OrderFieldRules, Vec<FileError>> {
    let rules = parse(text, |document, errors| Reader { errors }.rules(document))?;
    Ok(rules.into_iter().collect())
}

struct Reader<'a, 'e> {
    errors: &'a mut FileErrors<'e>,
}

impl Reader<'_, '_> {
    fn rules(&mut self, document: &DeTable<'_>) -> Vec<FieldRule> {
        const FORM: &str = "a field begins with [[field]], in two brackets";
        self.errors.check_names(document, &["field"]);
        let Some(value) = document.get("field") else {
            return self.errors.wrong(0..0, "there is no [[field]]").unwrap_or_default();
        };
        let DeValue::Array(values) = value.get_ref() else {
            return self.errors.wrong(value.span(), FORM).unwrap_or_default();
        };
        let mut rules: Vec<FieldRule> = Vec::new();
        for value in values {
            let DeValue::Table(table) = value.get_ref() else {
                self.errors.add(value.span(), FORM);
                continue;
            };
            let Some(rule) = self.rule(table, &value.span()) else { continue };
            let is_same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
            let (key, label) = (&rule.field.key, &rule.field.label);
            if rules.iter().any(|other| other.field.key == *key) {
                self.errors.add(value.span(), format_args!("the key {key:?} is there twice"));
            } else if rules
                .iter()
                .map(|other| &other.field.label)
                .any(|other| is_same(&other.en, &label.en) || is_same(&other.zh, &label.zh))
            {
                self.errors.add(value.span(), "a label of another field is the same");
            } else {
                rules.push(rule);
            }
        }
        let longest = |rule: &FieldRule| {
            let choices = rule.field.choices.iter().map(|choice| choice.chars().count());
            choices.max().unwrap_or(rule.field.max_length)
        };
        let all: usize = rules.iter().map(longest).sum();
        if all > LONGEST_VALUES {
            let form = format_args!(
                "values of all fields may be {all} characters long, more than {LONGEST_VALUES}: lower `max_length`"
            );
            self.errors.add(0..0, form);
        }
        if values.len() > MOST_FIELDS {
            self.errors.add(0..0, format_args!("there are {} fields, more than {MOST_FIELDS}", values.len()));
        }
        rules
    }

    fn rule(&mut self, table: &DeTable<'_>, at: &Range<usize>) -> Option<FieldRule> {
        self.errors.check_names(
            table,
            &["key", "label", "required", "pattern", "hint", "choices", "max_length", "default_claim", "personal_data"],
        );
        let before = self.errors.count();
        let form = format!(
            "`key` is not 1 to {LONGEST_KEY} lower-case letters, digits and underscores that begin with a letter"
        );
        let key = match table.get("key") {
            None => self.errors.wrong(at.clone(), "there is no `key`"),
            Some(value) => {
                let key = text_of(value).filter(|text| is_key(text)).map(str::to_owned);
                key.or_else(|| self.errors.wrong(value.span(), form))
            }
        };
        let label = match table.get("label") {
            None => self
                .errors
                .wrong(at.clone(), "there is no `label`, such as label = { zh = \"成本中心\", en = \"Cost centre\" }"),
            Some(value) => self.texts("label", value),
        };
        let hint = table.get("hint").map(|value| self.texts("hint", value));
        let required = self.flag(table, "required", false);
        // Whatever people type may name somebody.
        let personal_data = self.flag(table, "personal_data", true);
        let default_claim = table.get("default_claim").map(|value| {
            let claim = text_of(value).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
            claim.or_else(|| self.errors.wrong(value.span(), "`default_claim` is no claim, such as department"))
        });
        let choices = table.get("choices").map(|value| self.choices(value)).unwrap_or_default();
        let max_length = match table.get("max_length") {
            None if choices.is_empty() => USUAL_LENGTH,
            None => LONGEST_VALUE,
            Some(value) => {
                let form = format!("`max_length` is no number from 1 to {LONGEST_VALUE}");
                number(value)
                    .filter(|most| (1..=LONGEST_VALUE).contains(most))
                    .or_else(|| self.errors.wrong(value.span(), form))?
            }
        };
        let pattern = table.get("pattern").and_then(|value| self.pattern(value, table));
        if let (Some(value), false) = (table.get("max_length"), choices.is_empty()) {
            self.errors.add(value.span(), "`max_length` has no meaning beside `choices`");
        }
        if self.errors.count() > before {
            return None;
        }
        let (pattern, compiled) = pattern.unzip();
        let hint = hint.flatten();
        let field =
            OrderField { key: key?, label: label?, required, pattern, hint, choices, max_length, default: None };
        Some(FieldRule { field, pattern: compiled, default_claim: default_claim.flatten(), personal_data })
    }

    fn pattern(&mut self, value: &Value<'_>, table: &DeTable<'_>) -> Option<(String, regex_lite::Regex)> {
        if table.contains_key("choices") {
            return self.errors.wrong(value.span(), "`pattern` is there beside `choices`");
        }
        if !table.contains_key("hint") {
            return self.errors.wrong(value.span(), "`pattern` needs a `hint` that says what a value looks like");
        }
        let Some(pattern) = text_of(value).filter(|text| (1..=LONGEST_PATTERN).contains(&text.len())) else {
            return self
                .errors
                .wrong(value.span(), format_args!("`pattern` is no text of 1 to {LONGEST_PATTERN} characters"));
        };
        match whole(pattern) {
            Ok(compiled) => Some((pattern.to_owned(), compiled)),
            Err(error) => self.errors.wrong(value.span(), format_args!("`pattern` is no regular expression: {error}")),
        }
    }

    fn choices(&mut self, value: &Value<'_>) -> Vec<String> {
        let form = format!(
            "`choices` is no list of 1 to {MOST_CHOICES} different texts of at most {LONGEST_VALUE} characters"
        );
        let DeValue::Array(values) = value.get_ref() else {
            return self.errors.wrong(value.span(), form).unwrap_or_default();
        };
        let mut choices: Vec<String> = Vec::new();
        for value in values {
            let fits = |text: &&str| {
                let is_clean = !text.is_empty() && *text == text.trim() && is_plain(text);
                is_clean && text.chars().count() <= LONGEST_VALUE && choices.iter().all(|other| other != text)
            };
            match text_of(value).filter(fits) {
                Some(text) => choices.push(text.to_owned()),
                None => return self.errors.wrong(value.span(), form).unwrap_or_default(),
            }
        }
        let fits = (1..=MOST_CHOICES).contains(&choices.len());
        if fits { choices } else { self.errors.wrong(value.span(), form).unwrap_or_default() }
    }

    /// A text in both languages.
    fn texts(&mut self, name: &str, value: &Value<'_>) -> Option<Texts> {
        let form =
            format!("`{name}` is no {{ zh = \"…\", en = \"…\" }}, each of 1 to {LONGEST_TEXT} characters in a line");
        let DeValue::Table(table) = value.get_ref() else { return self.errors.wrong(value.span(), form) };
        self.errors.check_names(table, &["zh", "en"]);
        let text = |language: &str| {
            let text = table.get(language).and_then(text_of).map(str::trim);
            let fits = |text: &&str| (1..=LONGEST_TEXT).contains(&text.chars().count()) && is_plain(text);
            text.filter(fits).map(str::to_owned)
        };
        match (text("zh"), text("en")) {
            (Some(zh), Some(en)) => Some(Texts { zh, en }),
            _ => self.errors.wrong(value.span(), form),
        }
    }

    fn flag(&mut self, table: &DeTable<'_>, name: &str, otherwise: bool) -> bool {
        let Some(value) = table.get(name) else { return otherwise };
        match value.get_ref() {
            DeValue::Boolean(is) => *is,
            _ => {
                self.errors.wrong(value.span(), format_args!("`{name}` is neither true nor false")).unwrap_or_default()
            }
        }
    }
}

fn text_of<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    match value.get_ref() {
        DeValue::String(text) => Some(text),
        _ => None,
    }
}

fn number(value: &Value<'_>) -> Option<usize> {
    match value.get_ref() {
        DeValue::Integer(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field with more lines.
    fn field(lines: &str) -> String {
        format!("[[field]]\nkey = \"a\"\nlabel = {{ zh = \"甲\", en = \"A\" }}\n{lines}\n")
    }

    #[test]
    fn the_example_is_valid_and_shows_everything() {
        let text = include_str!("../../deploy/order-fields.example.toml");
        let rules = read(text).unwrap();
        let keys: Vec<_> = rules.iter().map(|rule| rule.field.key.as_str()).collect();
        assert_eq!(keys, ["cost_centre", "department", "ticket"]);
        let rules: Vec<_> = rules.iter().collect();
        assert!(rules[0].field.required && rules[0].check("CN-4711").is_ok() && rules[0].check("4711").is_err());
        assert!(!rules[1].field.choices.is_empty() && rules[1].default_claim.as_deref() == Some("department"));
        assert!(!rules[0].personal_data && rules[2].personal_data && rules[2].field.max_length == 40);
        for name in ["label", "required", "pattern", "hint", "choices", "max_length", "default_claim", "personal_data"]
        {
            assert!(text.contains(name), "{name}");
        }
    }

    #[test]
    fn what_a_file_says_is_read() {
        let rules = read(&field("")).unwrap();
        let rule = rules.iter().next().unwrap();
        let expect = OrderField {
            key: "a".to_owned(),
            label: Texts { zh: "甲".to_owned(), en: "A".to_owned() },
            max_length: USUAL_LENGTH,
            ..OrderField::default()
        };
        assert_eq!((&rule.field, rule.personal_data), (&expect, true));
        assert!(read(&field("label.zh = 1")).is_err(), "a label that is there twice");
    }

    #[test]
    fn what_a_file_may_not_say_is_told_with_its_line() {
        let check = |text: &str, line: usize, expect: &str| {
            let said = read(text).unwrap_err();
            let found = said.iter().any(|error| error.line == line && error.what.contains(expect));
            assert!(found, "{text}: {said:?}");
        };
        check("", 1, "there is no [[field]]");
        check("[field]\nkey = \"a\"", 1, "in two brackets");
        check("field = [1]", 1, "in two brackets");
        check("[[field]]\nkey = ", 2, "this is no TOML");
        check("[[field]]\nname = \"a\"", 2, "nothing called `name`");
        check("[[field]]\nkey = \"a\"", 1, "there is no `label`");
        check("[[field]]\nlabel = { zh = \"甲\", en = \"A\" }", 1, "there is no `key`");
        check("[[field]]\nkey = \"Cost-Centre\"", 2, "lower-case letters");
        check("[[field]]\nkey = \"a\"\nlabel = { en = \"A\" }", 3, "`label` is no");
        check("[[field]]\nkey = \"a\"\nlabel.zh = \"甲\"\nlabel.en = \"\"", 3, "`label` is no");
        check(&field("required = \"yes\""), 4, "neither true nor false");
        check(&field("max_length = 0"), 4, "from 1 to 200");
        check(&field("max_length = \"9\""), 4, "from 1 to 200");
        check(&field("pattern = \"[0-9]+\""), 4, "needs a `hint`");
        let hint = "hint = { zh = \"数字\", en = \"Digits\" }";
        check(&field(&format!("{hint}\npattern = \"[0-9\"")), 5, "no regular expression");
        check(&field(&format!("{hint}\npattern = \"\"")), 5, "no text");
        check(&field(&format!("{hint}\npattern = \"a\"\nchoices = [\"a\"]")), 5, "beside `choices`");
        check(&field("choices = []"), 4, "no list");
        check(&field("choices = [\"a\", \"a\"]"), 4, "no list");
        check(&field("choices = [\"a \"]"), 4, "no list");
        check(&field("choices = [\"a\"]\nmax_length = 5"), 5, "no meaning");
        check(&field("default_claim = \" \""), 4, "no claim");
        check(&(field("") + &field("")), 5, "there twice");
        check(&(field("") + &field("").replace("\"a\"", "\"b\"")), 5, "a label of another field");
        let many: String = (0..=MOST_FIELDS)
            .map(|n| {
                field("")
                    .replace("\"a\"", &format!("\"f{n}\""))
                    .replace('甲', &format!("甲{n}"))
                    .replace("\"A\"", &format!("\"A{n}\""))
            })
            .collect();
        check(&many, 1, "11 fields, more than 10");
    }
}
