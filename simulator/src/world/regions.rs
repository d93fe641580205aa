//! The regions and their zones. The vSwitches are in [`super::network`].

/// A region.
pub(crate) struct Region {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// The prefix of the region's resource identifiers, after their kind.
    pub(crate) prefix: &'static str,
    pub(crate) zones: [Zone; 3],
}

/// A zone, with its name in the two languages.
pub(crate) struct Zone {
    pub(crate) id: &'static str,
    pub(crate) chinese: &'static str,
    pub(crate) english: &'static str,
}

impl Region {
    /// The default region, for calls without one.
    pub(crate) const DEFAULT: &'static Self = &REGIONS[0];

    /// The region of this name.
    pub(crate) fn find(id: &str) -> Option<&'static Self> {
        REGIONS.iter().find(|region| region.id == id)
    }

    /// The index of a zone in the region.
    pub(crate) fn zone(&self, id: &str) -> Option<usize> {
        self.zones.iter().position(|zone| zone.id == id)
    }

    /// The host of the region's OpenAPI.
    pub(crate) fn endpoint(&self) -> String {
        format!("clouddesktop.{}.aliyuncs.com", self.id)
    }

    /// The network in which desktops are placed.
    pub(crate) fn vpc(&self) -> String {
        format!("vpc-{}desk0000000000001", self.prefix)
    }
}

const fn zone(id: &'static str, chinese: &'static str, english: &'static str) -> Zone {
    Zone { id, chinese, english }
}

/// All regions. One zone's Chinese name ends with a space, as one of the real names does.
pub(crate) const REGIONS: &[Region] = &[
    Region {
        id: "cn-hangzhou",
        name: "华东 1（杭州）",
        prefix: "bp1",
        zones: [
            zone("cn-hangzhou-b", "杭州 可用区 B", "Hangzhou Zone B"),
            zone("cn-hangzhou-e", "杭州 可用区 E ", "Hangzhou Zone E"),
            zone("cn-hangzhou-g", "杭州 可用区 G", "Hangzhou Zone G"),
        ],
    },
    Region {
        id: "cn-beijing",
        name: "华北 2（北京）",
        prefix: "2ze",
        zones: [
            zone("cn-beijing-a", "北京 可用区 A", "Beijing Zone A"),
            zone("cn-beijing-c", "北京 可用区 C", "Beijing Zone C"),
            zone("cn-beijing-e", "北京 可用区 E", "Beijing Zone E"),
        ],
    },
    Region {
        id: "cn-shanghai",
        name: "华东 2（上海）",
        prefix: "uf6",
        zones: [
            zone("cn-shanghai-b", "上海 可用区 B", "Shanghai Zone B"),
            zone("cn-shanghai-d", "上海 可用区 D", "Shanghai Zone D"),
            zone("cn-shanghai-e", "上海 可用区 E", "Shanghai Zone E"),
        ],
    },
    Region {
        id: "cn-shenzhen",
        name: "华南 1（深圳）",
        prefix: "wz9",
        zones: [
            zone("cn-shenzhen-a", "深圳 可用区 A", "Shenzhen Zone A"),
            zone("cn-shenzhen-b", "深圳 可用区 B", "Shenzhen Zone B"),
            zone("cn-shenzhen-c", "深圳 可用区 C", "Shenzhen Zone C"),
        ],
    },
];
