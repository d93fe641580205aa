//! Names for people of what the upstream only has identifiers for, or names in one language. What is not known here is
//! shown as the upstream has it.

/// Kinds of disk, in Chinese.
pub fn disk_zh(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "cloud" => "普通云盘",
        "cloud_efficiency" => "高效云盘",
        "cloud_ssd" => "SSD 云盘",
        "cloud_essd" => "ESSD 云盘",
        _ => return None,
    })
}

/// Kinds of disk, in English.
pub fn disk_en(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "cloud" => "Basic",
        "cloud_efficiency" => "Ultra",
        "cloud_ssd" => "SSD",
        "cloud_essd" => "ESSD",
        _ => return None,
    })
}

/// Regions, in English; in Chinese the upstream's own names are right.
pub fn region_en(id: &str) -> Option<&'static str> {
    Some(match id {
        "cn-hangzhou" => "China (Hangzhou)",
        "cn-beijing" => "China (Beijing)",
        "cn-shanghai" => "China (Shanghai)",
        "cn-shenzhen" => "China (Shenzhen)",
        _ => return None,
    })
}
