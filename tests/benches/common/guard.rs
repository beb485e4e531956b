//! Fails when a case costs more than its committed figure allows.
//!
//! A figure may grow by 3 % of its instructions and by less than half an allocation. `--guard --write` writes the file of
//! figures in place of the comparison, for the commit that means to change them.
//!
//! Counts are exact for one compiler, libc and set of vector instructions, which the head of the file names. A new version
//! of one of these can change a figure without a change of the code, so the limit is 10 % then. Write the figures anew in a
//! commit of their own, made from code whose figures held before; so the next change is compared with its like.

use std::path::Path;
use std::process::ExitCode;

use crate::counted::{self, Counted};
use crate::figures::{Figure, Figures, Tools};
use crate::markdown::{Table, number};
use crate::valgrind;

/// Growth of the instructions beyond which a case fails.
const INSTRUCTIONS: f64 = 0.03;
/// The same if the committed figures were made with other tools.
const INSTRUCTIONS_OF_OTHER_TOOLS: f64 = 0.10;
/// Growth of the allocations at which a case fails.
const ALLOCATIONS: f64 = 0.5;

/// A benchmark whose figures are committed.
pub(crate) struct Guard {
    pub(crate) heading: &'static str,
    pub(crate) method: &'static str,
    /// The command that runs the guard.
    pub(crate) command: &'static str,
    /// The committed file.
    pub(crate) file: &'static Path,
    pub(crate) cases: Vec<Counted>,
}

impl Guard {
    /// Counts all cases and compares them with the committed figures, or writes these.
    pub(crate) fn run(&self, write: bool) -> ExitCode {
        if !valgrind::is_installed() {
            eprintln!("error: the guard counts with valgrind, which is not installed");
            return ExitCode::FAILURE;
        }
        let measured = self.measure();
        if write {
            let written = measured.write(self.file);
            written.unwrap_or_else(|error| panic!("{}: {error}", self.file.display()));
            eprintln!("written: {}", self.file.display());
        }
        let committed = match Figures::read(self.file) {
            Ok(committed) => committed,
            Err(error) => {
                eprintln!("error: {}: {error}; `{} --write` writes it", self.file.display(), self.command);
                return ExitCode::FAILURE;
            }
        };
        print!("{}", self.table(&committed, &measured));
        self.judge(&committed, &measured)
    }

    fn measure(&self) -> Figures {
        let counts = counted::count(&self.cases);
        let above = |case: &Counted| match &case.above {
            None => counts[&case.name],
            Some(other) => counts[&case.name].above(counts[other]),
        };
        let cases = self.cases.iter().map(|case| (case.name.clone(), above(case))).collect();
        Figures { tools: Tools::present(), cases }
    }

    fn table(&self, committed: &Figures, measured: &Figures) -> Table {
        let columns = ["case", "instructions, committed", "measured", "change", "allocations, committed", "measured"];
        let mut table = Table::new(self.heading, self.method, &columns);
        for (name, measured) in &measured.cases {
            let committed = committed.cases.get(name);
            table.row([
                name.clone(),
                number(committed.map(|figure| figure.instructions)),
                number(Some(measured.instructions)),
                committed
                    .map_or("-".to_owned(), |committed| format!("{:+.1} %", 100.0 * growth(*committed, *measured))),
                number(committed.map(|figure| figure.allocations)),
                // A sum of 0 has no sign.
                number(Some((measured.allocations * 100.0).round() / 100.0 + 0.0)),
            ]);
        }
        table
    }

    fn judge(&self, committed: &Figures, measured: &Figures) -> ExitCode {
        let faults: Vec<_> = faults(committed, measured).collect();
        for fault in &faults {
            eprintln!("error: {fault}");
        }
        let shrunk: Vec<_> = shrunk(committed, measured).collect();
        if !shrunk.is_empty() {
            eprintln!("\nhint: cheaper than committed: {}", shrunk.join(", "));
            eprintln!("Commit the new figures, so that the gain is kept:\n    {} --write", self.command);
        }
        if faults.is_empty() {
            return ExitCode::SUCCESS;
        }
        eprintln!("\nThe committed figures are in {}.", self.file.display());
        if committed.tools != measured.tools {
            eprintln!(
                "They were made with {}; this run used {}. That alone can change a figure: if it does for unchanged code, \
                 write the figures of unchanged code in a commit of its own.",
                committed.tools, measured.tools,
            );
        }
        eprintln!(
            "Find what the change adds to the case. If the change means to, write the new figures in the same commit:\n    \
             {} --write",
            self.command
        );
        ExitCode::FAILURE
    }
}

/// The growth of the instructions, as a share of the committed count.
fn growth(committed: Figure, measured: Figure) -> f64 {
    measured.instructions / committed.instructions - 1.0
}

/// The growth of the instructions beyond which a case fails in this run.
fn limit(committed: &Figures, measured: &Figures) -> f64 {
    if committed.tools == measured.tools { INSTRUCTIONS } else { INSTRUCTIONS_OF_OTHER_TOOLS }
}

fn faults(committed: &Figures, measured: &Figures) -> impl Iterator<Item = String> {
    let limit = limit(committed, measured);
    let missing = committed.cases.keys().filter(|name| !measured.cases.contains_key(*name));
    let missing = missing.map(|name| format!("`{name}` is in the committed figures, but is no case any more"));
    let compared = measured.cases.iter().flat_map(move |(name, measured)| match committed.cases.get(name) {
        None => vec![format!("`{name}` has no committed figure")],
        Some(committed) => faults_of(name, limit, *committed, *measured),
    });
    compared.chain(missing)
}

fn faults_of(name: &str, limit: f64, committed: Figure, measured: Figure) -> Vec<String> {
    let mut faults = Vec::new();
    if growth(committed, measured) > limit {
        faults.push(format!(
            "`{name}` takes {:.0} instructions, {:.1} % more than the committed {:.0}; the limit is {} %",
            measured.instructions,
            100.0 * growth(committed, measured),
            committed.instructions,
            100.0 * limit
        ));
    }
    if measured.allocations - committed.allocations >= ALLOCATIONS {
        faults.push(format!(
            "`{name}` takes {:.2} allocations, {:.2} more than the committed {:.2}; the limit is {ALLOCATIONS}",
            measured.allocations,
            measured.allocations - committed.allocations,
            committed.allocations
        ));
    }
    faults
}

/// The cases that became cheaper by as much as would be a fault in the other direction, and dearer in no way.
fn shrunk(committed: &Figures, measured: &Figures) -> impl Iterator<Item = String> {
    let limit = limit(committed, measured);
    committed.cases.iter().filter_map(move |(name, committed)| {
        let measured = *measured.cases.get(name)?;
        let fewer = committed.allocations - measured.allocations;
        let cheaper = growth(*committed, measured) < -limit || fewer >= ALLOCATIONS;
        (cheaper && faults_of(name, limit, *committed, measured).is_empty()).then(|| format!("`{name}`"))
    })
}
