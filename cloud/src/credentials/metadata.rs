//! The metadata service of ECS instances, which gives the credentials of the instance's role. A token is taken first, as
//! its hardened mode wants; where it gives none it is asked without, unless that is forbidden.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use tokio::time::timeout;
use url::Url;

use super::{
    ask::{CredentialEndpoints, Fetched, Reply, ask, request},
    error::CredentialsError,
    plan::{given, trimmed},
};
use crate::endpoint::Template;

const ROLES: &str = "/latest/meta-data/ram/security-credentials/";
const TOKEN: &str = "/latest/api/token";
const TOKEN_HEADER: &str = "x-aliyun-ecs-metadata-token";
const TOKEN_LASTS_HEADER: &str = "x-aliyun-ecs-metadata-token-ttl-seconds";
/// It is for the questions that follow at once.
const TOKEN_LASTS: &str = "60";
const PLACE: &str = "the metadata service";

/// For the token, which some instances never answer the question for.
const TOKEN_DEADLINE: Duration = Duration::from_secs(2);
/// For any other question; it is the same machine.
const DEADLINE: Duration = Duration::from_secs(3);

/// The credentials of a role, or of the one that the instance has. With a token, and, unless only the `hardened` mode is
/// wanted, without one where that does not get there, for whatever reason.
pub(super) async fn role(
    name: Option<&str>,
    hardened: bool,
    stations: &CredentialEndpoints,
) -> Result<Fetched, CredentialsError> {
    let base = stations.metadata.clone().unwrap_or_else(Template::metadata).as_url();
    let base = base.ok_or_else(|| CredentialsError::broken(PLACE, "has an address that is none"))?;
    let without = Service { base, token: None };
    match without.role_by_token(name).await {
        Err(_) if !hardened => without.role(name).await,
        result => result,
    }
}

struct Service {
    base: Url,
    token: Option<String>,
}

impl Service {
    async fn role_by_token(&self, name: Option<&str>) -> Result<Fetched, CredentialsError> {
        let service = Self { base: self.base.clone(), token: Some(self.token().await?) };
        service.role(name).await
    }

    async fn token(&self) -> Result<String, CredentialsError> {
        let request = request(Method::PUT, &self.at(TOKEN)?).header(TOKEN_LASTS_HEADER, TOKEN_LASTS);
        let reply = within(TOKEN_DEADLINE, ask(PLACE, request, Bytes::new(), None)).await?;
        // It becomes a header.
        let is_token = |text: &String| text.bytes().all(|byte| byte.is_ascii_graphic());
        let none = || CredentialsError::broken(PLACE, "gives a token that is none");
        given(&reply.text()).filter(is_token).ok_or_else(none)
    }

    async fn role(&self, name: Option<&str>) -> Result<Fetched, CredentialsError> {
        let name = match name {
            Some(name) => name.to_owned(),
            None => self.get(ROLES).await?.text(),
        };
        let name = trimmed(&name);
        // It becomes part of an address.
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)) {
            return Err(CredentialsError::broken(PLACE, "names a role that is none"));
        }
        self.get(&format!("{ROLES}{name}")).await?.credentials(PLACE)
    }

    async fn get(&self, path: &str) -> Result<Reply, CredentialsError> {
        let request = request(Method::GET, &self.at(path)?);
        let request = match &self.token {
            Some(token) => request.header(TOKEN_HEADER, token),
            None => request,
        };
        within(DEADLINE, ask(PLACE, request, Bytes::new(), None)).await
    }

    fn at(&self, path: &str) -> Result<Url, CredentialsError> {
        self.base.join(path).map_err(|_| CredentialsError::broken(PLACE, "has an address that is none"))
    }
}

async fn within(
    deadline: Duration,
    asking: impl Future<Output = Result<Reply, CredentialsError>>,
) -> Result<Reply, CredentialsError> {
    let late = |_| CredentialsError::unavailable(PLACE, "does not answer in time");
    timeout(deadline, asking).await.map_err(late)?
}
