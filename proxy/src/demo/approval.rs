//! The demo's page with sign-in, where every order waits for an approver: the settings of a proxy of its own in front of the
//! same simulator, with a journal of its own.

use std::{collections::HashSet, time::Duration};

use orders::{ApprovalBounds, OrderSettings};

use super::provider::{APPROVER, BUYER, Person, Provider};
use crate::{
    http::{GuardSettings, LimitSettings},
    settings::{Listen, Settings},
    signin::{Lifetimes, Rule, Rules, SignInSettings},
};

/// How long an order waits for an approver: as without `--approval-expiry`.
const EXPIRY: Duration = Duration::from_hours(72);
/// How long sessions last: as without `--session-idle` and `--session-lifetime`.
const LIFETIMES: Lifetimes = Lifetimes { idle: Duration::from_hours(1), total: Duration::from_hours(12) };

/// The settings, out of those of the page without sign-in.
pub(super) fn settings(settings: Settings, listen: Listen, database_url: String, provider: &Provider) -> Settings {
    let Settings { guard, orders, .. } = settings;
    let only = |person: &Person| Rules::from_iter([Rule::Email(person.email.to_owned())]);
    let kept_claims = guard.limits.fields.iter().filter_map(|rule| rule.default_claim.clone()).collect();
    let approval = ApprovalBounds { always: true, expiry: EXPIRY, ..ApprovalBounds::default() };
    Settings {
        listen,
        sign_in: Some(SignInSettings {
            provider: provider.settings(),
            keys: Vec::new(),
            lifetimes: LIFETIMES,
            viewers: Rules::default(),
            buyers: only(&BUYER),
            approvers: only(&APPROVER),
            owner_claim: None,
            name_claim: None,
            kept_claims,
            trust_email: false,
            api_tokens: None,
        }),
        // It answers to this machine's own names only, whatever those of the other page are.
        guard: GuardSettings {
            public_url: None,
            hosts: HashSet::new(),
            page_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            limits: LimitSettings { approval, ..guard.limits },
            ..guard
        },
        orders: OrderSettings { database_url, ..orders },
        ..settings
    }
}
