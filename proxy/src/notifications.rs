//! Notifications: whom the operator's file names, and what each is told. When and how often something is delivered is the
//! business of [`orders`]: it keeps the outbox.

mod answer;
mod body;
pub mod file;
mod signature;
mod target;
mod text;

#[cfg(test)]
mod tests;

use cloud::{Authorities, Secret};
use orders::{DeliverySettings, NotificationEvent};
use shared::language::Language;
use url::Url;

pub(crate) use target::Target;

/// The settings of notifications.
#[derive(Clone, Debug, Default)]
pub struct NotificationSettings {
    /// Who is told.
    pub targets: Vec<TargetSettings>,
    /// The thresholds of desktops that expire, in days.
    pub expiring_days: Vec<u16>,
    /// How it is delivered.
    pub delivery: DeliverySettings,
    /// The page, for links.
    pub page: Option<Url>,
}

/// The settings of one target.
#[derive(Clone, Debug)]
pub struct TargetSettings {
    /// The name, for the log and the operator's commands.
    pub name: String,
    /// What the receiver understands.
    pub kind: Kind,
    /// Where it is. Of a robot this is a secret.
    pub url: Secret,
    /// The key of the signature. Optional for robots.
    pub secret: Option<Secret>,
    /// The certificate authorities that vouch for it, in place of the system's.
    pub authorities: Option<Authorities>,
    /// What it is told of.
    pub events: Vec<NotificationEvent>,
    /// Whether it is told the names of people.
    pub personal_data: bool,
    /// The language of a robot's messages.
    pub language: Language,
    /// Whether it may be on this machine.
    pub allow_loopback: bool,
}

/// What a receiver understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A program: JSON, signed as Standard Webhooks has it.
    Webhook,
    /// A group robot of `DingTalk` (钉钉自定义机器人).
    DingTalk,
    /// A group robot of `WeCom` (企业微信群机器人).
    WeCom,
    /// A group robot of Feishu (飞书自定义机器人).
    Feishu,
}

impl Kind {
    /// All kinds.
    pub const ALL: &[Self] = &[Self::Webhook, Self::DingTalk, Self::WeCom, Self::Feishu];

    /// The spelling in the file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::DingTalk => "dingtalk",
            Self::WeCom => "wecom",
            Self::Feishu => "feishu",
        }
    }
}
