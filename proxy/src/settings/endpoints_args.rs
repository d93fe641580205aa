//! Settings of where the cloud is.

use clap::Args;
use shared::{Product, ids::RegionId};

use super::config_errors::ConfigErrors;
use cloud::{CredentialEndpoints, CredentialsError, CredentialsSource, Endpoints, Template};

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Cloud")]
pub struct EndpointArgs {
    /// Address of CloudDesktop; {region} stands for the region. Plain http is for loopback only
    #[arg(
        long = "endpoint-clouddesktop",
        env = "DESKBUY_ENDPOINT_CLOUDDESKTOP",
        value_name = "ADDRESS",
        default_value = "https://clouddesktop.{region}.aliyuncs.com"
    )]
    cloud_desktop: String,
    /// Address of VPC, which lists zones and vSwitches [default: `https://vpc.{region}.aliyuncs.com`, and
    /// `https://vpc.aliyuncs.com` in cn-hangzhou]
    #[arg(long = "endpoint-vpc", env = "DESKBUY_ENDPOINT_VPC", value_name = "ADDRESS")]
    vpc: Option<String>,
    /// Addresses of single regions, separated by commas, for example
    /// `vpc/cn-beijing=https://vpc.example,clouddesktop/cn-beijing=https://desktop.example`
    #[arg(
        long = "endpoint-exceptions",
        env = "DESKBUY_ENDPOINT_EXCEPTIONS",
        value_name = "LIST",
        value_delimiter = ','
    )]
    exceptions: Vec<String>,
    /// Address of STS, which gives credentials for roles [default: the vendor's, by the region that the credentials name]
    #[arg(long = "endpoint-sts", env = "DESKBUY_ENDPOINT_STS", value_name = "ADDRESS")]
    sts: Option<String>,
    /// Address of the metadata service of ECS instances [default: `http://100.100.100.200`]
    #[arg(long = "endpoint-metadata", env = "DESKBUY_ENDPOINT_METADATA", value_name = "ADDRESS")]
    metadata: Option<String>,
}

impl EndpointArgs {
    /// Looks for credentials where the conventions say.
    pub async fn credentials(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<CredentialsSource, CredentialsError> {
        let mut errors = ConfigErrors::default();
        let stations = self.stations(&mut errors);
        // Told again, and in full, when the settings are settled; until then nobody is asked at a wrong address.
        if !errors.is_empty() {
            let (place, fault) = ("the services that give them".to_owned(), "an address is wrong".to_owned());
            return Err(CredentialsError::Broken { place, fault });
        }
        CredentialsSource::find(variable, stations).await
    }

    /// Where credentials come from, if not from where the vendor has them.
    pub(super) fn stations(&self, errors: &mut ConfigErrors) -> CredentialEndpoints {
        let mut take = |flag: &str, text: &Option<String>| {
            let text = text.as_deref().filter(|text| !text.trim().is_empty())?;
            let template = text.parse::<Template>().map_err(|error| error.to_string());
            let template = template.and_then(|template| match template.as_url() {
                Some(_) => Ok(template),
                None => Err("takes no {region}".to_owned()),
            });
            errors.take(flag, template)
        };
        CredentialEndpoints {
            sts: take("endpoint-sts", &self.sts),
            metadata: take("endpoint-metadata", &self.metadata),
        }
    }

    pub(super) fn validate(&self, errors: &mut ConfigErrors) -> Option<Endpoints> {
        let cloud_desktop = errors.take("endpoint-clouddesktop", self.cloud_desktop.parse());
        // A variable that is set to nothing is not set.
        let own_vpc = self.vpc.as_deref().filter(|text| !text.trim().is_empty());
        let vpc = match own_vpc {
            Some(text) => errors.take("endpoint-vpc", text.parse()),
            None => Some(Template::vpc()),
        };
        let mut exceptions = Vec::new();
        for text in self.exceptions.iter().filter(|text| !text.trim().is_empty()) {
            exceptions.extend(errors.take("endpoint-exceptions", exception(text)));
        }
        // Last, so that an exception of the operator's own comes before it.
        if own_vpc.is_none() {
            exceptions.extend(exception("vpc/cn-hangzhou=https://vpc.aliyuncs.com"));
        }
        Some(Endpoints { cloud_desktop: cloud_desktop?, vpc: vpc?, exceptions })
    }
}

fn exception(text: &str) -> Result<(Product, RegionId, Template), String> {
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
