//! What a robot says of a notification: a line in the language of its group.

use orders::{Notification, NotificationEvent};
use shared::{
    calendar::Date,
    language::Language,
    limits::{Limit, Span, Unit, Whose},
    order::Order,
};
use url::Url;

use super::body::{desktop, link};

/// What each message begins with, for robots that want a keyword.
pub(super) const TITLE: &str = "Deskbuy";

/// The line of a notification.
pub(super) fn line(notification: &Notification, language: Language, personal_data: bool, page: Option<&Url>) -> String {
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
        about(order, personal_data, is_chinese, &mut parts);
    }
    if notification.event == NotificationEvent::LimitReached {
        parts.push(limit_reached(notification.details.limit.as_ref(), is_chinese));
        parts.extend(notification.details.account.as_ref().map(|id| format!("{} {id}", choose("账号", "account"))));
        if personal_data {
            parts.extend(notification.details.by.as_ref().map(|by| format!("{} {by}", choose("提交人", "by"))));
        }
    }
    // Names are people's to choose, and some robots take what is in angle brackets for a mention.
    let text = parts.join(comma).replace(char::is_control, " ").replace('<', "‹").replace('>', "›");
    link(notification, page).map_or_else(|| text.clone(), |url| format!("{text} {url}"))
}

fn about(order: &Order, personal_data: bool, is_chinese: bool, parts: &mut Vec<String>) {
    let choose = |zh: &'static str, en: &'static str| if is_chinese { zh } else { en };
    let parameter = |name: &str| order.request.get(name).and_then(|value| value.as_str());
    parts.extend(parameter("TypeItemId").map(str::to_owned));
    parts.push(order.region.to_string());
    parts.extend(desktop(order).map(|id| format!("{} {id}", choose("桌面", "desktop"))));
    if personal_data {
        parts.extend(parameter("UserName").map(|user| format!("{} {user}", choose("用户", "user"))));
        parts.extend(order.requested_by.as_ref().map(|by| format!("{} {by}", choose("提交人", "by"))));
    }
}

fn expiring(notification: &Notification, is_chinese: bool) -> String {
    let days = notification.details.days.unwrap_or_default();
    let Date { year, month, day } = Date::of(notification.details.valid_until.unwrap_or_default());
    let date = format!("{year:04}-{month:02}-{day:02}");
    if is_chinese {
        format!("桌面 {days} 天内到期：{date}（按本站记录）")
    } else {
        format!("Desktop expires within {days} days: {date} (by our records)")
    }
}

fn limit_reached(limit: Option<&Limit>, is_chinese: bool) -> String {
    let Some(Limit { unit, per, whose, limit, .. }) = limit else {
        return if is_chinese { "已达到总限额" } else { "The limit of all together is reached" }.to_owned();
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
        let whose = if *whose == Whose::Person { "A person's limit" } else { "The limit of all together" };
        let per = match per {
            Span::Order => "an order",
            Span::Day => "24 hours",
            Span::Month => "30 days",
        };
        format!("{whose} is reached: {limit} {} in {per}", unit.as_text())
    }
}
