//! Settings of how the cloud is called: regions, versions, method and patience.

use std::time::Duration;

use clap::Args;
use shared::ids::RegionId;

use super::Mistakes;
use crate::upstream::{Backoff, Endpoints, Method, Wire};

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
    cloud_desktop_version: String,
    vpc_version: String,
}

impl CallArgs {
    pub(super) fn settle(&self, mistakes: &mut Mistakes) -> Option<Calls> {
        let mut regions: Vec<RegionId> = Vec::new();
        for name in self.regions.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
            let region = name.parse().map_err(|_| format!("has {name:?}, which is not a region such as cn-hangzhou"));
            regions.extend(mistakes.take("regions", region).filter(|region| !regions.contains(region)));
        }
        let some = if regions.is_empty() { Err("names no region") } else { Ok(()) };
        let some = mistakes.take("regions", some);
        let write_method = match self.write_method.to_ascii_lowercase().as_str() {
            "post" => Ok(Method::Post),
            "get" => Ok(Method::Get),
            _ => Err("is neither post nor get"),
        };
        let write_method = mistakes.take("write-method", write_method);
        let attempt_deadline = mistakes.take_duration("attempt-deadline", &self.attempt_deadline);
        let read_deadline = mistakes.take_duration("read-deadline", &self.read_deadline);
        some?;
        Some(Calls {
            regions,
            write_method: write_method?,
            attempt_deadline: attempt_deadline?,
            read_deadline: read_deadline?,
            cloud_desktop_version: self.cloud_desktop_version.clone(),
            vpc_version: self.vpc_version.clone(),
        })
    }
}

impl Calls {
    /// All that a client needs to know, and the regions.
    pub(super) fn with(self, endpoints: Endpoints) -> (Wire, Vec<RegionId>) {
        let wire = Wire {
            endpoints,
            cloud_desktop_version: self.cloud_desktop_version,
            vpc_version: self.vpc_version,
            write_method: self.write_method,
            attempt_deadline: self.attempt_deadline,
            read_deadline: self.read_deadline,
            backoff: Backoff::default(),
        };
        (wire, self.regions)
    }
}
