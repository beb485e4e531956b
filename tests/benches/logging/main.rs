//! The cost of a log call for its caller.
//!
//! ```text
//! cargo bench -p opencensus-benches --bench logging
//! ```
//!
//! Two calls: one below the logger's level, and one that is written to a file with time, level, name and message.
//! `opencensus-logging` writes in the background, `tracing-subscriber`'s `fmt` through the worker of `tracing-appender`,
//! and `log4rs` on the caller's thread. The caller's time is the median of rounds, between which the worker catches up.
//! The caller's allocations are counted by valgrind (memcheck), in runs of different length, while the worker is
//! blocked: its own allocations are not counted.

#[path = "../common/valgrind.rs"]
mod valgrind;

use std::hint::black_box;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opencensus_logging::handlers::{Handler, HandlerError};
use opencensus_logging::{Logger, Logging, Record};
use tracing_appender::non_blocking::WorkerGuard;

const ROUNDS: usize = 301;
/// Calls in a round: fewer than any queue holds.
const LINES: usize = 200;
const DISABLED: usize = 10_000;
/// Calls in the two counted runs: fewer than the queue holds.
const COUNTED: [usize; 2] = [1000, 5000];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Ours,
    Appender,
    Log4rs,
}

const KINDS: [(Kind, &str); 3] =
    [(Kind::Ours, "ours"), (Kind::Appender, "tracing-subscriber, tracing-appender"), (Kind::Log4rs, "log4rs")];

/// A logging crate, configured.
struct Subject {
    log: Box<dyn Fn(usize)>,
    log_disabled: Box<dyn Fn(usize)>,
    catch_up: Box<dyn Fn()>,
}

/// Blocks the worker, so that only the caller works.
struct Blocked;

fn sleep_for_ever() -> ! {
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

impl Write for Blocked {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        sleep_for_ever()
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Handler for Blocked {
    fn emit(&self, _: &Arc<Record>) -> Result<(), HandlerError> {
        sleep_for_ever()
    }
}

/// `None`: the worker is blocked.
fn subject(kind: Kind, folder: Option<&Path>) -> Subject {
    match kind {
        Kind::Ours => ours(folder),
        Kind::Appender => appender(folder),
        Kind::Log4rs => log4rs(folder),
    }
}

fn ours(folder: Option<&Path>) -> Subject {
    let logging = Logging::builder().with_handler_class("blocked", |_| Ok(Box::new(Blocked))).build();
    let handler = match folder {
        Some(folder) => serde_json::json!({
            "class": "file", "filename": folder.join("ours.log").to_str(), "formatter": "line",
        }),
        None => serde_json::json!({ "class": "blocked", "background": true }),
    };
    let configuration = serde_json::json!({
        "version": 1,
        "formatters": { "line": { "format": "%(asctime)s %(levelname)s %(name)s %(message)s" } },
        "handlers": { "file": handler },
        "root": { "handlers": ["file"], "level": "INFO" },
    });
    logging.configure(&configuration).expect("a configuration");
    let logger: Logger = logging.get_logger("shop.cart");
    let disabled = logger.clone();
    Subject {
        log: Box::new(move |n| logger.info(format!("user {n} bought {} chairs", n % 7))),
        log_disabled: Box::new(move |n| {
            black_box(n);
            disabled.debug("below the level");
        }),
        catch_up: Box::new(move || assert!(logging.flush(Duration::from_secs(60)))),
    }
}

fn appender(folder: Option<&Path>) -> Subject {
    let sink: Box<dyn Write + Send> = match folder {
        Some(folder) => Box::new(std::fs::File::create(folder.join("appender.log")).expect("a file")),
        None => Box::new(Blocked),
    };
    let (writer, guard): (_, WorkerGuard) = tracing_appender::non_blocking(sink);
    if folder.is_none() {
        // Dropping it would wait for the worker.
        std::mem::forget(guard);
    } else {
        Box::leak(Box::new(guard));
    }
    let subscriber = tracing_subscriber::fmt().with_writer(writer).with_ansi(false).finish();
    tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    Subject {
        log: Box::new(|n| tracing::info!(target: "shop::cart", "user {n} bought {} chairs", n % 7)),
        log_disabled: Box::new(|n| {
            black_box(n);
            tracing::debug!(target: "shop::cart", "below the level");
        }),
        // It has no flush; a round is written within this time.
        catch_up: Box::new(|| std::thread::sleep(Duration::from_millis(2))),
    }
}

fn log4rs(folder: Option<&Path>) -> Subject {
    use log4rs::append::file::FileAppender;
    use log4rs::config::{Appender, Config, Root};
    use log4rs::encode::pattern::PatternEncoder;
    let path = folder.map_or_else(|| "/dev/null".into(), |folder| folder.join("log4rs.log"));
    let encoder = Box::new(PatternEncoder::new("{d} {l} {t} {m}{n}"));
    let appender = FileAppender::builder().encoder(encoder).build(path).expect("a file");
    let config = Config::builder()
        .appender(Appender::builder().build("file", Box::new(appender)))
        .build(Root::builder().appender("file").build(log::LevelFilter::Info))
        .expect("a configuration");
    log4rs::init_config(config).expect("the only logger");
    Subject {
        log: Box::new(|n| log::info!(target: "shop::cart", "user {n} bought {} chairs", n % 7)),
        log_disabled: Box::new(|n| {
            black_box(n);
            log::debug!(target: "shop::cart", "below the level");
        }),
        catch_up: Box::new(|| ()),
    }
}

fn median(mut times: Vec<Duration>, calls: usize) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e9 / calls as f64
}

fn enabled(subject: &Subject) -> f64 {
    let round = |_| {
        let begun = Instant::now();
        (0..LINES).for_each(|n| (subject.log)(black_box(n)));
        let time = begun.elapsed();
        (subject.catch_up)();
        time
    };
    median((0..ROUNDS).map(round).collect(), LINES)
}

fn disabled(subject: &Subject) -> f64 {
    let round = |_| {
        let begun = Instant::now();
        (0..DISABLED).for_each(|n| (subject.log_disabled)(black_box(n)));
        begun.elapsed()
    };
    median((0..ROUNDS).map(round).collect(), DISABLED)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, mode, name, lines] = arguments.as_slice()
        && mode == "--counted"
    {
        counted(name, lines.parse().expect("a number"));
    }
    let folder = tempfile::tempdir().expect("a folder");
    println!("\n{:<40} {:>14} {:>14} {:>14}", "one call", "disabled, ns", "enabled, ns", "allocations");
    for (kind, name) in KINDS {
        let subject = subject(kind, Some(folder.path()));
        let (disabled, enabled) = (disabled(&subject), enabled(&subject));
        let allocations = allocations(name).map_or("-".to_owned(), |count| format!("{count:.2}"));
        println!("{name:<40} {disabled:>14.1} {enabled:>14.0} {allocations:>14}");
    }
}

/// The run that valgrind counts.
fn counted(name: &str, lines: usize) -> ! {
    let kind = KINDS.into_iter().find(|(_, known)| *known == name).expect("a case").0;
    let subject = subject(kind, None);
    (0..lines).for_each(|n| (subject.log)(n));
    // Exits without destructors, which would be counted.
    std::process::exit(0);
}

/// Allocations per call.
fn allocations(name: &str) -> Option<f64> {
    let [short, long] = COUNTED;
    let run = |calls: usize| {
        valgrind::count(valgrind::Count::Allocations, &["--counted".to_owned(), name.to_owned(), calls.to_string()])
    };
    Some((run(long)? - run(short)?) / (long - short) as f64)
}
