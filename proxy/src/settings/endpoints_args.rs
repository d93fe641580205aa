//! Settings of the cloud's endpoints, and of where credentials come from.

use std::{fs, path::PathBuf};

use clap::Args;
use shared::{Product, ids::RegionId};

use super::{
    checked::{Checked, checked, from_str, optional},
    config_errors::ConfigErrors,
};
use cloud::{Authorities, CredentialEndpoints, CredentialsError, CredentialsSource, Endpoints, Template};

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Cloud")]
pub struct EndpointArgs {
    /// Endpoint of CloudDesktop; {region} stands for the region. Plain http is for loopback only
    #[arg(
        long = "endpoint-clouddesktop",
        env = "DESKBUY_ENDPOINT_CLOUDDESKTOP",
        value_name = "ADDRESS",
        default_value = "https://clouddesktop.{region}.aliyuncs.com",
        value_parser = checked(from_str::<Template>)
    )]
    cloud_desktop: Checked<Template>,
    /// Endpoint of VPC, which lists zones and vSwitches [default: `https://vpc.{region}.aliyuncs.com`, and
    /// `https://vpc.aliyuncs.com` in cn-hangzhou]
    #[arg(long = "endpoint-vpc", env = "DESKBUY_ENDPOINT_VPC", value_name = "ADDRESS", value_parser = optional(from_str::<Template>))]
    vpc: Option<Checked<Option<Template>>>,
    /// Endpoints of single regions, separated by commas, for example `vpc/cn-beijing=https://vpc.example` and
    /// `clouddesktop/cn-beijing=https://desktop.example`
    #[arg(
        long = "endpoint-exceptions",
        env = "DESKBUY_ENDPOINT_EXCEPTIONS",
        value_name = "LIST",
        value_delimiter = ',',
        value_parser = optional(exception)
    )]
    exceptions: Vec<Checked<Option<Exception>>>,
    /// File with the certificate authorities (PEM) that vouch for the cloud and for what gives credentials, in place of the
    /// system's
    #[arg(long, env = "DESKBUY_CLOUD_CA_FILE", value_name = "FILE", value_parser = optional(from_str::<PathBuf>))]
    cloud_ca_file: Option<Checked<Option<PathBuf>>>,
    /// Endpoint of STS, which gives credentials for roles [default: the vendor's, by the region that the credentials
    /// name]
    #[arg(long = "endpoint-sts", env = "DESKBUY_ENDPOINT_STS", value_name = "ADDRESS", value_parser = optional(fixed))]
    sts: Option<Checked<Option<Template>>>,
    /// Address of the metadata service of ECS instances [default: `http://100.100.100.200`]
    #[arg(long = "endpoint-metadata", env = "DESKBUY_ENDPOINT_METADATA", value_name = "ADDRESS", value_parser = optional(metadata))]
    metadata: Option<Checked<Option<Template>>>,
}

impl EndpointArgs {
    /// Finds credentials by the vendor's conventions.
    pub async fn credentials(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<CredentialsSource, CredentialsError> {
        let mut errors = ConfigErrors::default();
        let stations = self.stations(&mut errors);
        // A wrong address is reported when the settings are validated. Until then no request goes to it.
        if !errors.is_empty() {
            let (place, fault) = ("the services that give them".to_owned(), "an address is wrong".to_owned());
            return Err(CredentialsError::Broken { place, fault });
        }
        CredentialsSource::find(variable, stations).await
    }

    /// The endpoints of credential services, where they differ from the vendor's.
    pub(super) fn stations(&self, errors: &mut ConfigErrors) -> CredentialEndpoints {
        CredentialEndpoints {
            sts: errors.optional("endpoint-sts", self.sts.as_ref()).flatten(),
            metadata: errors.optional("endpoint-metadata", self.metadata.as_ref()).flatten(),
            authorities: authorities("cloud-ca-file", self.cloud_ca_file.as_ref(), errors),
        }
    }

    pub(super) fn validate(&self, errors: &mut ConfigErrors) -> Option<Endpoints> {
        let cloud_desktop = errors.value("endpoint-clouddesktop", &self.cloud_desktop);
        let vpc = errors.optional("endpoint-vpc", self.vpc.as_ref());
        let mut exceptions = errors.values("endpoint-exceptions", &self.exceptions);
        // Appended last, so that the operator's own exceptions take precedence.
        if let Some(None) = vpc {
            exceptions.extend(exception("vpc/cn-hangzhou=https://vpc.aliyuncs.com"));
        }
        // A file that cannot be read is reported with the endpoints of credentials.
        let authorities = authorities("cloud-ca-file", self.cloud_ca_file.as_ref(), &mut ConfigErrors::default());
        let (cloud_desktop, vpc) = (cloud_desktop?, vpc?.unwrap_or_else(Template::vpc));
        Some(Endpoints { cloud_desktop, vpc, exceptions, authorities })
    }
}

/// The certificate authorities in the file of a flag, if there is one.
pub(super) fn authorities(
    flag: &str,
    file: Option<&Checked<Option<PathBuf>>>,
    errors: &mut ConfigErrors,
) -> Option<Authorities> {
    let path = errors.optional(flag, file).flatten()?;
    let text = fs::read(path).map_err(|error| format!("cannot be read: {error}"));
    errors.take(flag, text.and_then(|text| Ok(Authorities::of_pem(&text)?)))
}

/// Parses the endpoint of a product in one region.
type Exception = (Product, RegionId, Template);

/// Parses an address that is the same for all regions.
fn fixed(text: &str) -> Result<Template, String> {
    let template = text.parse::<Template>().map_err(|error| error.to_string())?;
    if template.as_url().is_some() { Ok(template) } else { Err("takes no {region}".to_owned()) }
}

/// The same of the metadata service, whose own address has no https.
fn metadata(text: &str) -> Result<Template, String> {
    let own = Template::metadata();
    if text.trim_end_matches('/') == own.to_string() { Ok(own) } else { fixed(text) }
}

fn exception(text: &str) -> Result<Exception, String> {
    let form = || format!("has {text:?}, which is not of the form vpc/cn-beijing=https://vpc.example");
    let (place, address) = text.split_once('=').ok_or_else(form)?;
    let (product, region) = place.trim().split_once('/').ok_or_else(form)?;
    let product = match product {
        "clouddesktop" => Product::CloudDesktop,
        "vpc" => Product::Vpc,
        _ => return Err(form()),
    };
    let template = address.trim().parse::<Template>().map_err(|error| format!("has {text:?}, which {error}"))?;
    Ok((product, region.parse().map_err(|_| form())?, template))
}
