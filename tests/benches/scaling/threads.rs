//! The cost of a request when several threads handle requests at once.

use std::sync::{Barrier, Mutex};
use std::time::Instant;

use axum::Router;
use opencensus::settings::PipelineLimits;

use crate::app::{self, KEPT, NOT_SAMPLED};
use crate::clock::{self, median};
use crate::discard::{self, Discard};
use crate::markdown::{Table, number};

const THREADS: [usize; 4] = [1, 2, 4, 8];
const ROUNDS: usize = 41;
/// Requests of one thread in a measured chunk. The chunks of all threads fit into the queue.
const CHUNK: usize = 3_000;
const PERCENTILES: [f64; 3] = [0.5, 0.99, 0.999];

pub(crate) fn table() -> Table {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let method = format!(
        "Each thread has its own router; all share one telemetry. On {cores} cores: more threads than cores take turns, \
         which shows in the percentiles. Above bare: processor time of the request's thread, median of paired chunks of \
         {CHUNK} requests; the worker sleeps meanwhile. Requests a second of all threads together, by the clock. \
         Percentiles are of single requests, bare and with telemetry, in µs."
    );
    let columns = ["case", "threads", "ns above bare", "requests/s bare", "requests/s", "p50", "p99", "p99.9"];
    let mut table = Table::new("Threads", &method, &columns);
    for fate in [KEPT, NOT_SAMPLED] {
        for threads in THREADS {
            let [above, bare, ours, percentiles @ ..] = &crate::child("--threads", fate, threads)[..] else {
                panic!("too few numbers")
            };
            let pairs = percentiles.chunks_exact(2);
            let pairs = pairs.map(|pair| format!("{} / {}", number(Some(pair[0])), number(Some(pair[1]))));
            let cells = [fate.to_owned(), threads.to_string()];
            table.row(cells.into_iter().chain([above, bare, ours].map(|n| number(Some(*n)))).chain(pairs));
        }
    }
    table
}

/// What one thread measures, of the bare router and of the other.
#[derive(Default)]
struct Figures {
    differences: Vec<f64>,
    // Begin and end of each chunk.
    times: [Vec<(Instant, Instant)>; 2],
    nanoseconds: [Vec<u32>; 2],
}

/// Prints the numbers of one row of the table.
pub(crate) fn measure(fate: &str, threads: &str) {
    let threads: usize = threads.parse().expect("a number");
    let mut settings = app::settings(fate);
    settings.limits = limits();
    let telemetry = settings.start_with(Discard { stops: false }).expect("it starts");
    let barrier = Barrier::new(threads);
    let all = Mutex::new(Figures::default());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (barrier, all, telemetry) = (&barrier, &all, &telemetry);
            scope.spawn(move || {
                let routers = [app::router(None), app::router(Some(telemetry))];
                let flush = || {
                    if barrier.wait().is_leader() {
                        app::flush(telemetry);
                    }
                };
                let figures = run(routers, barrier, flush);
                let mut all = all.lock().expect("no panic");
                all.differences.extend(figures.differences);
                for at in 0..2 {
                    all.nanoseconds[at].extend(&figures.nanoseconds[at]);
                    all.times[at].extend(&figures.times[at]);
                }
            });
        }
    });
    assert_eq!(telemetry.stats().refused.full, 0, "the queue has room for all");
    print(all.into_inner().expect("no panic"), threads);
}

fn print(mut all: Figures, threads: usize) {
    println!("{}", median(all.differences));
    all.times.iter().for_each(|times| println!("{}", (threads * ROUNDS * CHUNK) as f64 / seconds(times)));
    all.nanoseconds.iter_mut().for_each(|times| times.sort_unstable());
    for part in PERCENTILES {
        for times in &all.nanoseconds {
            println!("{}", f64::from(times[(times.len() as f64 * part) as usize]) / 1000.0);
        }
    }
}

/// The time that all threads together took for their chunks: of each round, from the first begin to the last end.
fn seconds(times: &[(Instant, Instant)]) -> f64 {
    let round = |round: usize| {
        let chunks = || times.iter().skip(round).step_by(ROUNDS);
        let begun = chunks().map(|(begun, _)| begun).min();
        let ended = chunks().map(|(_, ended)| ended).max();
        begun.zip(ended).map_or(0.0, |(begun, ended)| (*ended - *begun).as_secs_f64())
    };
    (0..ROUNDS).map(round).sum()
}

/// Alternates chunks of the bare router and of the other. In every second round single requests are timed.
fn run(mut routers: [Router; 2], barrier: &Barrier, flush: impl Fn()) -> Figures {
    let mut figures = Figures::default();
    routers.iter_mut().for_each(|router| (0..CHUNK).for_each(|_| app::serve(router)));
    for _ in 0..ROUNDS {
        let mut costs = [0.0; 2];
        for (at, router) in routers.iter_mut().enumerate() {
            flush();
            barrier.wait();
            let (begun, computed) = (Instant::now(), clock::of_thread());
            (0..CHUNK).for_each(|_| app::serve(router));
            costs[at] = (clock::of_thread() - computed) / CHUNK as f64;
            figures.times[at].push((begun, Instant::now()));
            barrier.wait();
        }
        figures.differences.push(costs[1] - costs[0]);
        for (at, router) in routers.iter_mut().enumerate() {
            flush();
            barrier.wait();
            figures.nanoseconds[at].extend((0..CHUNK).map(|_| {
                let begun = Instant::now();
                app::serve(router);
                begun.elapsed().as_nanos() as u32
            }));
        }
    }
    figures
}

/// Limits with which the worker sleeps during a chunk.
fn limits() -> PipelineLimits {
    let mut limits = discard::limits();
    limits.max_items = 4 * CHUNK * THREADS[THREADS.len() - 1];
    limits.batch_items = limits.max_items / 2;
    limits
}
