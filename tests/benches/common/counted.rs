//! Counts instructions and allocations of cases by runs of this program under valgrind.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

use crate::figures::Figure;
use crate::valgrind::{self, Count};

/// Runs a case in this process: the program's arguments are `--case`, its name and a number of repetitions.
pub(crate) const CASE: &str = "--case";

/// A case that is counted as the difference of a long and a short run, which excludes start and end of the process.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub(crate) name: String,
    /// The case above which this one is counted.
    pub(crate) above: Option<String>,
    /// Repetitions in the short and in the long run.
    pub(crate) lengths: [usize; 2],
    /// Units in one repetition: the figure is that of one unit.
    pub(crate) units: usize,
}

impl Counted {
    fn run(&self, count: Count, length: usize) -> f64 {
        let arguments = [CASE.to_owned(), self.name.clone(), length.to_string()];
        valgrind::count(count, &arguments).unwrap_or_else(|| panic!("valgrind counts the case {:?}", self.name))
    }
}

/// Counts all cases, as many at a time as there are processors.
pub(crate) fn count(cases: &[Counted]) -> BTreeMap<String, Figure> {
    let runs = Mutex::new(cases.iter().flat_map(runs_of));
    let counts = Mutex::new(BTreeMap::new());
    let next = || runs.lock().expect("no run panicked").next();
    let worker = || {
        while let Some((case, count, length)) = next() {
            let total = case.run(count, length);
            counts.lock().expect("no run panicked").insert((&case.name, count, length), total);
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(worker))));
    let counts = counts.into_inner().expect("no run panicked");
    let of_unit = |case: &Counted, count| {
        let [short, long] = case.lengths;
        let difference = counts[&(&case.name, count, long)] - counts[&(&case.name, count, short)];
        difference / ((long - short) * case.units) as f64
    };
    let figure = |case: &Counted| Figure {
        instructions: of_unit(case, Count::Instructions),
        allocations: of_unit(case, Count::Allocations),
    };
    cases.iter().map(|case| (case.name.clone(), figure(case))).collect()
}

fn runs_of(case: &Counted) -> impl Iterator<Item = (&Counted, Count, usize)> {
    let counts = [Count::Instructions, Count::Allocations];
    counts.into_iter().flat_map(move |count| case.lengths.map(|length| (case, count, length)))
}
