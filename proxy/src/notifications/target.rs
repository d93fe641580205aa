//! A target of notifications: makes the message that its receiver understands, sends it, and reads what came back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::{
    body::Bytes,
    http::{Request, header},
};
use cloud::{AddressRule, HttpClient, StartError};
use orders::{Deliver, DeliveryFault, Notification, NotificationEvent, OrderFieldRules};
use serde_json::{Value, json};
use url::Url;

use super::{Kind, TargetSettings, answer, body, signature, text};
use crate::settings::addresses::is_loopback;

/// The largest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 1 << 20;
/// Notifications that one message of a robot tells at most: their groups take few messages, and long ones.
const MOST_OF_ROBOT: usize = 20;

/// A target with its HTTP client.
pub(crate) struct Target {
    settings: TargetSettings,
    client: HttpClient,
    /// The page, for links.
    page: Option<Url>,
    /// The operator's order fields.
    fields: OrderFieldRules,
}

impl Target {
    pub(crate) fn new(
        settings: TargetSettings,
        page: Option<Url>,
        fields: OrderFieldRules,
    ) -> Result<Self, StartError> {
        let rule = AddressRule { allow_loopback: settings.allow_loopback };
        let is_near = Url::parse(settings.url.expose()).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url));
        let client = HttpClient::ruled(rule, is_near, settings.authorities.as_ref())?;
        Ok(Self { settings, client, page, fields })
    }

    fn audience(&self) -> body::Audience<'_> {
        body::Audience { personal_data: self.settings.personal_data, fields: &self.fields }
    }

    fn line(&self, notification: &Notification) -> String {
        text::line(notification, self.settings.language, self.audience(), self.page.as_ref())
    }

    /// The request, `now` being the time since 1970.
    pub(super) fn request(&self, notifications: &[Notification], now: Duration) -> Option<Request<Bytes>> {
        let milliseconds = i64::try_from(now.as_millis()).ok()?;
        let seconds = milliseconds / 1_000;
        let secret = self.settings.secret.as_ref().map(cloud::Secret::expose);
        let mut url = Url::parse(self.settings.url.expose()).ok()?;
        let mut request = Request::post("/").header(header::CONTENT_TYPE, "application/json; charset=utf-8");
        let says = |content: Value| json!({ "msgtype": "text", "text": content });
        let body = match self.settings.kind {
            Kind::Webhook => {
                let notification = notifications.first()?;
                let body = body::json(notification, self.audience(), self.page.as_ref()).to_string();
                let signature = signature::webhook(secret?, &notification.id, seconds, &body);
                request = request
                    .header("webhook-id", &notification.id)
                    .header("webhook-timestamp", seconds)
                    .header("webhook-signature", signature);
                body
            }
            Kind::DingTalk => {
                if let Some(secret) = secret {
                    let sign = signature::dingtalk(secret, milliseconds);
                    url.query_pairs_mut()
                        .append_pair("timestamp", &milliseconds.to_string())
                        .append_pair("sign", &sign);
                }
                says(json!({ "content": self.says(notifications) })).to_string()
            }
            Kind::WeCom => says(json!({ "content": self.says(notifications) })).to_string(),
            Kind::Feishu => {
                let mut body = json!({ "msg_type": "text", "content": { "text": self.says(notifications) } });
                if let Some(secret) = secret {
                    body["timestamp"] = json!(seconds.to_string());
                    body["sign"] = json!(signature::feishu(secret, seconds));
                }
                body.to_string()
            }
        };
        request.uri(url.as_str()).body(body.into()).ok()
    }

    /// What a robot says.
    fn says(&self, notifications: &[Notification]) -> String {
        let mut said = text::TITLE.to_owned();
        for notification in notifications {
            said.push('\n');
            said.push_str(&self.line(notification));
        }
        let end = said.floor_char_boundary(self.longest());
        said.truncate(end);
        said
    }

    /// The most bytes of a robot's text: `WeCom` takes 2,048, the others about 20,000.
    fn longest(&self) -> usize {
        match self.settings.kind {
            Kind::WeCom => 2_000,
            Kind::DingTalk | Kind::Feishu | Kind::Webhook => 15_000,
        }
    }

    /// The text without what is secret in this target's settings, which a receiver may repeat.
    fn redacted(&self, text: String) -> String {
        let url = Url::parse(self.settings.url.expose()).ok();
        let values = url.iter().flat_map(|url| url.query_pairs().map(|(_, value)| value.into_owned()));
        let last = url.iter().filter_map(|url| url.path_segments()?.next_back().map(str::to_owned));
        let secret = self.settings.secret.iter().map(|secret| secret.expose().to_owned());
        let secrets = values.chain(last.filter(|_| self.settings.kind != Kind::Webhook)).chain(secret);
        secrets.filter(|secret| secret.len() >= 6).fold(text, |text, secret| text.replace(&secret, "[secret]"))
    }
}

impl Deliver for Target {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn events(&self) -> &[NotificationEvent] {
        &self.settings.events
    }

    fn most(&self) -> usize {
        if self.settings.kind == Kind::Webhook { 1 } else { MOST_OF_ROBOT }
    }

    /// `DingTalk` and `WeCom` take 20 messages a minute, Feishu 100 and 5 a second.
    fn pace(&self) -> Duration {
        match self.settings.kind {
            Kind::Webhook => Duration::ZERO,
            Kind::DingTalk | Kind::WeCom => Duration::from_millis(3_100),
            Kind::Feishu => Duration::from_millis(700),
        }
    }

    fn fits(&self, notifications: &[Notification]) -> usize {
        let mut length = text::TITLE.len();
        let fits = |notification: &&Notification| {
            length += self.line(notification).len() + 1;
            length <= self.longest()
        };
        notifications.iter().take_while(fits).count()
    }

    async fn deliver(&self, notifications: &[Notification]) -> Result<(), DeliveryFault> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let fault = |text: String| DeliveryFault { text, retry_after: None, is_throttled: false };
        let request = self.request(notifications, now).ok_or_else(|| fault("no request can be made".to_owned()))?;
        let answer = self.client.send(request, LARGEST_ANSWER).await.map_err(|error| fault(error.to_string()))?;
        answer::read(self.settings.kind, &answer)
            .map_err(|fault| DeliveryFault { text: self.redacted(fault.text), ..fault })
    }
}
