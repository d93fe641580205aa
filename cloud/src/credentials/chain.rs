//! The places where the conventions keep credentials, in their order: environment, OIDC role, the CLI's configuration,
//! credentials file, role of the ECS instance, address. What is at the first place that has something counts; a place
//! that has something unusable ends the search, since a key of another account would be worse than none.

use std::{collections::HashMap, io, path::PathBuf, sync::Arc};

use super::{
    ask::{CredentialEndpoints, Fetched},
    cli,
    error::CredentialsError,
    fetch::fetch,
    keeper::{Candidate, Source},
    plan::{Origin, Plan, Role, Sts},
    profiles,
};
use crate::secret::Secret;

/// The environment, as far as it is about credentials. It does not change while a process runs.
#[derive(Debug)]
pub(super) struct Variables(HashMap<&'static str, Secret>);

/// The chain.
#[derive(Debug)]
pub(super) struct Chain {
    variables: Arc<Variables>,
    stations: CredentialEndpoints,
}

const KEY_ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
const KEY_SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
const TOKEN: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";
const ROLE: &str = "ALIBABA_CLOUD_ROLE_ARN";
const SESSION: &str = "ALIBABA_CLOUD_ROLE_SESSION_NAME";
const OIDC_PROVIDER: &str = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN";
const OIDC_TOKEN: &str = "ALIBABA_CLOUD_OIDC_TOKEN_FILE";
const STS_REGION: &str = "ALIBABA_CLOUD_STS_REGION";
const WITHIN_VPC: &str = "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED";
const PROFILE: &str = "ALIBABA_CLOUD_PROFILE";
const NO_CLI: &str = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED";
const FILE: &str = "ALIBABA_CLOUD_CREDENTIALS_FILE";
const ECS: &str = "ALIBABA_CLOUD_ECS_METADATA";
const NO_ECS: &str = "ALIBABA_CLOUD_ECS_METADATA_DISABLED";
const ECS_HARDENED: &str = "ALIBABA_CLOUD_IMDSV1_DISABLED";
const URI: &str = "ALIBABA_CLOUD_CREDENTIALS_URI";
const NAMES: &[&str] = &[
    KEY_ID,
    KEY_SECRET,
    TOKEN,
    ROLE,
    SESSION,
    OIDC_PROVIDER,
    OIDC_TOKEN,
    STS_REGION,
    WITHIN_VPC,
    PROFILE,
    NO_CLI,
    FILE,
    ECS,
    NO_ECS,
    ECS_HARDENED,
    URI,
    "HOME",
];
/// More than any sensible file of credentials.
const LARGEST_FILE: u64 = 1 << 20;

impl Variables {
    /// Those of a process. Empty ones count as absent.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let given = |name: &&'static str| Some((*name, variable(name).filter(|text| !text.trim().is_empty())?.into()));
        Self(NAMES.iter().filter_map(given).collect())
    }

    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|text| text.expose().to_owned())
    }

    fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
    }

    fn at_home(&self, path: &str) -> Option<PathBuf> {
        Some(PathBuf::from(self.get("HOME")?).join(path))
    }

    /// What there is at these places, the first certain one last.
    fn candidates(&self, only: Option<Origin>) -> Result<Vec<Candidate>, CredentialsError> {
        const ORDER: [Origin; 6] = [
            Origin::Environment,
            Origin::OidcRole,
            Origin::CliConfig,
            Origin::CredentialsFile,
            Origin::EcsRole,
            Origin::Uri,
        ];
        let mut candidates = Vec::new();
        for origin in ORDER.into_iter().filter(|origin| only.is_none_or(|only| only == *origin)) {
            let Some(plan) = self.plan(origin)? else { continue };
            // Any machine may turn out to be an ECS instance; only one that says so must be.
            let is_certain = origin != Origin::EcsRole || self.get(ECS).is_some();
            candidates.push(Candidate { origin, plan, is_certain });
            if is_certain {
                break;
            }
        }
        Ok(candidates)
    }

    fn plan(&self, origin: Origin) -> Result<Option<Plan>, CredentialsError> {
        match origin {
            Origin::Environment => Ok(Plan::key(self.get(KEY_ID), self.get(KEY_SECRET), self.get(TOKEN))),
            Origin::OidcRole => self.oidc_role(),
            Origin::CliConfig => self.cli_config(),
            Origin::CredentialsFile => self.credentials_file(),
            Origin::EcsRole => Ok((!self.is_true(NO_ECS))
                .then(|| Plan::EcsRole { name: self.get(ECS), hardened: self.is_true(ECS_HARDENED) })),
            Origin::Uri => self.get(URI).map(|text| Plan::uri(URI, &text)).transpose(),
        }
    }

    fn oidc_role(&self) -> Result<Option<Plan>, CredentialsError> {
        let (provider_arn, token_file) = match (self.get(OIDC_PROVIDER), self.get(OIDC_TOKEN)) {
            (Some(provider_arn), Some(token_file)) => (provider_arn, token_file),
            (None, None) => return Ok(None),
            _ => return Err(CredentialsError::broken(OIDC_TOKEN, format!("goes together with {OIDC_PROVIDER}"))),
        };
        let arn = self.get(ROLE).ok_or_else(|| CredentialsError::broken(OIDC_TOKEN, format!("needs {ROLE}")))?;
        let role = Role {
            arn,
            session: self.get(SESSION),
            seconds: None,
            policy: None,
            external_id: None,
            sts: Sts::of(STS_REGION, self.get(STS_REGION), self.is_true(WITHIN_VPC))?,
        };
        Ok(Some(Plan::Oidc { provider_arn, token_file: token_file.into(), role }))
    }

    fn cli_config(&self) -> Result<Option<Plan>, CredentialsError> {
        let path = self.at_home(".aliyun/config.json").filter(|_| !self.is_true(NO_CLI));
        let Some((place, text)) = path.map(read).transpose()?.flatten() else { return Ok(None) };
        cli::plan(&place, &text, self.get(PROFILE).as_deref())
    }

    fn credentials_file(&self) -> Result<Option<Plan>, CredentialsError> {
        let profile = self.get(PROFILE);
        let named = self.get(FILE);
        let usual = [".alibabacloud/credentials.ini", ".alibabacloud/credentials"];
        let paths: Vec<_> = match &named {
            Some(path) => vec![PathBuf::from(path)],
            None => usual.into_iter().filter_map(|path| self.at_home(path)).collect(),
        };
        for path in paths {
            let Some((place, text)) = read(path)? else { continue };
            if let Some(plan) = profiles::plan(&place, &text, profile.as_deref().unwrap_or("default"))? {
                return Ok(Some(plan));
            }
        }
        // Whoever names a file or a profile means it.
        match (named, profile) {
            (Some(path), _) => Err(CredentialsError::broken(path, "has no such profile, or is not there")),
            (None, Some(profile)) => {
                Err(CredentialsError::broken(PROFILE, format!("no file has a profile {profile:?}")))
            }
            (None, None) => Ok(None),
        }
    }
}

/// A file's path and text, if there is one.
fn read(path: PathBuf) -> Result<Option<(String, String)>, CredentialsError> {
    let place = path.display().to_string();
    let size = std::fs::metadata(&path).map(|metadata| metadata.len()).unwrap_or_default();
    if size > LARGEST_FILE {
        return Err(CredentialsError::broken(place, "is too large to be a file of credentials"));
    }
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some((place, text))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CredentialsError::broken(place, format!("cannot be read ({})", error.kind()))),
    }
}

impl Chain {
    pub(super) fn new(variables: Variables, stations: CredentialEndpoints) -> Self {
        Self { variables: Arc::new(variables), stations }
    }
}

impl Source for Chain {
    async fn candidates(&self, only: Option<Origin>) -> Result<Vec<Candidate>, CredentialsError> {
        let variables = Arc::clone(&self.variables);
        // Homes are sometimes on disks that are far away.
        let look = tokio::task::spawn_blocking(move || variables.candidates(only));
        look.await.unwrap_or_else(|_| Err(CredentialsError::unavailable("the files of credentials", "cannot be read")))
    }

    async fn fetch(&self, plan: &Plan) -> Result<Fetched, CredentialsError> {
        fetch(plan, &self.stations).await
    }
}
