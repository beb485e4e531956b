//! The options of every subcommand that starts a portal.

use lexopt::{Parser, ValueExt as _};

use crate::command::output::print_error;
use crate::error::PortalError;
use crate::options::{DEFAULT_ADDRESS, PortalOptions};
use crate::portal::Portal;
use crate::tls::default_state_folder;

/// The usage of [`parse_option`].
macro_rules! portal_usage {
    () => {
        concat!(
            "    --listen ADDRESS    the loopback address to listen on (default: 127.0.0.1:8787; port 0: a free one)\n",
            "    --db FILE           the file to keep items in (default: memory)\n",
            "    --state-folder PATH the folder that keeps the certificate for TLS (`cert --help` names the default)\n",
            "    --allow-origin URL  an origin whose pages may send telemetry, besides those of this machine\n",
        )
    };
}
pub(super) use portal_usage;

/// The options of a portal at the default port, which keeps its certificate.
pub(super) fn default_options() -> PortalOptions {
    let mut options = PortalOptions::default().with_listen(DEFAULT_ADDRESS);
    options.state_folder = default_state_folder();
    options
}

/// Starts a portal. If the state folder is not usable, the certificate is in memory.
///
/// # Errors
///
/// The portal cannot start.
pub(super) fn start(mut options: PortalOptions) -> Result<Portal, PortalError> {
    match options.clone().start() {
        Err(PortalError::Certificate(error)) => {
            print_error(&format!("the certificate for TLS is lost at the end: {error}"));
            options.state_folder = None;
            options.start()
        }
        result => result,
    }
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
        "state-folder" => options.state_folder = Some(arguments.value()?.into()),
        "allow-origin" => options.allowed_origins.push(arguments.value()?.string()?),
        _ => return Ok(false),
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_names_the_default_address() {
        assert_eq!(default_options().listen, DEFAULT_ADDRESS);
        assert!(portal_usage!().contains(&format!("(default: {DEFAULT_ADDRESS}")));
    }
}
