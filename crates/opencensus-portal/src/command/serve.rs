//! `serve`: runs a portal until Ctrl-C or SIGTERM.

use std::process::{ExitCode, Stdio};

use lexopt::Arg::{Long, Short};
use lexopt::Parser;
use tokio::process::Command;
use tokio::runtime::Builder;

use crate::command::error::CommandError;
use crate::command::output::{print_error, print_line};
use crate::command::portal_arguments::{default_options, parse_option, portal_usage, start};
use crate::command::running_portal::explain;
use crate::command::signal::stop_signal;
use crate::command::subcommand::Subcommand;
use crate::options::PortalOptions;

pub(super) const SUBCOMMAND: Subcommand = Subcommand {
    name: "serve",
    summary: "runs a portal until Ctrl-C or SIGTERM (the default command)",
    usage: concat!(
        "opencensus-portal [serve] [OPTIONS]: runs a portal until Ctrl-C or SIGTERM\n\n",
        portal_usage!(),
        "    --open              open the page in a browser\n",
        "    --help              print this text\n",
        "    --version           print the version\n",
    ),
    run,
};

fn run(arguments: Parser) -> Result<ExitCode, CommandError> {
    let options = parse(arguments)?;
    Builder::new_current_thread().enable_all().build()?.block_on(serve(options))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(options: ServeArguments) -> Result<(), CommandError> {
    let stop = stop_signal()?;
    let address = options.portal.listen;
    let started = match start(options.portal) {
        Ok(started) => started,
        Err(error) => return Err(CommandError::Failed(explain(error, address).await)),
    };
    let portal = &started.portal;
    print_line(&portal.url())?;
    print_line(&format!("export APPLICATIONINSIGHTS_CONNECTION_STRING='{}'", portal.connection_string()))?;
    if let Some(url) = portal.remote_url() {
        print_line(&format!("From other machines: {url}"))?;
    }
    print_line(
        "Start a program with this variable, or with `opencensus-portal run -- COMMAND`. Ctrl-C stops the portal.",
    )?;
    if options.opens {
        open_browser(&portal.url());
    }
    stop.await;
    Ok(())
}

/// Opens the page in the user's browser.
fn open_browser(url: &str) {
    let (program, arguments): (_, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/C", "start", ""])
    } else {
        ("xdg-open", &[])
    };
    let silent = Command::new(program).args(arguments).arg(url).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if let Err(error) = silent {
        print_error(&format!("`{program}` does not open the page: {error}"));
    }
}

struct ServeArguments {
    portal: PortalOptions,
    /// Whether the page is opened in a browser.
    opens: bool,
}

fn parse(mut arguments: Parser) -> Result<ServeArguments, CommandError> {
    let (mut portal, mut opens) = (default_options(), false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => return Err(CommandError::Help),
            Long("open") => opens = true,
            Long(name) => {
                let name = name.to_owned();
                if !parse_option(&mut portal, &name, &mut arguments)? {
                    return Err(Long(&name).unexpected().into());
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(ServeArguments { portal, opens })
}
