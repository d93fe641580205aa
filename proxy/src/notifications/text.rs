//! What a robot says of a notification: a line in the language of its group.

use orders::{Notification, NotificationEvent};
use shared::{
    calendar::Date,
    language::Language,
    limits::{Limit, Span, Unit, Whose},
    order::Order,
};
use url::Url;

use super::body::{Audience, desktop, link};

/// What each message begins with, for robots that want a keyword.
pub(super) const TITLE: &str = "Deskbuy";

/// The line of a notification.
pub(super) fn line(
    notification: &Notification,
    language: Language,
    audience: Audience<'_>,
    page: Option<&Url>,
) -> String {
    let is_chinese = language == Language::Chinese;
    let choose = |zh: &'static str, en: &'static str| if is_chinese { zh } else { en };
    let comma = choose("，", ", ");
    let code = notification.details.code.map(|code| format!(" ({code})")).unwrap_or_default();
    let mut parts = Vec::new();
    if let Some(order) = &notification.order {
        let action = match order.action.as_str() {
            "RenewDesktop" => choose("续费", "Renewal"),
            "DeleteDesktop" => choose("释放", "Release"),
            _ => choose("购买", "Purchase"),
        };
        parts.push(match notification.event {
            NotificationEvent::AwaitingApproval => action.to_owned() + choose("待审批", " awaiting approval"),
            NotificationEvent::Placed => action.to_owned() + choose("成功", " placed"),
            NotificationEvent::Rejected => action.to_owned() + choose("未完成", " rejected") + &code,
            NotificationEvent::Unresolved => {
                action.to_owned()
                    + choose("结果待确认，请管理员核实", " unresolved: an administrator has to look")
                    + &code
            }
            NotificationEvent::Expiring => expiring(notification, is_chinese),
            NotificationEvent::LimitReached => String::new(),
        });
        about(order, audience, language, &mut parts);
    }
    if let (None, Some(token)) = (&notification.order, &notification.token) {
        // It cannot be read here.
        parts.push(format!("{} {token}", choose("订单", "order")));
        parts.push(notification.event.as_str().to_owned() + &code);
    }
    if notification.event == NotificationEvent::LimitReached {
        parts.push(limit_reached(notification.details.limit.as_ref(), is_chinese));
        parts.extend(notification.details.account.as_ref().map(|id| format!("{} {id}", choose("账号", "account"))));
        if audience.personal_data {
            parts.extend(notification.details.by.as_ref().map(|by| format!("{} {by}", choose("提交人", "by"))));
        }
    }
    let text = plain(&parts.join(comma));
    link(notification, page).map_or_else(|| text.clone(), |url| format!("{text} {url}"))
}

/// A text in which no robot's app finds a link, a mention or another line. Names and types are people's to choose.
fn plain(text: &str) -> String {
    let is_hidden = |letter: char| {
        let breaks_or_turns = ['\u{2028}', '\u{2029}', '\u{2060}', '\u{feff}'].contains(&letter)
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        letter.is_control() || breaks_or_turns
    };
    let text = text.replace(is_hidden, " ").replace("://", ": //").replace("](", "] (");
    // Mentions are in angle brackets.
    let text = text.replace('<', "‹").replace('>', "›");
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        let after_www =
            letter == '.' && plain.len() >= 3 && plain.as_bytes()[plain.len() - 3..].eq_ignore_ascii_case(b"www");
        plain.push_str(if after_www { " " } else { "" });
        plain.push(letter);
    }
    plain
}

fn about(order: &Order, audience: Audience<'_>, language: Language, parts: &mut Vec<String>) {
    let choose = |zh: &'static str, en: &'static str| if language == Language::Chinese { zh } else { en };
    let parameter = |name: &str| order.request.get(name).and_then(|value| value.as_str());
    parts.extend(parameter("TypeItemId").map(str::to_owned));
    parts.push(order.region.to_string());
    parts.extend(desktop(order).map(|id| format!("{} {id}", choose("桌面", "desktop"))));
    parts.extend(audience.values(order).map(|(field, value)| format!("{} {value}", field.label.of(language))));
    if audience.personal_data {
        parts.extend(parameter("UserName").map(|user| format!("{} {user}", choose("用户", "user"))));
        parts.extend(order.requested_by.as_ref().map(|by| format!("{} {by}", choose("提交人", "by"))));
    }
}

fn expiring(notification: &Notification, is_chinese: bool) -> String {
    let days = notification.details.days.unwrap_or_default();
    let date = Date::of(notification.details.valid_until.unwrap_or_default());
    if is_chinese {
        format!("桌面 {days} 天内到期：{date}（按本站记录）")
    } else {
        let unit = if days == 1 { "day" } else { "days" };
        format!("Desktop expires within {days} {unit}: {date} (by our records)")
    }
}

fn limit_reached(limit: Option<&Limit>, is_chinese: bool) -> String {
    let Some(Limit { unit, per, whose, limit, .. }) = limit else {
        return if is_chinese { "已达到总限额" } else { "The overall limit is reached" }.to_owned();
    };
    if is_chinese {
        let whose = if *whose == Whose::Person { "个人" } else { "总" };
        let unit = match unit {
            Unit::Desktops => "桌面数量",
            Unit::DesktopsAndMonths => "桌面与续费月数",
            Unit::Releases => "释放数量",
            Unit::Users => "用户变更数",
            Unit::Months => "月数",
            Unit::Amount => "金额",
        };
        let per = match per {
            Span::Order => "每单",
            Span::Day => "24 小时",
            Span::Month => "30 天",
        };
        format!("已达到{whose}限额：{per}{unit} {limit}")
    } else {
        let whose = if *whose == Whose::Person { "A person's" } else { "The overall" };
        let per = match per {
            Span::Order => "an order",
            Span::Day => "24 hours",
            Span::Month => "30 days",
        };
        format!("{whose} limit of {} is reached: {limit} in {per}", unit.as_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_choose_is_no_link_and_no_mention() {
        let check = |text, expect| assert_eq!(plain(text), expect);
        check("desktop.n1.small", "desktop.n1.small");
        check("https://evil.example/login", "https: //evil.example/login");
        check("http:\u{200b}//a 1://b", "http: //a 1: //b");
        check("www.evil.example WWW.evil.example", "www .evil.example WWW .evil.example");
        check("[here](evil.example) <@all> <at user_id=\"all\">", "[here] (evil.example) ‹@all› ‹at user_id=\"all\"›");
        check("a\nb\u{2028}c\u{202e}d\u{2066}e", "a b c d e");
        check("购买://", "购买: //");
    }
}
