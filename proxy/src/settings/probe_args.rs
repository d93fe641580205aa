//! Settings of `deskbuy probe`: those of the calls, as for `deskbuy serve`.

use std::time::Duration;

use clap::Args;
use shared::ids::RegionId;

use super::{
    CallArgs, ConfigErrors, EndpointArgs, LogArgs,
    checked::{Checked, checked, duration},
};
use cloud::{ClientSettings, CredentialsError, CredentialsSource};

/// Flags of `deskbuy probe`.
#[derive(Debug, Args)]
#[expect(missing_docs, reason = "a comment here would become the heading of the help; each group explains itself")]
pub struct ProbeArgs {
    /// The region to ask in [default: the first of the regions to serve]
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// Deadline of the probe as a whole; what has no answer by then counts as failed
    #[arg(long, env = "DESKBUY_PROBE_DEADLINE", value_name = "TIME", default_value = "80s", value_parser = checked(duration))]
    deadline: Checked<Duration>,
    #[command(flatten)]
    pub endpoints: EndpointArgs,
    #[command(flatten)]
    pub calls: CallArgs,
    #[command(flatten)]
    pub log: LogArgs,
}

/// The validated settings of the probe.
#[derive(Clone, Debug)]
pub struct ProbeSettings {
    /// The client of the cloud.
    pub client: ClientSettings,
    /// The region to call.
    pub region: RegionId,
}

impl ProbeArgs {
    /// The deadline of the probe as a whole.
    pub fn deadline(&self) -> Result<Duration, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        errors.value("deadline", &self.deadline).ok_or(errors)
    }

    /// The validated settings with the credentials, or all config errors.
    pub fn validate(
        &self,
        credentials: Result<CredentialsSource, CredentialsError>,
    ) -> Result<(ProbeSettings, CredentialsSource), ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let endpoints = self.endpoints.validate(&mut errors);
        self.endpoints.stations(&mut errors);
        let calls = self.calls.validate(&mut errors);
        let named = self.region.as_ref().map(|name| name.parse::<RegionId>());
        let named = named.transpose().map_err(|_| errors.add("--region is not a region such as cn-hangzhou")).ok();
        let credentials = credentials.map_err(|error| errors.add(error.to_string())).ok();
        match (endpoints, calls, named, credentials) {
            (Some(endpoints), Some(calls), Some(named), Some(credentials)) if errors.is_empty() => {
                let (client, regions) = calls.with(endpoints);
                let Some(region) = named.or_else(|| regions.into_iter().next()) else { return Err(errors) };
                Ok((ProbeSettings { client, region }, credentials))
            }
            _ => Err(errors),
        }
    }
}
