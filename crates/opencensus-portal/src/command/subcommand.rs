//! What the command line needs to know of a subcommand.

use std::process::ExitCode;

use crate::command::error::CommandError;

/// A subcommand of the program.
pub(super) struct Subcommand {
    pub(super) name: &'static str,
    /// What it does, in a few words, for the list of subcommands.
    pub(super) summary: &'static str,
    /// The text of `--help`, which lists all options.
    pub(super) usage: &'static str,
    pub(super) run: fn(lexopt::Parser) -> Result<ExitCode, CommandError>,
}
