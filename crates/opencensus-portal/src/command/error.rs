//! Errors of the command line, and the exit codes for them.

use std::io;

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
    /// Input or output failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl CommandError {
    /// 2 for invalid arguments, 1 for every other failure.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Help => 0,
            Self::Arguments(_) => 2,
            Self::Portal(_) | Self::Io(_) => 1,
        }
    }
}
