//! `deskbuy probe`: calls each read once, with the real credentials, and tells the shapes of the answers. The document is
//! silent on how answers nest; this is how an operator sees it, and whether the proxy can read it, before anything is
//! bought. It writes nothing anywhere.

mod shape;

use std::fmt::Write;

use cloud::{Client, ClientSettings, CredentialsSource, Inspected, StartError};
use shared::{
    Action,
    actions::{
        DescribeActivityDirectoryUsers, DescribeAvailableResource, DescribeDesktopOwner, DescribeDesktopTypeItems,
        DescribeImages, DescribeRegions, DescribeVSwitches, DescribeZones,
    },
    ids::RegionId,
    values::{ChargeType, ImageType},
};

use shape::Shape;

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// For people.
    pub text: String,
    /// Reads whose answers cannot be used.
    pub failed: Vec<&'static str>,
}

/// Calls each read in a region.
pub async fn run(
    wire: ClientSettings,
    region: &RegionId,
    credentials: CredentialsSource,
) -> Result<Report, StartError> {
    let upstream = Client::new(wire, credentials, std::sync::Arc::new(()))?;
    let mut probe = Probe { upstream, region, report: Report::default() };
    probe.all().await;
    let Report { text, failed } = &mut probe.report;
    // Writing into a text does not fail.
    let _ = if failed.is_empty() {
        writeln!(text, "\nEvery answer can be read.")
    } else {
        writeln!(text, "\nNot to be had or not to be read: {}", failed.join(", "))
    };
    Ok(probe.report)
}

struct Probe<'a> {
    upstream: Client,
    region: &'a RegionId,
    report: Report,
}

impl Probe<'_> {
    /// In the order in which the page needs them: each takes what it must name from answers before it.
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
            _ => {
                self.fail::<DescribeAvailableResource>("not asked, for want of a desktop type and a zone to ask about");
            }
        }
    }

    /// Calls one action, and writes down what came.
    async fn ask<A: Action>(&mut self, request: &A) -> Option<A::Response> {
        let Inspected { answer, value } = match self.upstream.inspect(self.region, request).await {
            Ok(looked) => looked,
            Err(error) => {
                self.fail::<A>(&format!("{}: {}", error.code, error.note));
                return None;
            }
        };
        let _ = writeln!(self.report.text, "{} in {}: {}", A::NAME, self.region, Shape::of(&answer));
        match value {
            Ok(value) => Some(value),
            Err(error) => {
                self.fail::<A>(&format!("cannot be read: {error}"));
                None
            }
        }
    }

    fn fail<A: Action>(&mut self, why: &str) {
        let _ = writeln!(self.report.text, "{} in {}: {why}", A::NAME, self.region);
        if !self.report.failed.contains(&A::NAME) {
            self.report.failed.push(A::NAME);
        }
    }
}
