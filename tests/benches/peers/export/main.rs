//! The cost of exporting a request, beside other exporters: encoding and compressing, without a network.
//!
//! ```text
//! cargo bench --manifest-path tests/benches/peers/Cargo.toml --bench export
//! cargo bench --manifest-path tests/benches/peers/Cargo.toml --bench export --features zlib-rs
//! ```
//!
//! The peers compress with flate2. Its default backend is `miniz_oxide`; with the feature `zlib-rs` of this package it is
//! `zlib-rs`, as an application can choose by a dependency on flate2 with that feature. This project compresses without
//! flate2.
//!
//! All exporters get the same requests with the same fields, in batches of 100, 512 and 5000, and send to a client that
//! discards the body. `appinsights` has a client of its own: it sends to a server on a thread of the process, whose
//! processor time is subtracted, but whose instructions and allocations count.

#[path = "../../common/cpu_time.rs"]
mod cpu_time;
#[path = "../../common/effort.rs"]
#[allow(dead_code, reason = "this benchmark needs rounds only")]
mod effort;
#[path = "../../common/markdown.rs"]
mod markdown;
#[path = "../../common/valgrind.rs"]
mod valgrind;

mod appinsights;
mod cases;
#[path = "../../common/items.rs"]
mod items;
mod levels;
mod sink;

use std::process::Command;

use crate::cases::{Cost, KINDS, Kind, prepare};
use crate::effort::Effort;
use crate::markdown::{Table, number};
use crate::valgrind::Count;

const BATCHES: [usize; 3] = [100, 512, 5000];
/// Batches in the two counted runs.
const COUNTED: [usize; 2] = [1, 3];
/// The batch whose instructions are counted.
const TYPICAL: usize = 512;

const BACKEND: &str = if cfg!(feature = "zlib-rs") { "zlib-rs" } else { "miniz_oxide, its default" };

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |text: &str| text.parse().expect("a number");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[1..] {
        ["--whole", name, size, batches] => counted(true, name, number(size), number(batches)),
        ["--input", name, size, batches] => counted(false, name, number(size), number(batches)),
        ["--levels", ..] => levels::print(Effort::of_arguments()),
        _ => {
            print_exporters(Effort::of_arguments());
            levels::print(Effort::of_arguments());
        }
    }
}

fn print_exporters(effort: Effort) {
    let method = format!(
        "Each request has its own ids, path, duration and time; the encoders get what their pipelines hand them (a \
         record, a span, a telemetry item), and their output is discarded. CPU: processor time of the thread, the median \
         of rounds in which the rows alternate, and its ratio to `opentelemetry-application-insights`. Instructions \
         (callgrind) and allocations (memcheck): the difference of runs with {} and {} batches, without what makes the \
         input. Memory: `VmHWM` of a process that exports one batch, above one that only makes its input. The peers \
         compress with flate2, here on {BACKEND}. `appinsights` sends, without compression, to a server in the process, \
         whose processor time is subtracted.",
        COUNTED[0], COUNTED[1]
    );
    let columns = ["exporter", "batch", "CPU, µs", "ratio", "instructions", "allocations", "bytes", "memory, KiB"];
    let mut table = Table::new("Export: cost of an item", &method, &columns);
    for size in BATCHES {
        eprintln!("measuring: batches of {size}");
        let costs = costs(size, effort);
        let peer = KINDS.iter().position(|(kind, _)| *kind == Kind::ApplicationInsights).expect("the peer");
        let peer = costs[peer].nanos;
        for ((_, name), cost) in KINDS.iter().zip(costs) {
            table.row([
                (*name).to_owned(),
                size.to_string(),
                number(Some(cost.nanos / 1e3 / size as f64)),
                format!("{:.2}", cost.nanos / peer),
                number(count(Count::Instructions, name, size).filter(|_| size == TYPICAL)),
                number(count(Count::Allocations, name, size)),
                format!("{:.1}", cost.bytes as f64 / size as f64),
                number(peak(name, size)),
            ]);
        }
    }
    print!("{table}");
}

/// The median cost of each kind.
fn costs(size: usize, effort: Effort) -> Vec<Cost> {
    let rounds = effort.rounds() * if size > 1000 { 1 } else { 3 };
    let mut costs = vec![Vec::new(); KINDS.len()];
    for _ in 0..rounds {
        for ((kind, _), costs) in KINDS.iter().zip(&mut costs) {
            costs.push(prepare(*kind, size)());
        }
    }
    costs.iter_mut().for_each(|costs| costs.sort_by(|a, b| a.nanos.total_cmp(&b.nanos)));
    costs.into_iter().map(|costs| costs[rounds / 2]).collect()
}

/// A run of a child: batches of a case, or only the creation of their input. Prints its highest memory.
fn counted(whole: bool, name: &str, size: usize, batches: usize) -> ! {
    let kind = KINDS.into_iter().find(|(_, known)| *known == name).expect("a case").0;
    for _ in 0..batches {
        let run = prepare(kind, size);
        if whole {
            run();
        } else {
            std::mem::forget(run);
        }
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    println!("{}", peak.trim().trim_end_matches(" kB"));
    // Exits without destructors, which would be counted.
    std::process::exit(0);
}

/// The count for each item, without what creates the input.
fn count(count: Count, name: &str, size: usize) -> Option<f64> {
    if matches!(count, Count::Instructions) && size != TYPICAL {
        return None;
    }
    let run = |mode: &str, batches: usize| valgrind::count(count, &arguments(mode, name, size, batches));
    let of_batch = |mode| {
        let [short, long] = COUNTED;
        Some((run(mode, long)? - run(mode, short)?) / (long - short) as f64)
    };
    Some((of_batch("--whole")? - of_batch("--input")?) / size as f64)
}

/// The memory in KiB that exporting a batch takes at most.
fn peak(name: &str, size: usize) -> Option<f64> {
    let run = |mode| {
        let program = std::env::current_exe().ok()?;
        let output = Command::new(program).args(arguments(mode, name, size, 1)).output().ok()?;
        String::from_utf8_lossy(&output.stdout).trim().parse::<f64>().ok()
    };
    Some(run("--whole")? - run("--input")?)
}

fn arguments(mode: &str, name: &str, size: usize, batches: usize) -> [String; 4] {
    [mode.to_owned(), name.to_owned(), size.to_string(), batches.to_string()]
}
