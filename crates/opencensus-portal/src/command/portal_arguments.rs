//! The options of every subcommand that starts a portal.

use std::path::PathBuf;

use lexopt::{Parser, ValueExt as _};

use crate::command::output::print_error;
use crate::command::quantity::{Bytes, Span};
use crate::command::token_file::TokenFile;
use crate::error::PortalError;
use crate::options::{DEFAULT_ADDRESS, PortalOptions};
use crate::portal::Portal;
use crate::tls::default_state_folder;

/// The usage of [`parse_option`].
macro_rules! portal_usage {
    () => {
        concat!(
            "    --listen ADDRESS    the address to listen on (default: 127.0.0.1:8787; port 0: a free one)\n",
            "    --db FILE           the file to keep items in (default: memory)\n",
            "    --state-folder PATH the folder of the certificate for TLS and of the token (`cert --help` names the default)\n",
            "    --max-items NUMBER  the most items to keep; the oldest are deleted first (default: 200000)\n",
            "    --max-bytes SIZE    the most bytes to keep, such as 512MiB (default: 256MiB)\n",
            "    --max-age SPAN      how long to keep items, such as 12h (default: 30d)\n",
            "    --allow-remote      let other machines connect, such as with `--listen 0.0.0.0:8787`; their browsers need the\n",
            "                        address with a token that is printed\n",
            "    --allow-host NAME   a name of this machine that requests of other machines may use, such as portal.example\n",
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

/// A portal of this process, and the file with its token for `import`. The file ends before the portal.
pub(super) struct StartedPortal {
    _token: Option<TokenFile>,
    pub(super) portal: Portal,
}

/// Starts a portal. If the state folder is not usable, the certificate is in memory.
///
/// # Errors
///
/// The portal cannot start.
pub(super) fn start(mut options: PortalOptions) -> Result<StartedPortal, PortalError> {
    let portal = match options.clone().start() {
        Err(PortalError::Certificate(error)) => {
            print_error(&format!("the certificate for TLS is lost at the end: {error}"));
            options.state_folder = None;
            options.clone().start()?
        }
        result => result?,
    };
    let write = |folder: PathBuf| TokenFile::write(&folder, portal.address().port(), portal.token());
    let token = options.state_folder.map(write).transpose().unwrap_or_else(|error| {
        print_error(&format!("`import` needs the variable OPENCENSUS_PORTAL_TOKEN: {error}"));
        None
    });
    Ok(StartedPortal { _token: token, portal })
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
        "max-items" => options.max_items = positive(arguments.value()?.parse()?)?,
        "max-bytes" => options.max_bytes = arguments.value()?.parse::<Bytes>()?.0,
        "max-age" => options.max_age = arguments.value()?.parse::<Span>()?.0,
        "allow-remote" => options.remote_access = true,
        "allow-host" => options.allowed_hosts.push(arguments.value()?.string()?),
        "allow-origin" => options.allowed_origins.push(arguments.value()?.string()?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn positive(number: u64) -> Result<u64, lexopt::Error> {
    if number == 0 { Err("--max-items is at least 1".into()) } else { Ok(number) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lexopt::Arg::Long;

    use super::*;

    fn parsed(arguments: &[&str]) -> Result<PortalOptions, lexopt::Error> {
        let (mut options, mut parser) = (default_options(), Parser::from_args(arguments));
        while let Some(Long(name)) = parser.next()? {
            let name = name.to_owned();
            assert!(parse_option(&mut options, &name, &mut parser)?, "{name}");
        }
        Ok(options)
    }

    #[test]
    fn usage_names_the_default_address() {
        assert_eq!(default_options().listen, DEFAULT_ADDRESS);
        assert!(portal_usage!().contains(&format!("(default: {DEFAULT_ADDRESS}")));
    }

    #[test]
    fn every_option_is_parsed() {
        let listen = "[::1]:1";
        let options = parsed(&[
            "--listen",
            listen,
            "--db",
            "a.db",
            "--max-items=5",
            "--max-bytes",
            "1KiB",
            "--max-age",
            "2h",
            "--allow-origin",
            "https://a.example",
        ]);
        let options = options.unwrap();
        assert_eq!((options.listen.to_string(), options.database), (listen.to_owned(), Some("a.db".into())));
        let limits = (options.max_items, options.max_bytes, options.max_age);
        assert_eq!(
            (limits, options.allowed_origins),
            ((5, 1024, Duration::from_secs(7200)), vec!["https://a.example".into()])
        );
        for arguments in [["--max-items", "0"], ["--max-bytes", "x"], ["--max-age", "7"], ["--listen", "8787"]] {
            assert!(parsed(&arguments).is_err(), "{arguments:?}");
        }
    }
}
