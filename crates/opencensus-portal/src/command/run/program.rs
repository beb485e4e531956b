//! Runs the program with a portal beside it.

use std::process::ExitCode;

use lexopt::Parser;
use tokio::process::Command;
use tokio::runtime::Builder;

use crate::command::error::CommandError;
use crate::command::output::print_error;
use crate::command::portal_arguments::portal_usage;
use crate::command::run::arguments::{self, RunArguments};
use crate::command::run::child;
use crate::command::run::summary::{self, Summary};
use crate::command::run::target::Target;
use crate::command::run::variables::Variables;
use crate::command::signal::{Forwarded, stop_signal};
use crate::command::subcommand::Subcommand;

pub(in crate::command) const SUBCOMMAND: Subcommand = Subcommand {
    name: "run",
    summary: "runs a program whose telemetry goes to a portal",
    usage: concat!(
        "opencensus-portal run [OPTIONS] [--] COMMAND [ARGUMENTS]: runs a program whose telemetry goes to a portal\n\n\
         Starts a portal, or uses the one that listens on the address, and sets for the program, unless they are set:\n\
         APPLICATIONINSIGHTS_CONNECTION_STRING, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL, and\n\
         NODE_EXTRA_CA_CERTS with the portal's certificate, because Node's clients send over TLS alone.\n\n",
        "    --stay              keep the portal after the program ended, until Ctrl-C\n",
        portal_usage!(),
        "    --help              print this text\n\n",
        "Exit codes: the program's; 128 and the number of the signal that ended it; 127 if the program does not exist,\n\
         126 if it cannot be started; 1 if the portal fails, 2 for invalid arguments.",
    ),
    run,
};

fn run(arguments: Parser) -> Result<ExitCode, CommandError> {
    let arguments = arguments::parse(arguments)?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run_program(arguments))
}

async fn run_program(arguments: RunArguments) -> Result<ExitCode, CommandError> {
    let signals = Forwarded::install()?;
    let target = Target::find(&arguments).await?;
    let before = summary::newest(&target.client).await?;
    let status = child::run(command(&arguments, &target), signals).await?;
    let stop = stop_signal()?;
    let url = target.client.url();
    match Summary::read(&target.client, before).await {
        Ok(summary) if target.portal.is_some() && !arguments.stays => {
            print_error(&format!("{}; `run --stay` keeps {url} open", summary.line()));
        }
        Ok(summary) => print_error(&format!("{}: {url}", summary.line())),
        Err(error) => print_error(&error.to_string()),
    }
    if target.portal.is_some() && arguments.stays {
        print_error("Ctrl-C stops the portal");
        stop.await;
    }
    Ok(ExitCode::from(child::exit_code(status)))
}

/// The program with the variables, of which the user's are reported.
fn command(arguments: &RunArguments, target: &Target) -> Command {
    let variables = Variables::new(target.destination.clone(), |name| std::env::var_os(name).is_some());
    for name in &variables.kept {
        print_error(&format!("{name} is set already and stays as it is: telemetry may not arrive"));
    }
    let mut command = Command::new(&arguments.program);
    command.args(&arguments.program_arguments).envs(variables.set);
    command
}
