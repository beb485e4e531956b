//! The arguments of `tail`.

use lexopt::Arg::{Long, Short};
use lexopt::{Parser, ValueExt as _};

use crate::command::client::{DEFAULT_URL, PortalClient};
use crate::command::error::CommandError;
use crate::command::tail::format::Format;

/// The most items that `--last` prints.
pub(super) const MAX_LAST: usize = 1000;

/// Which items are printed first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Begin {
    /// This number of items, the newest.
    Last(usize),
    /// Those since the portal started.
    Start,
}

#[derive(Debug)]
pub(super) struct TailArguments {
    pub(super) client: PortalClient,
    /// The parameters of the API that select items.
    pub(super) selection: Vec<(&'static str, String)>,
    pub(super) format: Format,
    pub(super) begin: Begin,
    /// Whether the command ends after the items that have arrived.
    pub(super) ends: bool,
}

pub(super) fn parse(mut arguments: Parser) -> Result<TailArguments, CommandError> {
    let (mut url, mut selection, mut format) = (DEFAULT_URL.to_owned(), Vec::new(), Format::default());
    let (mut begin, mut ends) = (Begin::Last(10), false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => return Err(CommandError::Help),
            Long("kind") => selection.push(("kind", arguments.value()?.string()?)),
            Long("failed") => selection.push(("failed", "true".to_owned())),
            Long("role") => selection.push(("role", arguments.value()?.string()?)),
            Long("name") => selection.push(("name", arguments.value()?.string()?)),
            Long("q") => selection.push(("q", arguments.value()?.string()?)),
            Long("format") => format = arguments.value()?.parse()?,
            Long("url") => url = arguments.value()?.string()?,
            Long("since-start") => begin = Begin::Start,
            Long("last") => begin = Begin::Last(last(arguments.value()?.parse()?)?),
            Long("once") => ends = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(TailArguments { client: PortalClient::new(&url)?, selection, format, begin, ends })
}

fn last(number: usize) -> Result<usize, lexopt::Error> {
    if number > MAX_LAST {
        return Err(format!("--last prints at most {MAX_LAST} items").into());
    }
    Ok(number)
}
