//! Handlers of the VPC product: zones and vSwitches.

use shared::actions::{AcceptLanguage, DescribeVSwitches, DescribeZones, VSwitch, VSwitches, Zone, Zones};

use super::{Context, Handle, Page, id};
use crate::{
    Kind,
    error::Error,
    world::{self, World, regions},
};

/// The zone in which `no-vswitch` and `vswitch-pending` strike.
const SECOND_ZONE: usize = 1;

impl Handle<DescribeZones> for World {
    fn handle(&mut self, request: &DescribeZones, context: &mut Context<'_>) -> Result<Zones, Error> {
        let row = |zone: &regions::Zone| {
            let name = match request.accept_language.unwrap_or(AcceptLanguage::Chinese) {
                AcceptLanguage::Chinese => zone.chinese,
                AcceptLanguage::English => zone.english,
            };
            let zone_type = "AvailabilityZone".to_owned();
            Ok(Zone { zone_id: id(zone.id)?, local_name: name.to_owned(), zone_type })
        };
        Ok(Zones { zones: context.region.zones.iter().map(row).collect::<Result<_, Error>>()?, skipped: 0 })
    }
}

/// The region's vSwitches with the active faults applied, each with whether it is ready.
pub(super) fn v_switches<'a>(
    world: &'a World,
    context: &'a Context<'_>,
) -> impl Iterator<Item = (&'a world::VSwitch, bool)> {
    let none = context.script.is_on(Kind::NoVSwitch);
    let pending = context.script.is_on(Kind::VSwitchPending);
    let all = world.network.of(context.region).iter();
    all.filter(move |v_switch| !(none && v_switch.zone == SECOND_ZONE))
        .map(move |v_switch| (v_switch, !(pending && v_switch.zone == SECOND_ZONE)))
}

impl Handle<DescribeVSwitches> for World {
    fn handle(&mut self, request: &DescribeVSwitches, context: &mut Context<'_>) -> Result<VSwitches, Error> {
        let number = ("PageNumber", request.page_number);
        let size = ("PageSize", request.page_size);
        let page = Page::new(number, size, 10, DescribeVSwitches::LARGEST_PAGE)?;
        let region = context.region;
        let zone = match &request.zone_id {
            Some(id) => Some(region.zone(id.as_str()).ok_or_else(|| Error::not_found("ZoneId"))?),
            None => None,
        };
        let found: Vec<_> = v_switches(self, context)
            .filter(|(v_switch, _)| zone.is_none_or(|zone| zone == v_switch.zone))
            .filter(|(v_switch, _)| request.vpc_id.as_ref().is_none_or(|id| id.as_str() == v_switch.vpc))
            .collect();
        let row = |&(v_switch, ready): &(&world::VSwitch, bool)| {
            Ok(VSwitch {
                v_switch_id: id(&*v_switch.id)?,
                v_switch_name: v_switch.name.to_owned(),
                cidr_block: v_switch.cidr.clone(),
                available_ip_address_count: Some(v_switch.free),
                status: if ready { "Available" } else { "Pending" }.to_owned(),
                zone_id: id(region.zones[v_switch.zone].id)?,
                vpc_id: id(&*v_switch.vpc)?,
                is_default: v_switch.default,
                description: v_switch.description.to_owned(),
            })
        };
        Ok(VSwitches {
            page_number: request.page_number.unwrap_or(1),
            page_size: request.page_size.unwrap_or(10),
            total_count: u32::try_from(found.len()).unwrap_or(u32::MAX),
            v_switches: found.iter().skip(page.skip).take(page.take).map(row).collect::<Result<_, Error>>()?,
            skipped: 0,
        })
    }
}
