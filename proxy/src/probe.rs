//! `deskbuy probe`: calls each read once, with the real credentials, and tells what it found and the shapes of the answers.
//! The document is silent on how answers nest; this is how an operator sees it, and whether the proxy can read it, before
//! anything is bought. It prints as it goes, ends at its deadline, and shows no value.

mod shape;

use std::{io::Write, sync::Arc, time::Duration};

use cloud::{Client, ClientSettings, CredentialsSource, Inspected, StartError};
use serde_json::Value;
use shared::{
    Action,
    actions::{
        DescribeActivityDirectoryUsers, DescribeAvailableResource, DescribeDesktopOwner, DescribeDesktopTypeItems,
        DescribeImages, DescribeRegions, DescribeVSwitches, DescribeZones,
    },
    ids::RegionId,
    values::{ChargeType, ImageType},
};
use tokio::time::{Instant, timeout_at};

use shape::{Shape, shown};

/// The reads in the order in which the page needs them: each takes what it must name from answers before it.
const READS: [&str; 8] = [
    DescribeRegions::NAME,
    DescribeDesktopTypeItems::NAME,
    DescribeDesktopOwner::NAME,
    DescribeZones::NAME,
    DescribeVSwitches::NAME,
    DescribeImages::NAME,
    DescribeActivityDirectoryUsers::NAME,
    DescribeAvailableResource::NAME,
];

/// When the probe ends, whatever it waits for.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// The time.
    pub at: Instant,
    /// How long that was from the start.
    pub after: Duration,
}

impl Deadline {
    /// A deadline so long from now.
    #[must_use]
    pub fn new(after: Duration) -> Self {
        Self { at: Instant::now() + after, after }
    }
}

/// Calls each read in a region, and prints what comes of it. Whether every answer can be used.
pub async fn run(
    client: ClientSettings,
    region: &RegionId,
    credentials: CredentialsSource,
    deadline: Deadline,
    out: &mut (dyn Write + Send),
) -> Result<bool, StartError> {
    let upstream = Client::new(client, credentials, Arc::new(()))?;
    let mut probe = Probe { upstream, region, out, asked: Vec::new(), failed: Vec::new() };
    let is_late = timeout_at(deadline.at, probe.all()).await.is_err();
    if is_late {
        probe.cut_short(deadline.after);
    }
    let failed = std::mem::take(&mut probe.failed);
    probe.print(&if failed.is_empty() {
        "\nEvery answer can be read.".to_owned()
    } else {
        format!("\nNot to be had or not to be read: {}", failed.join(", "))
    });
    Ok(failed.is_empty())
}

struct Probe<'a> {
    upstream: Client,
    region: &'a RegionId,
    out: &'a mut (dyn Write + Send),
    /// Reads that have an answer, or an error in its place.
    asked: Vec<&'static str>,
    /// Reads whose answers cannot be used.
    failed: Vec<&'static str>,
}

impl Probe<'_> {
    async fn all(&mut self) {
        self.ask(&DescribeRegions::default()).await;
        let types = self.ask(&DescribeDesktopTypeItems::default()).await;
        let type_item = types.and_then(|types| types.desktop_type_items.into_iter().next());
        let owner = self.ask(&DescribeDesktopOwner::default()).await;
        let zones = self.ask(&DescribeZones::default()).await;
        let zone = zones.and_then(|zones| zones.zones.into_iter().next());
        let vpc_id = owner.and_then(|owner| owner.owner_vpc_id);
        self.ask(&DescribeVSwitches { vpc_id, page_size: Some(10), ..DescribeVSwitches::default() }).await;
        for image_type in [ImageType::Default, ImageType::Private] {
            let (image_type, page, page_size) = (Some(image_type), Some(1), Some(10));
            let images = DescribeImages { image_type, page, page_size, ..DescribeImages::default() };
            // Where the one kind is not to be had, the other is not either.
            if self.ask(&images).await.is_none() {
                break;
            }
        }
        self.ask(&DescribeActivityDirectoryUsers::default()).await;
        match (type_item, zone) {
            (Some(type_item), Some(zone)) => {
                let (type_item_id, zone_id) = (type_item.type_item_id, zone.zone_id);
                let charge_type = Some(ChargeType::PostPay);
                self.ask(&DescribeAvailableResource { type_item_id, zone_id, charge_type }).await;
            }
            _ => self
                .fail(DescribeAvailableResource::NAME, "not asked, for want of a desktop type and a zone to ask about"),
        }
    }

    /// Calls one action, and prints what came.
    async fn ask<A: Action>(&mut self, request: &A) -> Option<A::Response> {
        let Inspected { answer, value, list_path } = match self.upstream.inspect(self.region, request).await {
            Ok(looked) => looked,
            Err(error) => {
                self.fail(A::NAME, &format!("{}: {}", error.code, error.note));
                return None;
            }
        };
        self.say(A::NAME, &Shape::of(&answer).to_string());
        match value {
            Ok(value) => {
                let found = Found::of(&serde_json::to_value(&value).unwrap_or_default());
                match found {
                    Found::List { items: 0, skipped: 1.. } => self.fail(A::NAME, &found.in_words(&list_path)),
                    _ => self.say(A::NAME, &found.in_words(&list_path)),
                }
                Some(value)
            }
            Err(error) => {
                self.fail(A::NAME, &format!("cannot be read: {error}"));
                None
            }
        }
    }

    /// The time is up, with reads that have not been answered.
    fn cut_short(&mut self, after: Duration) {
        self.print(&format!(
            "\nThe probe has ended after {} s, which is its deadline (--deadline).",
            after.as_secs_f32()
        ));
        for read in READS {
            if !self.asked.contains(&read) {
                self.fail(read, "no answer by then");
            }
        }
    }

    fn say(&mut self, action: &'static str, what: &str) {
        self.asked.push(action);
        self.print(&format!("{action} in {}: {what}", self.region));
    }

    fn fail(&mut self, action: &'static str, why: &str) {
        self.say(action, why);
        if !self.failed.contains(&action) {
            self.failed.push(action);
        }
    }

    /// At once, so that it is there while the next answer is waited for.
    fn print(&mut self, line: &str) {
        // Nobody may be reading.
        let _ = writeln!(self.out, "{line}").and_then(|()| self.out.flush());
    }
}

/// What the proxy read in an answer, without its values.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    List {
        items: usize,
        skipped: u64,
    },
    /// Names of the members that say something.
    Members(Vec<String>),
}

impl Found {
    /// What is found in an answer in the canonical form.
    fn of(canonical: &Value) -> Self {
        let members = canonical.as_object().into_iter().flatten();
        if let Some(items) = members.clone().find_map(|(_, value)| value.as_array()) {
            let skipped = canonical.get("Skipped").and_then(Value::as_u64).unwrap_or_default();
            return Self::List { items: items.len(), skipped };
        }
        let says_nothing = |value: &Value| value.is_null() || value.as_str().is_some_and(str::is_empty);
        Self::Members(members.filter(|(_, value)| !says_nothing(value)).map(|(name, _)| name.clone()).collect())
    }

    fn in_words(&self, list_path: &[String]) -> String {
        let place = match list_path {
            [] => "at the top".to_owned(),
            path => format!("in {}", path.iter().map(|name| shown(name)).collect::<Vec<_>>().join(".")),
        };
        match self {
            Self::List { items, skipped: 0 } => format!("found {items} items {place}"),
            Self::List { items, skipped } => {
                format!("found {items} items {place}, and {skipped} that cannot be read and are skipped")
            }
            Self::Members(names) => format!("found {}", names.join(", ")),
        }
    }
}
