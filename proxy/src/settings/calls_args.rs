//! Settings of how the cloud is called: regions, versions, method and patience.

use std::time::Duration;

use clap::Args;
use shared::ids::RegionId;

use super::config_errors::ConfigErrors;
use cloud::{Backoff, ClientSettings, ConcurrencyLimit, Endpoints, Method};

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Calls")]
pub struct CallArgs {
    /// The regions to serve, separated by commas; any other is refused
    #[arg(
        long,
        env = "DESKBUY_REGIONS",
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "cn-hangzhou,cn-beijing,cn-shanghai,cn-shenzhen"
    )]
    regions: Vec<String>,
    /// How writes are sent: `post` keeps names and addresses out of the cloud's URL logs
    #[arg(long, env = "DESKBUY_WRITE_METHOD", value_name = "post|get", default_value = "post")]
    write_method: String,
    /// How long one call may take, its answer included
    #[arg(long, env = "DESKBUY_ATTEMPT_DEADLINE", value_name = "TIME", default_value = "10s")]
    attempt_deadline: String,
    /// How long a read may take with its repetitions
    #[arg(long, env = "DESKBUY_READ_DEADLINE", value_name = "TIME", default_value = "20s")]
    read_deadline: String,
    /// How many reads are with the cloud at the same time, and how many writes, for each product and region
    #[arg(long, env = "DESKBUY_CALL_CONCURRENCY", value_name = "NUMBER", default_value = "64")]
    call_concurrency: usize,
    /// How many more may wait for their turn; whoever comes after them is told to come back later
    #[arg(long, env = "DESKBUY_CALL_QUEUE", value_name = "NUMBER", default_value = "1024")]
    call_queue: usize,
    /// Memory for answers to reads, in megabytes; 0 asks the cloud each time
    #[arg(long, env = "DESKBUY_CACHE", value_name = "NUMBER", default_value = "16")]
    cache: u64,
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

/// How to call, but for where.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    regions: Vec<RegionId>,
    write_method: Method,
    pub(super) attempt_deadline: Duration,
    read_deadline: Duration,
    crowding: ConcurrencyLimit,
    memory: u64,
    cloud_desktop_version: String,
    vpc_version: String,
}

impl CallArgs {
    pub(super) fn validate(&self, errors: &mut ConfigErrors) -> Option<Calls> {
        let mut regions: Vec<RegionId> = Vec::new();
        for name in self.regions.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
            let region = name.parse().map_err(|_| format!("has {name:?}, which is not a region such as cn-hangzhou"));
            regions.extend(errors.take("regions", region).filter(|region| !regions.contains(region)));
        }
        let some = if regions.is_empty() { Err("names no region") } else { Ok(()) };
        let some = errors.take("regions", some);
        let write_method = match self.write_method.to_ascii_lowercase().as_str() {
            "post" => Ok(Method::Post),
            "get" => Ok(Method::Get),
            _ => Err("is neither post nor get"),
        };
        let write_method = errors.take("write-method", write_method);
        let attempt_deadline = errors.take_duration("attempt-deadline", &self.attempt_deadline);
        let read_deadline = errors.take_duration("read-deadline", &self.read_deadline);
        let any = self.call_concurrency > 0;
        errors.take("call-concurrency", any.then_some(()).ok_or("must be at least 1"));
        let memory = self.cache.checked_mul(1 << 20).ok_or("is more than there can be");
        let memory = errors.take("cache", memory);
        some?;
        Some(Calls {
            regions,
            write_method: write_method?,
            attempt_deadline: attempt_deadline?,
            read_deadline: read_deadline?,
            crowding: ConcurrencyLimit { at_once: self.call_concurrency, waiting: self.call_queue },
            memory: memory?,
            cloud_desktop_version: self.cloud_desktop_version.clone(),
            vpc_version: self.vpc_version.clone(),
        })
    }
}

impl Calls {
    /// The regions that are served.
    pub(super) fn regions(&self) -> &[RegionId] {
        &self.regions
    }

    /// All that a client needs to know, and the regions.
    pub(super) fn with(self, endpoints: Endpoints) -> (ClientSettings, Vec<RegionId>) {
        let wire = ClientSettings {
            endpoints,
            cloud_desktop_version: self.cloud_desktop_version,
            vpc_version: self.vpc_version,
            write_method: self.write_method,
            attempt_deadline: self.attempt_deadline,
            read_deadline: self.read_deadline,
            backoff: Backoff::default(),
            crowding: self.crowding,
            memory: self.memory,
        };
        (wire, self.regions)
    }
}
