//! The fault bed: starts programs that use this library, kills them, scripts an endpoint, and counts what is lost.
//! See the README beside this crate.

mod endpoint;
mod folder_watch;
mod journal_cost;
mod program;
mod report;
mod scenario;
mod soak;

use std::process::ExitCode;
use std::time::Instant;

use lexopt::ValueExt as _;
use lexopt::prelude::{Long, Value};

use crate::report::Row;
use crate::scenario::Bed;

const USAGE: &str = "usage: opencensus-faults [--quick] [SCENARIO ...]
       opencensus-faults soak [--minutes N] [--seed N]
       opencensus-faults journal-cost [--seconds N]";

fn main() -> ExitCode {
    match parse() {
        Ok(Mode::App) => program::app::main(),
        Ok(Mode::Scenarios { bed, names }) => scenarios(bed, &names),
        Ok(Mode::Soak { minutes, seed }) => soak::main(minutes, seed),
        Ok(Mode::JournalCost { seconds }) => journal_cost::main(seconds),
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

enum Mode {
    App,
    Scenarios { bed: Bed, names: Vec<String> },
    Soak { minutes: f64, seed: u64 },
    JournalCost { seconds: u64 },
}

fn parse() -> Result<Mode, lexopt::Error> {
    let mut parser = lexopt::Parser::from_env();
    let (mut names, mut quick, mut minutes, mut seed, mut seconds) = (Vec::new(), false, 10.0, 1, 20);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("quick") => quick = true,
            Long("minutes") => minutes = parser.value()?.parse()?,
            Long("seed") => seed = parser.value()?.parse()?,
            Long("seconds") => seconds = parser.value()?.parse()?,
            Value(name) => names.push(name.string()?),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(match names.first().map(String::as_str) {
        Some("app") => Mode::App,
        Some("soak") => Mode::Soak { minutes, seed },
        Some("journal-cost") => Mode::JournalCost { seconds },
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
