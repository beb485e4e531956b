//! What this project's middleware may cost.

use crate::cases::Case;
use crate::measure::Cost;
use crate::results::Results;
use crate::share::Share;
use crate::target::Target;

pub(crate) fn print(costs: &[(Case, Cost)]) {
    let results = Results(costs);
    let mut targets = Vec::new();
    for limits in Limits::ALL {
        limits.add(results, &mut targets);
    }
    for with_context in [true, false] {
        let instructions = results.ours(with_context, Share::Blacklisted, false).and_then(|cost| cost.instructions);
        targets.push(Target::new(
            format!("blacklisted, {}: instructions", context(with_context)),
            1900.0,
            instructions,
        ));
    }
    for share in [Share::Kept, Share::None] {
        [true, false].into_iter().for_each(|with_context| caller(results, with_context, share, &mut targets));
    }
    rate(results, &mut targets);
    print!("{}", Target::table("axum: targets", &targets));
}

struct Limits {
    share: Share,
    with_context: bool,
    ratio: f64,
    instructions: f64,
    allocations: f64,
}

impl Limits {
    const ALL: [Self; 4] = [
        Self { share: Share::Kept, with_context: true, ratio: 0.5, instructions: 5000.0, allocations: 7.0 },
        Self { share: Share::Kept, with_context: false, ratio: 0.44, instructions: 4000.0, allocations: 5.0 },
        Self { share: Share::None, with_context: true, ratio: 0.33, instructions: 3000.0, allocations: 5.0 },
        Self { share: Share::None, with_context: false, ratio: 0.25, instructions: 2200.0, allocations: 4.0 },
    ];

    fn add(&self, results: Results<'_>, targets: &mut Vec<Target>) {
        let cost = results.ours(self.with_context, self.share, false).copied().unwrap_or_default();
        let case = format!("{}, {}", self.share.name(), context(self.with_context));
        let ratio = results.ratio(self.with_context, self.share, false);
        targets.push(Target::new(format!("{case}: share of the best peer's time"), self.ratio, ratio));
        targets.push(Target::new(format!("{case}: instructions"), self.instructions, cost.instructions));
        targets.push(Target::new(format!("{case}: allocations"), self.allocations, tenths(cost.allocations)));
    }
}

fn context(with_context: bool) -> &'static str {
    if with_context { "context on" } else { "context off" }
}

/// What the caller's trace adds.
fn caller(results: Results<'_>, with_context: bool, share: Share, targets: &mut Vec<Target>) {
    let cost = |called| results.ours(with_context, share, called);
    let case = format!("{}, {}: the caller's trace adds", share.name(), context(with_context));
    let instructions = added(cost(true), cost(false), |cost| cost.instructions);
    targets.push(Target::new(format!("{case} instructions"), 400.0, instructions));
    let allocations = tenths(added(cost(true), cost(false), |cost| cost.allocations));
    targets.push(Target::new(format!("{case} allocations"), 0.0, allocations));
}

/// What a rate below 1 adds to a request that is kept.
fn rate(results: Results<'_>, targets: &mut Vec<Target>) {
    let cost = |share| results.ours(true, share, false);
    let (at_rate, kept) = (cost(Share::KeptAtRate), cost(Share::Kept));
    let case = "kept, context on: a rate below 1 adds";
    let instructions = added(at_rate, kept, |cost| cost.instructions);
    targets.push(Target::new(format!("{case} instructions"), 1000.0, instructions));
    let allocations = tenths(added(at_rate, kept, |cost| cost.allocations));
    targets.push(Target::new(format!("{case} allocations"), 2.0, allocations));
}

fn added(more: Option<&Cost>, less: Option<&Cost>, of: fn(&Cost) -> Option<f64>) -> Option<f64> {
    Some(of(more?)? - of(less?)?)
}

/// Rounded, because tables of other threads grow once in a while.
fn tenths(count: Option<f64>) -> Option<f64> {
    // A negative zero is no count.
    count.map(|count| (count * 10.0).round() / 10.0 + 0.0)
}
