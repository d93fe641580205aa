//! Metrics of this process as the system reports them, under the names of Prometheus' own clients.

use std::{
    fmt::Error,
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, gauge::ConstGauge},
};

/// The collector.
#[derive(Debug)]
pub(super) struct Process {
    started: f64,
}

impl Process {
    pub(super) fn new() -> Self {
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { started: started.as_secs_f64() }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        let mut gauge = |name: &str, help: &str, value: f64| {
            let metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            ConstGauge::new(value).encode(metric)
        };
        gauge("process_start_time_seconds", "When the process started, in seconds since 1970 UTC", self.started)?;
        if let Some(bytes) = resident_memory() {
            gauge("process_resident_memory_bytes", "Memory in use", bytes)?;
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            let files = u32::try_from(files.count()).unwrap_or(u32::MAX);
            gauge("process_open_fds", "Open files and connections", f64::from(files))?;
        }
        Ok(())
    }
}

/// Reads Linux's `/proc`. `None` on other systems.
fn resident_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?;
    Some(kilobytes.parse::<f64>().ok()? * 1024.0)
}
