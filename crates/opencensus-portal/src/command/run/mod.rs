//! `run`: runs a program whose telemetry goes to a portal.

mod arguments;
mod child;
mod program;
mod summary;
mod target;
mod variables;

pub(super) use program::SUBCOMMAND;
