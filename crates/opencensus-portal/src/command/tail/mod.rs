//! `tail`: follows the items that a running portal receives.

mod arguments;
mod escape;
mod feed;
mod format;
mod human;
mod item_stream;
mod logfmt;
mod paint;
mod program;

pub(super) use escape::escape;
pub(super) use program::SUBCOMMAND;
