//! An admitted call: what an action, the faults and the strange cloud are told of a request.

use shared::Class;

use crate::world::regions::Region;

/// An admitted call.
pub(crate) struct Call {
    pub(crate) action: &'static str,
    pub(crate) class: Class,
    pub(crate) region: &'static Region,
    /// Its number among the calls of its action, from 1.
    pub(crate) number: u64,
    /// The action's own parameters.
    pub(crate) business: Vec<(String, String)>,
}

impl Call {
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.business.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is about the region's first zone.
    pub(crate) fn is_about_first_zone(&self) -> bool {
        ["DescribeVSwitches", "DescribeAvailableResource"].contains(&self.action)
            && self.parameter("ZoneId") == Some(self.region.zones[0].id)
    }

    /// The subject of a write, which is the same for all attempts of one operation.
    pub(crate) fn subject(&self) -> Option<String> {
        let value = ["ClientToken", "UserName", "DesktopId"].into_iter().find_map(|name| self.parameter(name))?;
        (self.class != Class::Read).then(|| format!("{} {value}", self.action))
    }
}
