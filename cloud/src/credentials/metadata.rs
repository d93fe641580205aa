//! The metadata service of ECS instances, which gives the credentials of the instance's role. A token is taken first, as
//! its hardened mode wants; where it gives none it is asked without, unless that is forbidden.

use bytes::Bytes;
use http::{Method, request::Builder};
use url::Url;

use super::{
    ask::{CredentialEndpoints, Fetched, ask, request},
    error::CredentialsError,
};

/// Link-local: it is the machine that this runs on. Plain http, since there is no other.
const ADDRESS: &str = "http://100.100.100.200";
const ROLES: &str = "/latest/meta-data/ram/security-credentials/";
const TOKEN: &str = "/latest/api/token";
const TOKEN_HEADER: &str = "x-aliyun-ecs-metadata-token";
const TOKEN_LASTS_HEADER: &str = "x-aliyun-ecs-metadata-token-ttl-seconds";
/// It is for the questions that follow at once.
const TOKEN_LASTS: &str = "60";
const PLACE: &str = "the metadata service";

/// The credentials of a role, or of the one that the instance has.
pub(super) async fn role(
    name: Option<&str>,
    hardened: bool,
    stations: &CredentialEndpoints,
) -> Result<Fetched, CredentialsError> {
    let base = match &stations.metadata {
        Some(template) => template.as_url(),
        None => Url::parse(ADDRESS).ok(),
    };
    let base = base.ok_or_else(|| CredentialsError::broken(PLACE, "has an address that is none"))?;
    let service = Service { base, token: None };
    let service = match service.token().await {
        Ok(token) => Service { token: Some(token), ..service },
        Err(error) if hardened => return Err(error),
        // One that cannot be reached for a token cannot be reached at all.
        Err(error @ CredentialsError::Unavailable { .. }) => return Err(error),
        Err(_) => service,
    };
    let name = match name {
        Some(name) => name.to_owned(),
        None => service.get(ROLES).await?,
    };
    let name = name.trim();
    // It becomes part of an address.
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)) {
        return Err(CredentialsError::broken(PLACE, "names a role that is none"));
    }
    let reply = ask(PLACE, service.request(&format!("{ROLES}{name}"))?, Bytes::new()).await?;
    match reply.0.open().text("Code") {
        Some(code) if code != "Success" => Err(CredentialsError::unavailable(PLACE, "has no credentials now")),
        _ => reply.credentials(PLACE),
    }
}

struct Service {
    base: Url,
    token: Option<String>,
}

impl Service {
    async fn token(&self) -> Result<String, CredentialsError> {
        let request = request(Method::PUT, &self.at(TOKEN)?).header(TOKEN_LASTS_HEADER, TOKEN_LASTS);
        Ok(ask(PLACE, request, Bytes::new()).await?.text().trim().to_owned())
    }

    async fn get(&self, path: &str) -> Result<String, CredentialsError> {
        Ok(ask(PLACE, self.request(path)?, Bytes::new()).await?.text())
    }

    fn request(&self, path: &str) -> Result<Builder, CredentialsError> {
        let request = request(Method::GET, &self.at(path)?);
        Ok(match &self.token {
            Some(token) => request.header(TOKEN_HEADER, token),
            None => request,
        })
    }

    fn at(&self, path: &str) -> Result<Url, CredentialsError> {
        self.base.join(path).map_err(|_| CredentialsError::broken(PLACE, "has an address that is none"))
    }
}
