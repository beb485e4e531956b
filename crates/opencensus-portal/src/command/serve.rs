//! `serve`: runs a portal until Ctrl-C or SIGTERM.

use std::process::ExitCode;

use lexopt::Arg::{Long, Short};
use lexopt::Parser;
use tokio::runtime::Builder;

use crate::command::error::CommandError;
use crate::command::output::print_line;
use crate::command::portal_arguments::{default_options, parse_option, portal_usage};
use crate::command::signal::stop_signal;
use crate::command::subcommand::Subcommand;
use crate::options::PortalOptions;

pub(super) const SUBCOMMAND: Subcommand = Subcommand {
    name: "serve",
    summary: "runs a portal until Ctrl-C or SIGTERM (the default command)",
    usage: concat!(
        "opencensus-portal [serve] [OPTIONS]: runs a portal until Ctrl-C or SIGTERM\n\n",
        portal_usage!(),
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

async fn serve(options: PortalOptions) -> Result<(), CommandError> {
    let stop = stop_signal()?;
    let portal = options.start()?;
    print_line(&portal.url())?;
    print_line(&format!("export APPLICATIONINSIGHTS_CONNECTION_STRING='{}'", portal.connection_string()))?;
    stop.await;
    Ok(())
}

fn parse(mut arguments: Parser) -> Result<PortalOptions, CommandError> {
    let mut options = default_options();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("help") | Short('h') => return Err(CommandError::Help),
            Long(name) => {
                let name = name.to_owned();
                if !parse_option(&mut options, &name, &mut arguments)? {
                    return Err(Long(&name).unexpected().into());
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}
