//! Finds the subcommand, runs it, and reports its failure.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::command::error::CommandError;
use crate::command::output::{print_error, print_line};
use crate::command::subcommand::Subcommand;
use crate::command::suggestion::{nearest, options_of};
use crate::command::{cert, export, import, run, serve, tail};

/// The first is the default.
const SUBCOMMANDS: [Subcommand; 6] =
    [serve::SUBCOMMAND, run::SUBCOMMAND, tail::SUBCOMMAND, export::SUBCOMMAND, import::SUBCOMMAND, cert::SUBCOMMAND];

const EXIT_CODES: &str = "\
Exit codes: 0 success, 1 failure, 2 invalid arguments.";

/// Runs the program `opencensus-portal` with these arguments, which exclude the program's name.
///
/// Prints to the standard output and the standard error stream, and installs handlers of signals.
pub fn run_command(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let result = match arguments.first().and_then(|first| first.to_str()) {
        Some("--version" | "-V") => print_line(&version()).map(|()| ExitCode::SUCCESS).map_err(Into::into),
        Some(name) if !name.starts_with('-') => match SUBCOMMANDS.iter().find(|subcommand| subcommand.name == name) {
            Some(subcommand) => start(subcommand, subcommand.usage.to_owned(), arguments.into_iter().skip(1)),
            None => Err(CommandError::Arguments(unknown(name))),
        },
        _ => start(&SUBCOMMANDS[0], overview(), arguments.into_iter()),
    };
    result.unwrap_or_else(|error| {
        print_error(&error.to_string());
        ExitCode::from(error.exit_code())
    })
}

fn start(
    subcommand: &Subcommand,
    help: String,
    arguments: impl Iterator<Item = OsString>,
) -> Result<ExitCode, CommandError> {
    match (subcommand.run)(lexopt::Parser::from_args(arguments)) {
        Err(CommandError::Help) => {
            print_line(help.trim_end())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(CommandError::Arguments(lexopt::Error::UnexpectedOption(option))) => {
            Err(CommandError::Arguments(unexpected(&option, subcommand)))
        }
        result => result,
    }
}

/// The error for an option that the subcommand does not have.
fn unexpected(option: &str, subcommand: &Subcommand) -> lexopt::Error {
    let name = subcommand.name;
    let hint = match nearest(option, options_of(subcommand.usage)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`opencensus-portal {name} --help` lists the options of `{name}`"),
    };
    format!("unknown option `{option}`: {hint}").into()
}

fn unknown(name: &str) -> lexopt::Error {
    let hint = match nearest(name, SUBCOMMANDS.iter().map(|subcommand| subcommand.name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`opencensus-portal --help` lists the commands".to_owned(),
    };
    format!("unknown command `{name}`: {hint}").into()
}

fn version() -> String {
    format!("opencensus-portal {}", env!("CARGO_PKG_VERSION"))
}

/// The help of the program: its commands, and the options of the default one.
fn overview() -> String {
    let list: String =
        SUBCOMMANDS.iter().map(|subcommand| format!("    {:<10} {}\n", subcommand.name, subcommand.summary)).collect();
    format!(
        "{}\n\nCommands (`opencensus-portal COMMAND --help` describes each):\n\n{list}\n{}\n{EXIT_CODES}",
        "opencensus-portal: receives Application Insights telemetry on this machine and shows it", SUBCOMMANDS[0].usage,
    )
}
