//! Lists of rules as operators write them: separated by commas in one line, or one a line. In one line, what may be a
//! value with commas of its own is refused.

use super::rules::{NoRule, Rule};

/// The rules of a flag or a variable: one a line if there are several lines, and else separated by commas.
pub fn of_setting(text: &str) -> Result<Vec<Rule>, NoRule> {
    let text = text.trim();
    if text.contains('\n') {
        return of_lines(text);
    }
    if text.contains([';', '；', '，', '、']) || joins_rules(text) {
        return Err(NoRule::Separator);
    }
    // Before the parts are looked at: quotes around the whole are most often the shell's.
    let rules: Vec<_> =
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::parse).collect::<Result<_, _>>()?;
    let is_part_of_name = |rule: &Rule| match rule {
        Rule::Claim { name, value } => {
            let attribute = name.to_ascii_lowercase();
            value.contains('=')
                || ["cn", "ou", "dc", "o", "c", "l", "s", "st", "street", "uid"].contains(&attribute.as_str())
        }
        _ => false,
    };
    if rules.len() > 1 && rules.iter().any(is_part_of_name) { Err(NoRule::Ambiguous) } else { Ok(rules) }
}

/// Whether rules seem to be joined by something other than commas: a space, `|`, `&` or `and`, and then a rule begins.
fn joins_rules(text: &str) -> bool {
    let begins_rule = |word: &str| {
        let name = word.split_once('=').map(|(name, _)| name);
        word.starts_with('@') || name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    text.split(',')
        .any(|part| part.trim().split(|c: char| c.is_whitespace() || "|&".contains(c)).skip(1).any(begins_rule))
}

/// The rules of a file: one a line. Empty lines and lines that begin with `#` are skipped.
pub fn of_lines(text: &str) -> Result<Vec<Rule>, NoRule> {
    let text = text.trim_start_matches('\u{feff}');
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(rules: Result<Vec<Rule>, NoRule>) -> Result<Vec<String>, NoRule> {
        rules.map(|rules| rules.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn one_line_has_rules_between_commas() {
        let check = |text: &str, expect: Result<&[&str], NoRule>| {
            assert_eq!(
                texts(of_setting(text)),
                expect.map(|rules| rules.iter().map(|&rule| rule.to_owned()).collect())
            );
        };
        check("", Ok(&[]));
        check("ann@example.com, @example.org,groups=buyers", Ok(&["ann@example.com", "@example.org", "groups=buyers"]));
        check("groups=a,department=IT", Ok(&["groups=a", "department=IT"]));
        check("groups=CN=Buyers", Ok(&["groups=CN=Buyers"]));
        check("groups=CN=Desktop Buyers,ou=Groups,dc=corp", Err(NoRule::Ambiguous));
        check("groups=Desktop Buyers,ou=Groups,dc=corp", Err(NoRule::Ambiguous));
        check("@example.com,memberOf=CN=A", Err(NoRule::Ambiguous));
        check("groups=Buyers,street=Main", Err(NoRule::Ambiguous));
        check(r"groups=a\ngroups=b", Err(NoRule::Separator));
        check("groups=Buyers, Desktop", Err(NoRule::Form));
        check("groups=a;groups=b", Err(NoRule::Separator));
        for joined in
            ["groups=a groups=b", "groups=a|roles=b", "groups=a & roles=b", "groups=a and roles=b", "groups=a @b.c"]
        {
            check(joined, Err(NoRule::Separator));
        }
        check("groups=R&D, department = Sales & More", Ok(&["groups=R&D", "department=Sales & More"]));
        check("groups=研发，采购", Err(NoRule::Separator));
        check("\"ann@example.com,bob@example.com\"", Err(NoRule::Quotes));
    }

    #[test]
    fn several_lines_have_a_rule_each() {
        let text = "# buyers\n\n groups=CN=Desktop Buyers,ou=Groups,dc=corp \r\n@example.com\nroles=a;b\n";
        let expect = ["groups=CN=Desktop Buyers,ou=Groups,dc=corp", "@example.com", "roles=a;b"];
        assert_eq!(texts(of_lines(text)), Ok(expect.map(str::to_owned).to_vec()));
        assert_eq!(of_setting(text), of_lines(text));
        assert_eq!(texts(of_lines("@example.com\n\"groups=x\"")), Err(NoRule::Quotes));
        assert_eq!(texts(of_lines("ann@example.com,bob@example.com")), Err(NoRule::Form));
        assert_eq!(texts(of_lines("groups=a,groups=b")), Err(NoRule::Separator));
        assert_eq!(texts(of_lines("groups=a # both\n")), Err(NoRule::Remark));
    }
}
