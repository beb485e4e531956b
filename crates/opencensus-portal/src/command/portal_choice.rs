//! The portal of a command: one that runs, or one for a database file.

use std::path::{Path, PathBuf};

use crate::command::client::{DEFAULT_URL, PortalClient};
use crate::command::client_error::ClientError;
use crate::command::error::CommandError;
use crate::command::token_file;
use crate::options::PortalOptions;
use crate::portal::Portal;

/// The variable that names the token of a running portal.
const TOKEN_VARIABLE: &str = "OPENCENSUS_PORTAL_TOKEN";

/// What `--url` and `--db` name.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum PortalChoice {
    Url(String),
    /// The file of a database, which a portal of this process opens.
    Database(PathBuf),
}

impl Default for PortalChoice {
    fn default() -> Self {
        Self::Url(DEFAULT_URL.to_owned())
    }
}

/// A portal that a command uses.
pub(super) struct ChosenPortal {
    pub(super) client: PortalClient,
    portal: Option<Portal>,
}

impl PortalChoice {
    /// Whether it is a file that does not exist.
    pub(super) fn missing_file(&self) -> Option<&Path> {
        match self {
            Self::Database(file) if !file.exists() => Some(file),
            _ => None,
        }
    }

    /// Opens the database, if it is one.
    ///
    /// # Errors
    ///
    /// The URL is invalid, or the database cannot be opened.
    pub(super) fn open(self) -> Result<ChosenPortal, CommandError> {
        match self {
            Self::Url(url) => Ok(ChosenPortal { client: PortalClient::new(&url)?, portal: None }),
            Self::Database(file) => {
                let portal = PortalOptions::default().with_database(file).start()?;
                Ok(ChosenPortal { client: PortalClient::new(&portal.url())?, portal: Some(portal) })
            }
        }
    }
}

impl ChosenPortal {
    /// Leaves the database without the empty run of this command.
    pub(super) async fn close(self) {
        if let Some(portal) = &self.portal {
            portal.forget_run().await;
        }
    }

    /// The token for changes: that of this process's portal, of the environment, or of the state folder.
    ///
    /// # Errors
    ///
    /// The token is unknown.
    pub(super) fn token(&self, state_folder: Option<&Path>) -> Result<String, CommandError> {
        if let Some(portal) = &self.portal {
            return Ok(portal.token().to_owned());
        }
        let variable = std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.is_empty());
        let token = variable.or_else(|| token_file::read(state_folder?, self.client.port()));
        token.ok_or_else(|| {
            let url = self.client.url();
            CommandError::Failed(format!(
                "the token of the portal at {url} is unknown: is it running? Name its folder with --state-folder, or set \
                {TOKEN_VARIABLE}"
            ))
        })
    }

    /// The reason of a failure, for which the address of this process means nothing to the user.
    pub(super) fn explain(&self, error: ClientError) -> CommandError {
        match (&self.portal, error) {
            (Some(_), ClientError::Unreachable { error, .. }) => CommandError::Failed(error.to_string()),
            (_, error) => error.into(),
        }
    }
}
