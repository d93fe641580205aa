//! The places where the conventions keep credentials, in their order: environment, OIDC role, the CLI's configuration,
//! credentials file, role of the ECS instance, address. What is at the first place that has something counts; a place
//! that has something unusable ends the search, since a key of another account would be worse than none.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    ask::{CredentialEndpoints, Fetched},
    cli,
    error::CredentialsError,
    fetch::fetch,
    ini,
    keeper::{Candidate, Candidates, Source},
    plan::{Found, Origin, Plan, Role, Sts, given, truth},
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
const CLI_FILE: &str = "ALIBABA_CLOUD_CONFIG_FILE";
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
    CLI_FILE,
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
        let read = |name: &&'static str| Some((*name, given(&variable(name)?)?.into()));
        Self(NAMES.iter().filter_map(read).collect())
    }

    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|text| text.expose().to_owned())
    }

    fn is_true(&self, name: &str) -> Result<bool, CredentialsError> {
        let Some(text) = self.get(name).filter(|text| !text.is_empty()) else { return Ok(false) };
        truth(&text).ok_or_else(|| CredentialsError::broken(name, "is neither true nor false"))
    }

    fn at_home(&self, path: &str) -> Option<PathBuf> {
        Some(PathBuf::from(self.get("HOME")?).join(path))
    }

    /// What there is at these places, the first certain one last.
    fn candidates(&self, only: Option<Origin>) -> Result<Candidates, CredentialsError> {
        const ORDER: [Origin; 6] = [
            Origin::Environment,
            Origin::OidcRole,
            Origin::CliConfig,
            Origin::CredentialsFile,
            Origin::EcsRole,
            Origin::Uri,
        ];
        let mut candidates = Candidates::default();
        for origin in ORDER.into_iter().filter(|origin| only.is_none_or(|only| only == *origin)) {
            let plan = match self.look(origin)? {
                // Whoever names a file means it.
                Found::Plan(_) if origin == Origin::CliConfig && only.is_none() && self.get(FILE).is_some() => {
                    let place = self.get(CLI_FILE).unwrap_or_else(|| "~/.aliyun/config.json".to_owned());
                    return Err(CredentialsError::broken(
                        FILE,
                        format!(
                            "names a file, and {place} would be used before it; {NO_CLI}=true passes over that one"
                        ),
                    ));
                }
                Found::Plan(plan) => plan,
                Found::Nothing(why) => {
                    candidates.nothing.push(why);
                    continue;
                }
            };
            // Any machine may turn out to be an ECS instance; only one that says so must be.
            let is_certain = origin != Origin::EcsRole || self.get(ECS).is_some();
            candidates.places.push(Candidate { origin, plan, is_certain, is_expected: is_certain });
            if is_certain {
                break;
            }
        }
        Ok(candidates)
    }

    fn look(&self, origin: Origin) -> Result<Found, CredentialsError> {
        let unset = |name: &str| Found::Nothing(format!("{name} is not set"));
        match origin {
            Origin::Environment => {
                let names = [KEY_ID, KEY_SECRET, TOKEN];
                let key = Plan::key(names, names.map(|name| self.get(name)));
                let key = key.map_err(|fault| CredentialsError::broken("the environment", fault))?;
                Ok(key.map_or_else(|| unset(KEY_ID), Found::Plan))
            }
            Origin::OidcRole => Ok(self.oidc_role()?.map_or_else(|| unset(OIDC_TOKEN), Found::Plan)),
            Origin::CliConfig => self.cli_config(),
            Origin::CredentialsFile => self.credentials_file(),
            Origin::EcsRole => match (self.get(ECS), self.is_true(NO_ECS)?) {
                (Some(_), true) => Err(CredentialsError::broken(ECS, format!("names a role, which {NO_ECS} forbids"))),
                (None, true) => Ok(Found::Nothing(format!("{NO_ECS} is set"))),
                (name, false) => Ok(Found::Plan(Plan::EcsRole { name, hardened: self.is_true(ECS_HARDENED)? })),
            },
            Origin::Uri => match self.get(URI) {
                Some(text) => Plan::uri(URI, &text).map(Found::Plan),
                None => Ok(unset(URI)),
            },
        }
    }

    /// A profile's plan, with what the environment says of the metadata service for all of them.
    fn with_metadata_rules(&self, place: &str, plan: Plan) -> Result<Plan, CredentialsError> {
        Ok(match plan {
            Plan::EcsRole { .. } if self.is_true(NO_ECS)? => {
                return Err(CredentialsError::broken(
                    place,
                    format!("names the role of an ECS instance, which {NO_ECS} forbids"),
                ));
            }
            Plan::EcsRole { name, hardened } => {
                Plan::EcsRole { name, hardened: hardened || self.is_true(ECS_HARDENED)? }
            }
            Plan::Assume { with, role } => {
                Plan::Assume { with: Box::new(self.with_metadata_rules(place, *with)?), role }
            }
            plan => plan,
        })
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
            sts: Sts::of(STS_REGION, self.get(STS_REGION), self.is_true(WITHIN_VPC)?)?,
        };
        Ok(Some(Plan::Oidc { provider_arn, token_file: token_file.into(), role }))
    }

    fn cli_config(&self) -> Result<Found, CredentialsError> {
        let named = self.get(CLI_FILE);
        match (&named, self.is_true(NO_CLI)?) {
            // Whoever names a file means it.
            (Some(_), true) => {
                return Err(CredentialsError::broken(CLI_FILE, format!("names a file, which {NO_CLI} forbids")));
            }
            (None, true) => return Ok(Found::Nothing(format!("{NO_CLI} is set"))),
            (_, false) => {}
        }
        let path = named.as_deref().map(PathBuf::from).or_else(|| self.at_home(".aliyun/config.json"));
        let Some(path) = path else { return Ok(Found::Nothing("HOME is not set".to_owned())) };
        let found = match read(path.clone())? {
            Some((place, text)) => match cli::plan(&place, &text, self.get(PROFILE).as_deref())? {
                Found::Plan(plan) => Found::Plan(self.with_metadata_rules(&place, plan)?),
                nothing @ Found::Nothing(_) => nothing,
            },
            None => Found::Nothing(format!("{} is not there", path.display())),
        };
        match (found, named) {
            (Found::Nothing(why), Some(_)) => Err(CredentialsError::broken(CLI_FILE, why)),
            (found, _) => Ok(found),
        }
    }

    fn credentials_file(&self) -> Result<Found, CredentialsError> {
        let profile = self.get(PROFILE);
        let named = self.get(FILE);
        let usual = [".alibabacloud/credentials.ini", ".alibabacloud/credentials"];
        let paths: Vec<_> = match &named {
            Some(path) => vec![PathBuf::from(path)],
            None => usual.into_iter().filter_map(|path| self.at_home(path)).collect(),
        };
        let name = profile.as_deref().unwrap_or("default");
        let mut without = None;
        for path in paths {
            let Some((place, text)) = read(path)? else { continue };
            if let Some(plan) = profiles::plan(&place, &text, name)? {
                return self.with_metadata_rules(&place, plan).map(Found::Plan);
            }
            without = without.or_else(|| ini::has_sections(&text).then_some(place));
        }
        // Whoever names a file or a profile means it, and whoever keeps profiles means one of them.
        match (named, &profile, without) {
            (Some(path), ..) => {
                Err(CredentialsError::broken(path, format!("has no profile {name:?}, or is not there")))
            }
            (None, Some(_), _) => Err(CredentialsError::broken(PROFILE, format!("no file has a profile {name:?}"))),
            (None, None, Some(place)) => {
                Err(CredentialsError::broken(place, format!("has no profile {name:?}; {PROFILE} names another one")))
            }
            (None, None, None) => Ok(Found::Nothing("~/.alibabacloud/credentials is not there".to_owned())),
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
        Ok(text) => {
            warn_if_open(&path);
            Ok(Some((place, text)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CredentialsError::broken(place, format!("cannot be read ({})", error.kind()))),
    }
}

/// Warns of a file with keys that every user of the machine can read.
fn warn_if_open(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if std::fs::metadata(path).is_ok_and(|file| file.mode() & 0o004 != 0) {
            tracing::warn!(file = %path.display(), "every user of this machine can read a file with credentials: chmod o-r");
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// Whether this machine is an ECS instance, as its firmware says.
fn is_instance() -> bool {
    let vendor = std::fs::read_to_string("/sys/class/dmi/id/sys_vendor");
    vendor.is_ok_and(|vendor| vendor.trim() == "Alibaba Cloud")
}

impl Chain {
    pub(super) fn new(variables: Variables, stations: CredentialEndpoints) -> Self {
        Self { variables: Arc::new(variables), stations }
    }
}

impl Source for Chain {
    async fn candidates(&self, only: Option<Origin>) -> Result<Candidates, CredentialsError> {
        let variables = Arc::clone(&self.variables);
        // Homes are sometimes on disks that are far away.
        let is_named = self.stations.metadata.is_some();
        let look = tokio::task::spawn_blocking(move || {
            let mut candidates = variables.candidates(only)?;
            // Its metadata service may not be there yet when an instance boots.
            for place in candidates.places.iter_mut().filter(|place| place.origin == Origin::EcsRole) {
                place.is_expected |= is_named || is_instance();
            }
            Ok(candidates)
        });
        look.await.unwrap_or_else(|_| Err(CredentialsError::unavailable("the files of credentials", "cannot be read")))
    }

    async fn fetch(&self, plan: &Plan) -> Result<Fetched, CredentialsError> {
        fetch(plan, &self.stations).await
    }
}
