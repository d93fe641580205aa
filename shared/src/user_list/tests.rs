//! Tests of lists of users.

use proptest::prelude::*;

use super::*;

fn users(list: &[(&str, &str)]) -> Vec<UserInfo> {
    list.iter().map(|&(name, email)| UserInfo { name: name.into(), email: email.into() }).collect()
}

fn listed(list: &[(&str, &str)]) -> Vec<ListedUser> {
    list.iter().map(|&(name, email)| ListedUser { name: name.into(), email: email.into() }).collect()
}

const TWO: &[(&str, &str)] = &[("张三", "z@x.cn"), ("li.si", "l@x.cn")];

#[test]
fn lists_as_people_have_them() {
    let check = |text: &str, expect: &[(&str, &str)]| assert_eq!(read(text), Ok(listed(expect)), "{text:?}");
    check("", &[]);
    check("\u{feff}\r\n \t\n,,\n", &[]);
    check("张三\nli.si", &[("张三", ""), ("li.si", "")]);
    check("\u{feff}用户名\r\n张三\r\nli.si\r\n", &[("张三", ""), ("li.si", "")]);
    // Separated by whatever it is.
    for text in [
        "张三,z@x.cn\nli.si,l@x.cn",
        "张三\tz@x.cn\r\nli.si\tl@x.cn\r\n",
        "张三;z@x.cn\nli.si;l@x.cn",
        "\"张三\",\"z@x.cn\"\n\n\"li.si\",l@x.cn\n",
        "张三，z@x.cn\nli.si，l@x.cn",
        "张三 z@x.cn\nli.si  l@x.cn",
        "张三 <z@x.cn>;\nli.si <l@x.cn>",
        // In any order, with and without a header, beside other columns.
        "z@x.cn,张三\nl@x.cn,li.si",
        "name,e-mail\n张三,z@x.cn\nli.si,l@x.cn",
        "邮箱;姓名\nz@x.cn;张三\nl@x.cn;li.si",
        "E-Mail Address\tUser Name\nz@x.cn\t张三\nl@x.cn\tli.si",
        "工号,电子邮箱（必填）,部门,用户名*\n1,z@x.cn,IT,张三\n2,l@x.cn,,li.si\n",
        "姓名,账号,邮箱\n三,张三,z@x.cn\n四,li.si,l@x.cn",
        "张三,IT,z@x.cn\nli.si,HR,l@x.cn",
        // As Excel says what separates, with words of other programs and in other writings.
        "sep=;\r\n邮箱;姓名\r\nz@x.cn;张三\r\nl@x.cn;li.si",
        "\u{feff}sep=,\r张三,z@x.cn\rli.si,l@x.cn",
        "\"sep=;\"\n张三;z@x.cn\nli.si;l@x.cn",
        "使用人;联系邮箱\n张三;z@x.cn\nli.si;l@x.cn",
        "電子郵件,使用者名稱\nz@x.cn,张三\nl@x.cn,li.si",
        "真实姓名\t登录账号\t办公邮箱\n三\t张三\tz@x.cn\n四\tli.si\tl@x.cn",
        "Employee,Logon Name,Company e-mail\n3,张三,z@x.cn\n4,li.si,l@x.cn",
        "DisplayName;sAMAccountName;mail\nThree;张三;z@x.cn\nFour;li.si;l@x.cn",
        // Words that are in no table, over addresses.
        "公司电邮,姓名\nz@x.cn,张三\nl@x.cn,li.si",
        "Benutzerkennung;Dienstliche E-Mail-Adresse\n张三;z@x.cn\nli.si;l@x.cn",
        "メールアドレス\t氏名\nz@x.cn\t张三\nl@x.cn\tli.si",
        "姓名,AD账号,Outlook 邮箱帐户\n三,张三,z@x.cn\n四,li.si,l@x.cn",
        // Full-width and other marks between cells, also of more than two columns.
        "姓名，邮箱\n张三，z@x.cn\nli.si，l@x.cn",
        "工号，姓名，部门，邮箱\nA1，张三，研发，z@x.cn\nA2，li.si，市场，l@x.cn",
        "邮箱；姓名\nz@x.cn；张三\nl@x.cn；li.si",
        "姓名、邮箱\n张三、z@x.cn\nli.si、l@x.cn",
        "name|team|email\n张三|IT, HR|z@x.cn\nli.si|IT, HR|l@x.cn",
        "sep=|\nname|email\n张三|z@x.cn\nli.si|l@x.cn",
        "SEP=,\r\n张三,z@x.cn\r\nli.si,l@x.cn",
        // Addresses as programs of mail copy them.
        "name,email\n张三,<z@x.cn>\nli.si,mailto:l@x.cn",
        // Of two columns of one word, the one that is filled in.
        "邮箱,姓名,邮箱\n,张三,z@x.cn\n,li.si,l@x.cn",
        "name,email,name\n,z@x.cn,张三\n,l@x.cn,li.si",
        "name,name,email\n张三,Zhang San,z@x.cn\nli.si,Li Si,l@x.cn",
    ] {
        check(text, TWO);
    }
    // Some rows without an address, or with nothing but a name.
    check("a\nb,b@x.cn\nc,", &[("a", ""), ("b", "b@x.cn"), ("c", "")]);
    check("a\nb\tb@x.cn", &[("a", ""), ("b", "b@x.cn")]);
    check("a,b@x.cn\n,c@x.cn", &[("a", "b@x.cn"), ("", "c@x.cn")]);
    // A first user that could be a header, numbers beside names, a word of a header that is not known, a row without a user.
    check("张三,z@x.cn,员工\n李四,l@x.cn,经理", &[("张三", "z@x.cn"), ("李四", "l@x.cn")]);
    check("user,user@x.cn", &[("user", "user@x.cn")]);
    check("1,张三,z@x.cn\n2,李四,l@x.cn", &[("张三", "z@x.cn"), ("李四", "l@x.cn")]);
    check("工号,账号名,邮箱\n007,张三,z@x.cn", &[("张三", "z@x.cn")]);
    check("姓名,联络\n张三,z@x.cn", &[("张三", "z@x.cn")]);
    // A title above the header could be a user, and the columns are those of the header.
    check("用户名单 2026,,,\n工号,姓名,邮箱,部门\nA1,张三,z@x.cn,IT", &[("用户名单 2026", ""), ("张三", "z@x.cn")]);
    check("zhang.san\nname,email\n张三,z@x.cn", &[("zhang.san", ""), ("张三", "z@x.cn")]);
    check("1001\n1002", &[("1001", ""), ("1002", "")]);
    // A first user that is called like one, without an address.
    check("mailroom,IT\n张三,IT,z@x.cn", &[("mailroom", ""), ("张三", "z@x.cn")]);
    check("邮差\n张三", &[("邮差", ""), ("张三", "")]);
    check("部门,姓名,邮箱\n研发,,\n研发,张三,z@x.cn", &[("", ""), ("张三", "z@x.cn")]);
    // Names may be addresses, and contain what separates.
    check("a@x.cn\nb@x.cn", &[("a@x.cn", ""), ("b@x.cn", "")]);
    check("a@x.cn,a@y.cn", &[("a@x.cn", "a@y.cn")]);
    check("\"Zhang, San\",z@x.cn", &[("Zhang, San", "z@x.cn")]);
    check("name,email\n\"two\nlines\",z@x.cn", &[("two\nlines", "z@x.cn")]);
    check("'=1+1,z@x.cn", &[("=1+1", "z@x.cn")]);
}

#[test]
fn an_open_quote_is_told_and_swallows_nothing() {
    let check = |text: &str, line: usize| assert_eq!(read(text), Err(ListError::OpenQuote { line }), "{text:?}");
    check("张三,z@x.cn\nli.si,\"l@x.cn\nwang.wu,w@x.cn", 2);
    check("\"张三;z@x.cn\r\nli.si;l@x.cn\r\n", 1);
    check("name\temail\r\"a\tz@x.cn\r\"b\"\tl@x.cn\r", 2);
    check("a\n\nb\n\"c\nd", 4);
}

#[test]
fn five_hundred_rows_are_the_most() {
    let rows = |count: usize| (0..count).map(|number| format!("u{number}")).collect::<Vec<_>>().join("\n");
    assert_eq!(read(&format!("name\n\n{}", rows(500))).map(|list| list.len()), Ok(500));
    assert_eq!(read(&rows(501)), Err(ListError::TooLong { rows: 501 }));
}

#[test]
fn what_a_row_means() {
    let directory = users(&[
        ("zhang.san", "z@x.cn"),
        ("wang.wu", ""),
        ("a-name-of-more-than-16", "long@x.cn"),
        ("Li.Si", "l@x.cn"),
    ]);
    let check_all = |list: &[(&str, &str)], expect: &[Standing]| {
        assert_eq!(check(&listed(list), &directory, false), expect, "{list:?}");
    };
    let user = |name: &str, email: &str| UserInfo { name: name.into(), email: email.into() };
    let there = Standing::InDirectory(directory[0].clone());
    check_all(&[("zhang.san", "")], std::slice::from_ref(&there));
    // What came along does not count, nor does case.
    check_all(&[(" zhang.san。", "Ｚ@X.cn；")], std::slice::from_ref(&there));
    // Another address is perhaps another person's, unless somebody confirms, and then the directory's stays.
    let other = Standing::OtherEmail(directory[0].clone());
    check_all(&[(" zhang.san。", "other@x.cn")], std::slice::from_ref(&other));
    check_all(&[("Zhang.San", "nobody")], std::slice::from_ref(&other));
    check_all(&[("zhang.san", "other@x.cn"), ("zhang.san", "z@x.cn")], &[other.clone(), there.clone()]);
    let both = listed(&[("zhang.san", "other@x.cn"), ("Zhang.San", "nobody")]);
    assert_eq!(check(&both, &directory, false), [other.clone(), other]);
    assert_eq!(check(&both, &directory, true), [there.clone(), Standing::Duplicate(0)]);
    check_all(&[("a-name-of-more-than-16", "")], &[Standing::InDirectory(directory[2].clone())]);
    check_all(&[("li.si", "")], &[Standing::InDirectory(directory[3].clone())]);
    check_all(&[("wang.wu", "ｗ@x.cn；")], &[Standing::AddEmail(user("wang.wu", "w@x.cn"))]);
    check_all(&[("wang.wu", " ")], &[Standing::WithoutEmail(true)]);
    check_all(&[("wang.wu", "w")], &[Standing::Invalid(Code::EmailInvalid)]);
    check_all(&[("新人\u{200b}", "n@x.cn。")], &[Standing::Create(user("新人", "n@x.cn"))]);
    check_all(&[("新人", "")], &[Standing::WithoutEmail(false)]);
    check_all(&[("新人", "n")], &[Standing::Invalid(Code::EmailInvalid)]);
    check_all(&[("", "n@x.cn")], &[Standing::Invalid(Code::UserNameEmpty)]);
    check_all(&[("a2345678901234567", "n@x.cn")], &[Standing::Invalid(Code::UserNameTooLong)]);
    check_all(&[("a\u{202e}b", "n@x.cn")], &[Standing::Invalid(Code::UserNameInvalid)]);
    // A duplicate is one of a row that can be used.
    check_all(&[("zhang.san", ""), ("ZHANG.SAN", "")], &[there, Standing::Duplicate(0)]);
    let new = Standing::Create(user("新人", "n@x.cn"));
    check_all(
        &[("新人", ""), ("新人", "n@x.cn"), ("新 人", "m@x.cn"), ("新人", "k@x.cn")],
        &[Standing::WithoutEmail(false), new, Standing::Create(user("新 人", "m@x.cn")), Standing::Duplicate(1)],
    );
}

#[test]
fn of_two_names_that_differ_in_case_the_exact_one_counts() {
    let directory = users(&[("ann", "1@x.cn"), ("Ann", "2@x.cn")]);
    let check_one = |name: &str, expect: usize| {
        let found = check(&listed(&[(name, "")]), &directory, false);
        assert_eq!(found, [Standing::InDirectory(directory[expect].clone())], "{name}");
    };
    check_one("ann", 0);
    check_one("Ann", 1);
    check_one("ANN", 0);
}

/// Names with all that a file may be misread by.
fn hostile() -> impl Strategy<Value = String> {
    "[=+@'\"\t\r\n,; ＝a张;\u{feff}-]{0,6}|.{0,5}"
}

proptest! {
    #[test]
    fn what_is_written_is_read(list in proptest::collection::vec((hostile(), "[a-z'+=]{1,5}@[a-z]{1,5}\\.cn"), 0..6)) {
        let list: Vec<_> = list.into_iter().map(|(name, email)| ListedUser { name, email }).collect();
        prop_assert_eq!(read(&write(&list)), Ok(list));
    }

    #[test]
    fn each_row_means_something_and_nobody_is_meant_twice(
        list in proptest::collection::vec(("[aAbBＡ ]{0,2}", "(a@x\\.cn)?|x"), 0..9),
        directory in proptest::collection::vec(("[aAb]{1,2}", "(d@x\\.cn)?"), 0..4),
        confirmed: bool,
    ) {
        let list: Vec<_> = list.into_iter().map(|(name, email)| ListedUser { name, email }).collect();
        let mut directory: Vec<_> = directory.into_iter().map(|(name, email)| UserInfo { name, email }).collect();
        directory.sort_by(|one, other| one.name.cmp(&other.name));
        directory.dedup_by(|one, other| one.name.eq_ignore_ascii_case(&other.name));
        let found = check(&list, &directory, confirmed);
        prop_assert_eq!(found.len(), list.len());
        let mut names = std::collections::HashSet::new();
        for (listed, standing) in list.iter().zip(&found) {
            if let Standing::InDirectory(user) = standing {
                prop_assert!(confirmed || listed.email.is_empty() || listed.email == user.email);
            }
            if let Some(user) = standing.user() {
                prop_assert!(names.insert(user.name.to_lowercase()) && !user.email.is_empty());
            }
            if let Standing::Create(user) = standing {
                prop_assert!(directory.iter().all(|known| known.name.to_lowercase() != user.name.to_lowercase()));
            }
        }
        // Once all is written, everybody is in the directory, and nothing is left to write.
        for user in found.iter().filter(|standing| standing.is_written()).filter_map(Standing::user) {
            match directory.iter_mut().find(|known| known.name == user.name) {
                Some(known) => known.email.clone_from(&user.email),
                None => directory.push(user.clone()),
            }
        }
        prop_assert!(check(&list, &directory, confirmed).iter().all(|standing| !standing.is_written()));
    }

    #[test]
    fn nothing_panics(text in ".{0,60}", other in "[a@,;\t\"\n <>，.]{0,30}") {
        for text in [text, other] {
            let _ = read(&text).map(|list| check(&list, &[], false));
        }
    }
}
