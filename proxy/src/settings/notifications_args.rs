//! Settings of notifications. The file's format is in [`crate::notifications::file`].

use std::{fs, path::Path};

use clap::Args;
use cloud::Secret;

use super::{config_errors::ConfigErrors, signin_args::lines};
use crate::notifications::{
    NotificationSettings,
    file::{self, Files},
};

/// Flags.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Notifications")]
pub struct NotificationArgs {
    /// File that says who is told of orders, limits and desktops that expire, in the format of
    /// deploy/notifications.example.toml. All proxies on one database have the same
    #[arg(long, env = "DESKBUY_NOTIFICATIONS", value_name = "FILE")]
    notifications: Option<String>,
}

impl NotificationArgs {
    /// The settings of the file; without one nobody is told.
    pub(super) fn validate(&self, errors: &mut ConfigErrors) -> Option<NotificationSettings> {
        // An empty variable counts as unset.
        let Some(path) = self.notifications.as_deref().map(str::trim).filter(|path| !path.is_empty()) else {
            return Some(NotificationSettings::default());
        };
        let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
        let secret = |path: &Path| -> Result<Secret, String> {
            let lines = lines(path).map_err(|error| format!("{}: {error}", path.display()))?;
            lines.into_iter().next().ok_or_else(|| "is empty".to_owned())
        };
        let whole =
            |path: &Path| fs::read(path).map_err(|error| format!("{}: cannot be read: {error}", path.display()));
        let found = file::read(&errors.take("notifications", text)?, &Files { secret: &secret, text: &whole });
        errors.take_file("notifications", path, found)
    }
}
