//! Which address a call goes to. Hosts come from the settings and from nowhere else: a caller can name a region, and
//! only one of the configured ones.

use std::fmt;

use http::Uri;
use shared::{Product, ids::RegionId};
use url::{Host, Url};

use super::authorities::Authorities;

/// The placeholder of a template.
const REGION: &str = "{region}";

/// The address of a product, with `{region}` where the region's name goes, for example
/// `https://clouddesktop.{region}.aliyuncs.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(String);

/// Why a text is no template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Not an address at all.
    #[error("is not an address such as https://clouddesktop.{{region}}.aliyuncs.com")]
    NotAnAddress,
    /// Something in braces that is not `{region}`.
    #[error("has a placeholder other than {{region}}")]
    UnknownPlaceholder,
    /// More than scheme, host and port.
    #[error("must be scheme, host and port only")]
    MoreThanHost,
    /// Signed parameters hold personal data, so they travel in the open only within this machine.
    #[error("must be https; plain http is for loopback addresses only")]
    PlainHttp,
}

impl Template {
    /// Where CloudDesktop is.
    #[must_use]
    pub fn cloud_desktop() -> Self {
        Self("https://clouddesktop.{region}.aliyuncs.com".to_owned())
    }

    /// Where VPC is in most regions.
    #[must_use]
    pub fn vpc() -> Self {
        Self("https://vpc.{region}.aliyuncs.com".to_owned())
    }

    /// Where an ECS instance's own metadata service is. Link-local, so that it is the machine that this runs on, and plain
    /// http, since there is no other: the one address without https that counts beyond loopback.
    #[must_use]
    pub fn metadata() -> Self {
        Self("http://100.100.100.200".to_owned())
    }

    /// The address, if it is the same in every region.
    #[must_use]
    pub fn as_url(&self) -> Option<Url> {
        Url::parse(&self.0).ok().filter(|_| !self.0.contains(REGION))
    }

    /// The address for a region, with the path `/` that the RPC style calls.
    fn fill(&self, region: &RegionId) -> Result<Url, TemplateError> {
        Url::parse(&self.0.replace(REGION, region.as_str())).map_err(|_| TemplateError::NotAnAddress)
    }
}

impl std::str::FromStr for Template {
    type Err = TemplateError;
    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let text = text.trim();
        let template = Self(text.trim_end_matches('/').to_owned());
        // Those of other tools too: `$REGION`, `${region}`, `<region>`.
        if text.replace(REGION, "").contains(['{', '}', '$', '<', '>']) {
            return Err(TemplateError::UnknownPlaceholder);
        }
        // Any region will do to see whether the rest is sound, since a region is a single DNS label.
        let sample = "cn-hangzhou".parse().map_err(|_| TemplateError::NotAnAddress)?;
        let url = template.fill(&sample)?;
        // The client reads addresses by stricter rules.
        url.as_str().parse::<Uri>().map_err(|_| TemplateError::NotAnAddress)?;
        let is_bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        match url.scheme() {
            _ if !has_host(&url) => Err(TemplateError::NotAnAddress),
            _ if !is_bare => Err(TemplateError::MoreThanHost),
            "https" => Ok(template),
            "http" if is_loopback(&url) && !text.contains(REGION) => Ok(template),
            "http" => Err(TemplateError::PlainHttp),
            _ => Err(TemplateError::NotAnAddress),
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Whether an address has a host that there can be, and no port that there is not. The standard's parser takes `a$b`,
/// `a..b` and `*`, which are slips of whoever wrote it.
pub(super) fn has_host(url: &Url) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(is_letter);
    let is_host = match url.host() {
        Some(Host::Domain(name)) => name.strip_suffix('.').unwrap_or(name).split('.').all(is_label),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    };
    is_host && url.port() != Some(0)
}

/// Whether the address is on this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    is_loopback_host(url.host_str().unwrap_or_default())
}

/// The same of an address's host.
pub(super) fn is_loopback_host(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The addresses of both products, and who vouches for them.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// Where CloudDesktop is.
    pub cloud_desktop: Template,
    /// Where VPC is.
    pub vpc: Template,
    /// Exceptions, by product and region.
    pub exceptions: Vec<(Product, RegionId, Template)>,
    /// Certificate authorities in place of the system's.
    pub authorities: Option<Authorities>,
}

impl Endpoints {
    /// Both products at one address, as the simulator serves them.
    #[must_use]
    pub fn both_at(template: &Template) -> Self {
        Self { cloud_desktop: template.clone(), vpc: template.clone(), exceptions: Vec::new(), authorities: None }
    }

    /// The address of a product in a region.
    pub fn url(&self, product: Product, region: &RegionId) -> Result<Url, TemplateError> {
        let exception = self.exceptions.iter().find(|(of, at, _)| *of == product && at == region);
        let template = match (exception, product) {
            (Some((_, _, template)), _) => template,
            (None, Product::CloudDesktop) => &self.cloud_desktop,
            (None, Product::Vpc) => &self.vpc,
        };
        template.fill(region)
    }

    /// The same, as the client takes it.
    pub(super) fn address(&self, product: Product, region: &RegionId) -> Result<Uri, TemplateError> {
        self.url(product, region)?.as_str().parse().map_err(|_| TemplateError::NotAnAddress)
    }

    /// Whether every call is in the open, which they may be on this machine only: no certificates are wanted then.
    #[must_use]
    pub fn are_plain(&self) -> bool {
        let exceptions = self.exceptions.iter().map(|(_, _, template)| template);
        [&self.cloud_desktop, &self.vpc].into_iter().chain(exceptions).all(|template| template.0.starts_with("http:"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates() {
        let check = |text: &str, expect: Result<(), TemplateError>| {
            assert_eq!(text.parse::<Template>().map(|_| ()), expect, "{text}");
        };
        check("https://clouddesktop.{region}.aliyuncs.com", Ok(()));
        check("https://clouddesktop.{region}.aliyuncs.com/", Ok(()));
        check("https://gateway.example:8443", Ok(()));
        check("http://127.0.0.1:9091", Ok(()));
        check("http://[::1]:9091", Ok(()));
        check("http://localhost:9091", Ok(()));
        check("http://vpc.aliyuncs.com", Err(TemplateError::PlainHttp));
        check("http://{region}.localhost", Err(TemplateError::PlainHttp));
        check("http://127.0.0.1.evil.example", Err(TemplateError::PlainHttp));
        check("https://a@b.example", Err(TemplateError::MoreThanHost));
        check("https://b.example/path", Err(TemplateError::MoreThanHost));
        check("https://b.example/?q=1", Err(TemplateError::MoreThanHost));
        check("ftp://b.example", Err(TemplateError::NotAnAddress));
        check("https://clouddesktop.{RegionId}.example", Err(TemplateError::UnknownPlaceholder));
        check("https://clouddesktop.{region.example", Err(TemplateError::UnknownPlaceholder));
        check("https://clouddesktop.{{region}}.example", Err(TemplateError::UnknownPlaceholder));
        check("https://clouddesktop.%7BRegionId%7D.example", Err(TemplateError::NotAnAddress));
        for other in ["$REGION", "${region}", "<region>", "{region}$", "{REGION}", "{ region }"] {
            let text = format!("https://clouddesktop.{other}.example");
            check(&text, Err(TemplateError::UnknownPlaceholder));
        }
        for host in
            ["a..example", ".example", "*.example", "a,b.example", "a b.example", "%s.example", "a.example:0", ":443"]
        {
            check(&format!("https://{host}"), Err(TemplateError::NotAnAddress));
        }
        check(" https://gateway.example\n", Ok(()));
        check("https://gateway.example.:8443", Ok(()));
        check("https//gateway.example", Err(TemplateError::NotAnAddress));
        check("clouddesktop", Err(TemplateError::NotAnAddress));
        check("", Err(TemplateError::NotAnAddress));
    }

    #[test]
    fn a_region_may_have_its_own_address() {
        let hangzhou: RegionId = "cn-hangzhou".parse().unwrap();
        let beijing: RegionId = "cn-beijing".parse().unwrap();
        let exception = (Product::Vpc, hangzhou.clone(), "https://vpc.aliyuncs.com".parse().unwrap());
        let endpoints = Endpoints {
            cloud_desktop: Template::cloud_desktop(),
            vpc: Template::vpc(),
            exceptions: vec![exception],
            authorities: None,
        };
        let check = |product, region, expect: &str| {
            assert_eq!(endpoints.url(product, region).unwrap().as_str(), expect);
        };
        check(Product::CloudDesktop, &hangzhou, "https://clouddesktop.cn-hangzhou.aliyuncs.com/");
        check(Product::Vpc, &hangzhou, "https://vpc.aliyuncs.com/");
        check(Product::Vpc, &beijing, "https://vpc.cn-beijing.aliyuncs.com/");
        assert!(!endpoints.are_plain());
        assert!(Endpoints::both_at(&"http://127.0.0.1:1".parse().unwrap()).are_plain());
        assert!(!Endpoints::both_at(&"https://127.0.0.1:1".parse().unwrap()).are_plain());
    }
}
