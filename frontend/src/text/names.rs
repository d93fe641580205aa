//! Names of what the upstream has only in one language. What is not listed is shown as the upstream has it.

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
