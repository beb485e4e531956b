//! The fault bed: starts programs that use this library, kills them, scripts an endpoint, and counts what is lost.
//! See the README beside this crate.

mod endpoint;
mod folder_watch;
mod program;
mod report;
mod scenario;

use std::process::ExitCode;
use std::time::Instant;

use lexopt::ValueExt as _;
use lexopt::prelude::{Long, Value};

use crate::report::Row;
use crate::scenario::Bed;

const USAGE: &str = "usage: opencensus-faults [--quick] [SCENARIO ...]";

fn main() -> ExitCode {
    match parse() {
        Ok(Mode::App) => program::app::main(),
        Ok(Mode::Scenarios { bed, names }) => scenarios(bed, &names),
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

enum Mode {
    App,
    Scenarios { bed: Bed, names: Vec<String> },
}

fn parse() -> Result<Mode, lexopt::Error> {
    let mut parser = lexopt::Parser::from_env();
    let (mut names, mut quick) = (Vec::new(), false);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("quick") => quick = true,
            Value(name) => names.push(name.string()?),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(match names.first().map(String::as_str) {
        Some("app") => Mode::App,
        _ => match names.iter().find(|name| !scenario::ALL.iter().any(|(known, _)| known == name)) {
            Some(name) => return Err(format!("there is no scenario `{name}`").into()),
            None => Mode::Scenarios { bed: Bed { quick }, names },
        },
    })
}

/// Runs the scenarios one after the other, and prints the table.
fn scenarios(bed: Bed, names: &[String]) -> ExitCode {
    let start = Instant::now();
    let mut rows: Vec<Row> = Vec::new();
    for (name, scenario) in scenario::ALL {
        if names.is_empty() || names.iter().any(|chosen| chosen == name) {
            let new = scenario(&bed);
            new.iter().for_each(|row| eprintln!("{:>4} s {}", start.elapsed().as_secs(), row.line()));
            rows.extend(new);
        }
    }
    println!("{}", report::table(&rows));
    let violations = report::violations(&rows);
    violations.iter().for_each(|violation| eprintln!("VIOLATED: {violation}"));
    if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
