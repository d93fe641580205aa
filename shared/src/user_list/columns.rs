//! Which column of a list has the names and which the addresses.

use super::ListedUser;
use crate::{
    typed::{clean, half_width},
    user::Email,
};

/// The header that [`super::write`] writes.
pub(super) const HEADER: [&str; 2] = ["name", "email"];

/// The most rows above a header.
const MOST_TITLES: usize = 3;

/// Words of a header over names, what names an account before what names a person.
const NAMES: &[&str] = &[
    "username",
    "用户名",
    "用户名称",
    "登录名",
    "登录名称",
    "账号",
    "帐号",
    "用户账号",
    "域账号",
    "域用户",
    "域用户名",
    "登录账号",
    "登录账户",
    "登录帐号",
    "登录id",
    "域帐号",
    "ad账号",
    "ad帐号",
    "系统账号",
    "员工账号",
    "用户id",
    "账户",
    "账户名",
    "账户名称",
    "用户账户",
    "使用者名稱",
    "帳號",
    "user",
    "用户",
    "userid",
    "login",
    "loginname",
    "loginid",
    "logonname",
    "userlogonname",
    "account",
    "accountname",
    "accountid",
    "adaccount",
    "aduser",
    "samaccountname",
    "name",
    "姓名",
    "名称",
    "名字",
    "员工",
    "员工姓名",
    "中文名",
    "人员",
    "成员",
    "成员姓名",
    "使用人",
    "使用者",
    "申请人",
    "用户姓名",
    "真实姓名",
    "显示名称",
    "显示名",
    "employee",
    "employeename",
    "person",
    "member",
    "displayname",
    "fullname",
];
/// Words of a header over addresses.
const EMAILS: &[&str] = &[
    "email",
    "emailaddress",
    "mail",
    "mailaddress",
    "邮箱",
    "邮箱地址",
    "电子邮箱",
    "电子邮箱地址",
    "电子邮件",
    "电子邮件地址",
    "邮件",
    "邮件地址",
    "企业邮箱",
    "工作邮箱",
    "公司邮箱",
    "用户邮箱",
    "useremail",
    "usermail",
    "workemail",
    "companyemail",
    "businessemail",
    "contactemail",
    "primaryemail",
    "primarysmtpaddress",
    "mailbox",
    "员工邮箱",
    "办公邮箱",
    "联系邮箱",
    "个人邮箱",
    "邮箱账号",
    "邮箱帐号",
    "邮箱号",
    "電子郵件",
    "電子郵箱",
    "郵箱",
    "信箱",
];

/// What is in further words of a header over addresses, in these and other languages. They count where addresses follow.
const EMAIL_PARTS: &[&str] = &["mail", "邮", "郵", "信箱", "メール", "메일", "correo", "courriel", "почта"];

/// The columns of names and addresses, from 0.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    name: Option<usize>,
    email: Option<usize>,
    /// The row that is a header.
    pub(super) header: Option<usize>,
}

impl Columns {
    pub(super) fn of(rows: &[Vec<String>]) -> Self {
        let header = below_titles(rows);
        let first = rows.get(header).map_or(&[][..], Vec::as_slice);
        let below = rows.get(header + 1..).unwrap_or_default();
        let named: Vec<_> = first.iter().map(|cell| word(cell)).collect();
        // Of two columns of one word, the one that is filled in.
        let place = |words: &[&str], is: fn(&str) -> bool| {
            let columns = |word: &&str| (0..named.len()).filter(|column| named[*column] == *word).collect::<Vec<_>>();
            let columns = words.iter().map(columns).find(|columns| !columns.is_empty())?;
            columns.into_iter().rev().max_by_key(|column| count(below, *column, is))
        };
        // The first of the users may have a name that a header has too.
        let is_header = !first.iter().any(|cell| is_address(cell));
        let is_over_addresses =
            |column: &usize| named.get(*column).is_some_and(|cell| EMAIL_PARTS.iter().any(|part| cell.contains(part)));
        let email = || place(EMAILS, is_address).or_else(|| address_column(below).filter(is_over_addresses));
        let (name, email) = (place(NAMES, is_filled), email());
        if is_header && (name.is_some() || email.is_some()) {
            // Words of a header that are not known: the addresses are where they are.
            let email = email.or_else(|| address_column(below).filter(|column| Some(*column) != name));
            return Self { name: name.or_else(|| name_column(below, email)), email, header: Some(header) };
        }
        Self::by_addresses(rows)
    }

    /// Without a header: the addresses are where most of them are, if there is more than one column, and the names in the
    /// first of the others.
    fn by_addresses(rows: &[Vec<String>]) -> Self {
        let email = address_column(rows).or(Some(1)).filter(|_| width(rows) > 1);
        Self { name: name_column(rows, email), email, header: None }
    }

    /// How many rows are above the header.
    pub(super) fn titles(&self) -> usize {
        self.header.unwrap_or_default()
    }

    /// The user of a row.
    pub(super) fn user(&self, mut row: Vec<String>) -> ListedUser {
        let mut take = |column: Option<usize>| {
            column.and_then(|column| row.get_mut(column)).map(std::mem::take).unwrap_or_default()
        };
        let (name, email) = (take(self.name), take(self.email));
        if clean(&email).is_empty()
            && let Some((name, email)) = split_address(&name)
        {
            return ListedUser { name, email };
        }
        ListedUser { name, email: bare(email) }
    }
}

/// The user that a row above the header may be: its one cell.
pub(super) fn title(row: Vec<String>) -> ListedUser {
    ListedUser { name: row.into_iter().find(|cell| is_filled(cell)).unwrap_or_default(), ..ListedUser::default() }
}

/// An address without what programs of mail put around it: `<z@example.com>`, `mailto:z@example.com`.
fn bare(email: String) -> String {
    let inside = email.trim_matches(|c: char| c.is_whitespace() || "<>".contains(c));
    let inside = inside.strip_prefix("mailto:").unwrap_or(inside);
    if is_address(inside) { inside.to_owned() } else { email }
}

fn width(rows: &[Vec<String>]) -> usize {
    rows.iter().map(Vec::len).max().unwrap_or_default()
}

fn count(rows: &[Vec<String>], column: usize, is: impl Fn(&str) -> bool) -> usize {
    rows.iter().filter(|row| row.get(column).is_some_and(|cell| is(cell))).count()
}

/// The column with most addresses, or with most of what is meant as one.
fn address_column(rows: &[Vec<String>]) -> Option<usize> {
    let addresses =
        |column: usize| (count(rows, column, is_address), count(rows, column, |cell| cell.contains(['@', '＠'])));
    // Names may be addresses too, and then stand first.
    let most = (0..width(rows)).max_by_key(|column| (addresses(*column), *column));
    most.filter(|column| addresses(*column).1 > 0)
}

/// The first column that is not that of the addresses, nor one of mere numbers beside another.
fn name_column(rows: &[Vec<String>], email: Option<usize>) -> Option<usize> {
    let others = || (0..width(rows)).filter(|column| Some(*column) != email);
    let is_text = |cell: &str| cell.chars().any(|character| !character.is_numeric() && !character.is_whitespace());
    others().find(|column| count(rows, *column, is_text) > 0).or_else(|| others().next())
}

/// The row that may be a header: the first, or one that names both columns below titles, which have one cell each and stay in
/// the list, since they could be users.
fn below_titles(rows: &[Vec<String>]) -> usize {
    let is_title = |row: &&Vec<String>| row.iter().filter(|cell| is_filled(cell)).count() == 1;
    let titles = rows.iter().take(MOST_TITLES).take_while(is_title).count();
    let names =
        |words: &[&str]| rows.get(titles).is_some_and(|row| row.iter().any(|cell| words.contains(&&*word(cell))));
    if names(NAMES) && names(EMAILS) { titles } else { 0 }
}

fn is_filled(cell: &str) -> bool {
    !clean(cell).is_empty()
}

fn is_address(cell: &str) -> bool {
    cell.parse::<Email>().is_ok()
}

/// A cell of a header without what differs: case, width, blanks, marks, and what is in brackets.
fn word(cell: &str) -> String {
    let narrow = clean(cell).chars().map(half_width).collect::<String>().to_lowercase();
    let head = narrow.split(['(', '[', '【', '/', '|']).next().unwrap_or_default();
    head.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// A name with the address behind it, as `张三 <z@example.com>` or `张三，z@example.com`: the two. `None` where it is no such.
pub(super) fn split_address(cell: &str) -> Option<(String, String)> {
    let is_between = |c: char| c.is_whitespace() || "<>()（）《》〈〉,，;；、:：\"|".contains(c);
    let cell = cell.trim_end_matches(is_between);
    let (name, email) = cell.rsplit_once(is_between)?;
    let email: Email = email.parse().ok()?;
    let name = name.trim_end_matches(is_between);
    (!clean(name).is_empty()).then(|| (name.to_owned(), email.into()))
}
