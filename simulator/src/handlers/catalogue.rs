//! Handlers of the catalogue: regions, desktop types, and the account's set-up.

use serde_json::{Map, Value, json};
use shared::actions::{
    DescribeDesktopOwner, DescribeDesktopTypeItems, DescribeRegions, DesktopOwner, DesktopTypeItem, DesktopTypeItems,
    Region, Regions,
};

use super::{Context, Handle, id};
use crate::{
    Kind,
    error::Error,
    script::Script,
    world::{
        World,
        regions::{self, REGIONS},
        types::{DesktopType, TYPES},
    },
};

impl Handle<DescribeRegions> for World {
    fn handle(&mut self, _: &DescribeRegions, _: &mut Context<'_>) -> Result<Regions, Error> {
        let row = |region: &regions::Region| {
            Ok(Region { region_id: id(region.id)?, end_point: region.endpoint(), local_name: region.name.to_owned() })
        };
        Ok(Regions { regions: REGIONS.iter().map(row).collect::<Result<_, Error>>()?, skipped: 0 })
    }
}

impl Handle<DescribeDesktopTypeItems> for World {
    fn handle(&mut self, request: &DescribeDesktopTypeItems, _: &mut Context<'_>) -> Result<DesktopTypeItems, Error> {
        let wanted = |item: &&DesktopType| {
            request.desktop_type.is_none_or(|family| family.as_str() == item.family)
                && request.type_item_id.as_ref().is_none_or(|id| id.as_str() == item.id)
        };
        let row = |item: &DesktopType| {
            Ok(DesktopTypeItem {
                type_item_id: id(item.id)?,
                desktop_type: item.family.to_owned(),
                cpu: item.cpu.into(),
                memory: item.memory.into(),
                gpu: item.gpu.into(),
                gpu_spec: item.gpu_spec.to_owned(),
                sys_disk_type: item.disks[0].0.to_owned(),
                sys_disk_size: item.disks[0].1.into(),
                user_disk_type: item.disks[1].0.to_owned(),
                user_disk_size: item.disks[1].1.into(),
            })
        };
        let rows = TYPES.iter().filter(wanted).map(row).collect::<Result<_, Error>>()?;
        Ok(DesktopTypeItems { desktop_type_items: rows, skipped: 0 })
    }
}

/// Whether the account is set up for buying desktops.
pub(super) fn owner_is_active(script: &Script) -> bool {
    !script.is_on(Kind::OwnerConfig)
}

impl Handle<DescribeDesktopOwner> for World {
    fn handle(&mut self, _: &DescribeDesktopOwner, context: &mut Context<'_>) -> Result<DesktopOwner, Error> {
        if !owner_is_active(context.script) {
            return Ok(DesktopOwner { status: "Config".to_owned(), ..DesktopOwner::default() });
        }
        let has_domain = !context.script.is_on(Kind::AdDomainMissing);
        Ok(DesktopOwner {
            status: "Active".to_owned(),
            owner_vpc_id: Some(id(context.region.vpc())?),
            ad_type: "vpc".to_owned(),
            domain_name: if has_domain { "desk.example.com".to_owned() } else { String::new() },
            cm_url: format!("https://cm.{}.example.com", context.region.id),
            company_code: "deskbuy-demo".to_owned(),
        })
    }

    fn extra_members(&self, _: &DescribeDesktopOwner, context: &Context<'_>) -> Map<String, Value> {
        if !owner_is_active(context.script) {
            return Map::new();
        }
        let more = json!({
            "AdAdminName": "ad-admin",
            "AdIp": "10.0.0.2",
            "AdBackupIp": "10.0.0.3",
            "DnsIp": "10.0.0.2",
            "DnsBackupIp": "10.0.0.3",
            "AdOU": "OU=Desktops,DC=desk,DC=example,DC=com",
            "AdGroup": "desktop-users",
            "AdTrustDomain": "",
            "OwnerSecurityGroupId": format!("sg-{}desk0000000000001", context.region.prefix),
        });
        more.as_object().cloned().unwrap_or_default()
    }
}
