//! The vSwitches of all regions, with their free addresses.

use super::regions::{REGIONS, Region};

/// A vSwitch.
#[derive(Clone)]
pub(crate) struct VSwitch {
    pub(crate) id: String,
    pub(crate) name: &'static str,
    pub(crate) cidr: String,
    pub(crate) free: u32,
    pub(crate) zone: usize,
    pub(crate) vpc: String,
    pub(crate) default: bool,
    pub(crate) description: &'static str,
}

/// All vSwitches, by region.
pub(crate) struct Network(Vec<Vec<VSwitch>>);

/// The vSwitches of each region: zone, name, free addresses, description. Twelve, so that they do not fit into a page
/// of ten. One has room for the largest batch.
const PLAN: &[(usize, &str, u32, &str)] = &[
    (0, "office", 251, "Office, ground floor"),
    (0, "design", 27, "设计部"),
    (0, "", 12, ""),
    (0, "full", 0, "Every address is taken"),
    (0, "call-center", 60, "客服中心"),
    (1, "office-2", 251, ""),
    (1, "研发", 118, "研发中心"),
    (1, "full-2", 0, ""),
    (1, "lab", 3, "Lab"),
    (2, "office-3", 1019, ""),
    (2, "training", 40, "培训教室"),
    (2, "", 5, ""),
];

impl Network {
    /// The vSwitches before any purchase.
    pub(crate) fn new() -> Self {
        Self(REGIONS.iter().map(v_switches).collect())
    }

    /// A region's vSwitches.
    pub(crate) fn of(&self, region: &Region) -> &[VSwitch] {
        REGIONS.iter().position(|other| other.id == region.id).map_or(&[], |index| self.0[index].as_slice())
    }

    /// Takes an address. The caller has checked that there is one.
    pub(crate) fn take_address(&mut self, v_switch: &str) {
        self.change(v_switch, |free| free.saturating_sub(1));
    }

    /// Returns an address.
    pub(crate) fn give_address(&mut self, v_switch: &str) {
        self.change(v_switch, |free| free + 1);
    }

    fn change(&mut self, id: &str, change: impl Fn(u32) -> u32) {
        for v_switch in self.0.iter_mut().flatten().filter(|v_switch| v_switch.id == id) {
            v_switch.free = change(v_switch.free);
        }
    }
}

fn v_switches(region: &Region) -> Vec<VSwitch> {
    let mut list: Vec<_> = (1..)
        .zip(PLAN)
        .map(|(number, &(zone, name, free, description))| VSwitch {
            id: format!("vsw-{}desk{number:013}", region.prefix),
            name,
            cidr: if free > 251 {
                format!("10.{zone}.{}.0/22", 4 * number)
            } else {
                format!("10.{zone}.{number}.0/24")
            },
            free,
            zone,
            vpc: region.vpc(),
            default: false,
            description,
        })
        .collect();
    // In another network: a client that does not filter by VpcId would offer it.
    list.push(VSwitch {
        id: format!("vsw-{}other00000000001", region.prefix),
        name: "other-network",
        cidr: "172.16.0.0/24".to_owned(),
        free: 200,
        zone: 0,
        vpc: format!("vpc-{}other00000000001", region.prefix),
        default: true,
        description: "",
    });
    list
}
