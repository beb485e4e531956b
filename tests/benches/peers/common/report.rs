//! The tables of a comparison.

use crate::cases::{Case, Kind};
use crate::markdown::{Table, number};
use crate::measure::Cost;
use crate::middleware::Middleware;
use crate::parents::Request;
use crate::results::Results;
use crate::share::Share;

const SHARES: [Share; 4] = [Share::Kept, Share::Tenth, Share::None, Share::Blacklisted];

/// Prints all tables but that of the targets. `framework` is part of each heading.
pub(crate) fn print(framework: &str, costs: &[(Case, Cost)]) {
    let results = Results(costs);
    print!("{}", summary(framework, results));
    // A quick run measures no caller's trace.
    let has_caller = costs.iter().any(|(case, _)| case.request != Request::Plain);
    for called in [false, true].into_iter().filter(|&called| has_caller || !called) {
        print!("{}{}", times(framework, results, called), counts(framework, results, called));
    }
    print!("{}", ratios(framework, results));
}

/// All middlewares but none, in the order in which they are measured.
fn rows(of: impl Fn(Middleware) -> Vec<String>, table: &mut Table) {
    for middleware in Middleware::ALL {
        let bare = if middleware.kind() == Kind::Bare { " (its own cost)" } else { "" };
        table.row(std::iter::once(format!("{}{bare}", middleware.name())).chain(of(middleware)));
    }
}

fn cost<'a>(results: Results<'a>, middleware: Middleware, share: Share, called: bool) -> Option<&'a Cost> {
    results.of(|case| case.middleware == middleware, share, called)
}

fn nanos(cost: Option<&Cost>, of: fn(&Cost) -> f64) -> String {
    cost.map_or("-".to_owned(), |cost| format!("{:.0}", of(cost)))
}

fn with_trace(called: bool) -> &'static str {
    if called { "with the caller's trace" } else { "without a caller's trace" }
}

fn summary(framework: &str, results: Results<'_>) -> Table {
    let method = format!(
        "One `GET /users/{{id}}` in process, above bare {framework}: nanoseconds of CPU time of the request's thread (in \
         brackets the share of the best published crate's), instructions and allocations. Every request is recorded \
         (kept), or none (not sampled)."
    );
    let columns =
        ["middleware", "kept, ns", "instructions", "allocations", "not sampled, ns", "instructions", "allocations"];
    let mut table = Table::new(&format!("{framework}: in short"), &method, &columns);
    let cells = |middleware: Middleware, share: Share| {
        let cost = cost(results, middleware, share, false);
        let best = results.best_peer(share, false).map(|(_, best)| best.time.thread);
        let ratio = cost.zip(best).filter(|_| middleware.records());
        let ratio = ratio.map_or(String::new(), |(cost, best)| format!(" ({:.2})", cost.time.thread / best));
        let time = nanos(cost, |cost| cost.time.thread) + &ratio;
        let counts = [cost.and_then(|cost| cost.instructions), cost.and_then(|cost| cost.allocations)].map(number);
        std::iter::once(time).chain(counts).collect::<Vec<_>>()
    };
    rows(|middleware| [cells(middleware, Share::Kept), cells(middleware, Share::None)].concat(), &mut table);
    table
}

fn times(framework: &str, results: Results<'_>, called: bool) -> Table {
    let heading = format!("{framework}: CPU time above bare, {}", with_trace(called));
    let method = "Nanoseconds a request: of the request's thread, and of the whole process, the exporter's worker \
                  included.";
    let mut table = Table::new(
        &heading,
        method,
        &["middleware", "kept", "process", "10 %", "process", "0 %", "process", "blacklisted", "process"],
    );
    let cells = |middleware, share| {
        let cost = cost(results, middleware, share, called);
        [nanos(cost, |cost| cost.time.thread), nanos(cost, |cost| cost.time.process)]
    };
    rows(|middleware| SHARES.map(|share| cells(middleware, share)).concat(), &mut table);
    table
}

fn counts(framework: &str, results: Results<'_>, called: bool) -> Table {
    let heading = format!("{framework}: counts above bare, {}", with_trace(called));
    let method = "A request's instructions, and its allocations with their bytes. The worker does not run.";
    let columns = ["middleware", "kept", "heap", "10 %", "heap", "0 %", "heap", "blacklisted", "heap"];
    let mut table = Table::new(&heading, method, &columns);
    let cells = |middleware, share| {
        let cost = cost(results, middleware, share, called).copied().unwrap_or_default();
        let heap = match (cost.allocations, cost.bytes) {
            (Some(allocations), Some(bytes)) => format!("{allocations:.1}, {bytes:.0} B"),
            _ => "-".to_owned(),
        };
        [number(cost.instructions), heap]
    };
    rows(|middleware| SHARES.map(|share| cells(middleware, share)).concat(), &mut table);
    table
}

fn ratios(framework: &str, results: Results<'_>) -> Table {
    let method = "CPU time of the request's thread, as a share of that of the published crate that takes least in this \
                  case.";
    let columns = ["case", "best peer", "its ns", "context on", "ratio", "context off", "ratio"];
    let mut table = Table::new(&format!("{framework}: this project and the best peer"), method, &columns);
    for share in SHARES {
        for called in [false, true] {
            let Some((peer, best)) = results.best_peer(share, called) else { continue };
            let ours = [true, false].map(|with_context| {
                let time = nanos(results.ours(with_context, share, called), |cost| cost.time.thread);
                [time, number(results.ratio(with_context, share, called))]
            });
            let case = format!("{}, {}", share.name(), with_trace(called));
            let peer = [peer.middleware.name().to_owned(), format!("{:.0}", best.time.thread)];
            table.row(std::iter::once(case).chain(peer).chain(ours.concat()));
        }
    }
    table
}
