//! The options of every subcommand that starts a portal.

use lexopt::{Parser, ValueExt as _};

use crate::options::PortalOptions;

/// The usage of [`parse_option`].
macro_rules! portal_usage {
    () => {
        concat!(
            "    --listen ADDRESS    the loopback address to listen on (default: 127.0.0.1:8787; port 0: a free one)\n",
            "    --db FILE           the file to keep items in (default: memory)\n",
            "    --allow-origin URL  an origin whose pages may send telemetry, besides those of this machine\n",
        )
    };
}
pub(super) use portal_usage;

/// The options of a portal at the default port.
pub(super) fn default_options() -> PortalOptions {
    PortalOptions::default().with_listen(([127, 0, 0, 1], 8787).into())
}

/// Applies the option with this name, and returns whether a portal has it.
///
/// # Errors
///
/// The option's value is missing or invalid.
pub(super) fn parse_option(
    options: &mut PortalOptions,
    name: &str,
    arguments: &mut Parser,
) -> Result<bool, lexopt::Error> {
    match name {
        "listen" => options.listen = arguments.value()?.parse()?,
        "db" => options.database = Some(arguments.value()?.into()),
        "allow-origin" => options.allowed_origins.push(arguments.value()?.string()?),
        _ => return Ok(false),
    }
    Ok(true)
}
