//! Settings of calls to the cloud: regions, API versions, write method, deadlines and concurrency.

use std::time::Duration;

use clap::Args;
use shared::ids::RegionId;

use super::{
    checked::{Checked, at_least_one, checked, duration, optional},
    config_errors::ConfigErrors,
};
use cloud::{Backoff, ClientSettings, ConcurrencyLimit, Endpoints, Method};

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Calls")]
pub struct CallArgs {
    /// Regions to serve, separated by commas; calls to other regions are refused
    #[arg(
        long,
        env = "DESKBUY_REGIONS",
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "cn-hangzhou,cn-beijing,cn-shanghai,cn-shenzhen",
        value_parser = optional(region)
    )]
    regions: Vec<Checked<Option<RegionId>>>,
    /// HTTP method of writes: `post` keeps names and addresses out of the cloud's URL logs
    #[arg(long, env = "DESKBUY_WRITE_METHOD", value_name = "post|get", default_value = "post", value_parser = checked(method))]
    write_method: Checked<Method>,
    /// Deadline of one attempt at a call, its answer included
    #[arg(long, env = "DESKBUY_ATTEMPT_DEADLINE", value_name = "TIME", default_value = "10s", value_parser = checked(duration))]
    attempt_deadline: Checked<Duration>,
    /// Deadline of a read, with its retries
    #[arg(long, env = "DESKBUY_READ_DEADLINE", value_name = "TIME", default_value = "20s", value_parser = checked(duration))]
    read_deadline: Checked<Duration>,
    /// Concurrency limit of reads, and of writes, for each product and region
    #[arg(long, env = "DESKBUY_CALL_CONCURRENCY", value_name = "NUMBER", default_value = "64", value_parser = checked(at_least_one))]
    call_concurrency: Checked<usize>,
    /// Queue limit for calls beyond the concurrency limit; further calls are refused with Retry-After
    #[arg(long, env = "DESKBUY_CALL_QUEUE", value_name = "NUMBER", default_value = "1024")]
    call_queue: usize,
    /// Size of the response cache for reads, in megabytes; 0 turns it off
    #[arg(long, env = "DESKBUY_CACHE", value_name = "NUMBER", default_value = "16", value_parser = checked(megabytes))]
    cache: Checked<u64>,
    /// Version of the CloudDesktop API
    #[arg(
        long = "version-clouddesktop",
        env = "DESKBUY_VERSION_CLOUDDESKTOP",
        value_name = "DATE",
        default_value = "2017-03-01"
    )]
    cloud_desktop_version: String,
    /// Version of the VPC API
    #[arg(long = "version-vpc", env = "DESKBUY_VERSION_VPC", value_name = "DATE", default_value = "2016-04-28")]
    vpc_version: String,
}

/// The validated settings of calls, without the endpoints.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    regions: Vec<RegionId>,
    write_method: Method,
    pub(super) attempt_deadline: Duration,
    read_deadline: Duration,
    concurrency: ConcurrencyLimit,
    cache_bytes: u64,
    cloud_desktop_version: String,
    vpc_version: String,
}

impl CallArgs {
    pub(super) fn validate(&self, errors: &mut ConfigErrors) -> Option<Calls> {
        let before = errors.count();
        let mut regions = Vec::new();
        for region in errors.values("regions", &self.regions) {
            if !regions.contains(&region) {
                regions.push(region);
            }
        }
        let any = if regions.is_empty() && errors.count() == before { Err("names no region") } else { Ok(()) };
        let any = errors.take("regions", any);
        let write_method = errors.value("write-method", &self.write_method);
        let attempt_deadline = errors.value("attempt-deadline", &self.attempt_deadline);
        let read_deadline = errors.value("read-deadline", &self.read_deadline);
        let at_once = errors.value("call-concurrency", &self.call_concurrency);
        let cache_bytes = errors.value("cache", &self.cache);
        any?;
        Some(Calls {
            regions,
            write_method: write_method?,
            attempt_deadline: attempt_deadline?,
            read_deadline: read_deadline?,
            concurrency: ConcurrencyLimit { at_once: at_once?, waiting: self.call_queue },
            cache_bytes: cache_bytes?,
            cloud_desktop_version: self.cloud_desktop_version.clone(),
            vpc_version: self.vpc_version.clone(),
        })
    }
}

impl Calls {
    /// The served regions.
    pub(super) fn regions(&self) -> &[RegionId] {
        &self.regions
    }

    /// The client's settings with these endpoints, and the served regions.
    pub(super) fn with(self, endpoints: Endpoints) -> (ClientSettings, Vec<RegionId>) {
        let client = ClientSettings {
            endpoints,
            cloud_desktop_version: self.cloud_desktop_version,
            vpc_version: self.vpc_version,
            write_method: self.write_method,
            attempt_deadline: self.attempt_deadline,
            read_deadline: self.read_deadline,
            backoff: Backoff::default(),
            concurrency: self.concurrency,
            cache_bytes: self.cache_bytes,
        };
        (client, self.regions)
    }
}

fn region(text: &str) -> Result<RegionId, String> {
    text.parse().map_err(|_| format!("has {text:?}, which is not a region such as cn-hangzhou"))
}

fn method(text: &str) -> Result<Method, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "post" => Ok(Method::Post),
        "get" => Ok(Method::Get),
        _ => Err("is neither post nor get"),
    }
}

/// Parses megabytes into bytes.
fn megabytes(text: &str) -> Result<u64, &'static str> {
    let number = text.parse::<u64>().map_err(|_| "is not a number of megabytes")?;
    number.checked_mul(1 << 20).ok_or("is more than there can be")
}
