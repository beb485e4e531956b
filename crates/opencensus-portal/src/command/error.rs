//! Errors of the command line, and the exit codes for them.

use std::io;

use crate::command::client_error::ClientError;
use crate::error::PortalError;

/// Why a subcommand ends early.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// The arguments include `--help`: the program prints the usage.
    #[error("help was requested")]
    Help,
    /// The arguments are invalid.
    #[error(transparent)]
    Arguments(#[from] lexopt::Error),
    /// A portal cannot start.
    #[error(transparent)]
    Portal(#[from] PortalError),
    /// A running portal did not respond as expected.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Input or output failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The program of `run` cannot be started.
    #[error("{message}")]
    NotStarted { message: String, code: u8 },
    /// Another failure, described for the user.
    #[error("{0}")]
    Failed(String),
}

impl CommandError {
    /// 2 for invalid arguments, 126 or 127 for a program that cannot be started, 1 for every other failure.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Help => 0,
            Self::Arguments(_) | Self::Client(ClientError::Url(_)) => 2,
            Self::NotStarted { code, .. } => *code,
            Self::Portal(_) | Self::Client(_) | Self::Io(_) | Self::Failed(_) => 1,
        }
    }
}
