//! What a line of a log costs whoever says it.
//!
//! ```text
//! cargo bench -p opencensus-benches --bench logging
//! ```
//!
//! A call whose level nobody wants, on a logger that is held; and a call that is written to a file, with time, level,
//! name and message: ours in the background, `tracing-subscriber`'s `fmt` through `tracing-appender`'s worker, and
//! `log4rs`, which writes on the caller's thread. The caller's time is the median of rounds, between which the worker
//! catches up. The caller's allocations are counted by valgrind (memcheck), in runs of different length, while the
//! worker is held up: what it does itself is not counted.

use std::hint::black_box;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use opencensus_logging::handlers::{Handler, HandlerError};
use opencensus_logging::{Logger, Logging, Record};
use tracing_appender::non_blocking::WorkerGuard;

const ROUNDS: usize = 301;
/// Lines of a round: fewer than any queue holds.
const LINES: usize = 200;
const DISABLED: usize = 10_000;
/// Lengths of the counted runs, in lines. Fewer than our queue holds.
const COUNTED: [usize; 2] = [1000, 5000];

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Ours,
    Appender,
    Log4rs,
}

const KINDS: [(Kind, &str); 3] =
    [(Kind::Ours, "ours"), (Kind::Appender, "tracing-subscriber, tracing-appender"), (Kind::Log4rs, "log4rs")];

/// Something that says lines, and waits until they are written.
struct Subject {
    say: Box<dyn Fn(usize)>,
    say_disabled: Box<dyn Fn(usize)>,
    catch_up: Box<dyn Fn()>,
}

/// Never gets on: only the caller works.
struct HeldUp;

fn sleep_for_ever() -> ! {
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

impl Write for HeldUp {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        sleep_for_ever()
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Handler for HeldUp {
    fn emit(&self, _: &Arc<Record>) -> Result<(), HandlerError> {
        sleep_for_ever()
    }
}

/// `None`: the worker is held up.
fn subject(kind: Kind, folder: Option<&Path>) -> Subject {
    match kind {
        Kind::Ours => ours(folder),
        Kind::Appender => appender(folder),
        Kind::Log4rs => log4rs(folder),
    }
}

fn ours(folder: Option<&Path>) -> Subject {
    let logging = Logging::builder().with_handler_class("held_up", |_| Ok(Box::new(HeldUp))).build();
    let handler = match folder {
        Some(folder) => serde_json::json!({
            "class": "file", "filename": folder.join("ours.log").to_str(), "formatter": "line",
        }),
        None => serde_json::json!({ "class": "held_up", "background": true }),
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
        say: Box::new(move |n| logger.info(format!("user {n} bought {} chairs", n % 7))),
        say_disabled: Box::new(move |n| {
            black_box(n);
            disabled.debug("nobody wants this");
        }),
        catch_up: Box::new(move || assert!(logging.flush(Duration::from_secs(60)))),
    }
}

fn appender(folder: Option<&Path>) -> Subject {
    let sink: Box<dyn Write + Send> = match folder {
        Some(folder) => Box::new(std::fs::File::create(folder.join("appender.log")).expect("a file")),
        None => Box::new(HeldUp),
    };
    let (writer, guard): (_, WorkerGuard) = tracing_appender::non_blocking(sink);
    if folder.is_none() {
        // Its end would wait for the worker.
        std::mem::forget(guard);
    } else {
        Box::leak(Box::new(guard));
    }
    let subscriber = tracing_subscriber::fmt().with_writer(writer).with_ansi(false).finish();
    tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    Subject {
        say: Box::new(|n| tracing::info!(target: "shop::cart", "user {n} bought {} chairs", n % 7)),
        say_disabled: Box::new(|n| {
            black_box(n);
            tracing::debug!(target: "shop::cart", "nobody wants this");
        }),
        // It has no flush; a round is written within this.
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
        say: Box::new(|n| log::info!(target: "shop::cart", "user {n} bought {} chairs", n % 7)),
        say_disabled: Box::new(|n| {
            black_box(n);
            log::debug!(target: "shop::cart", "nobody wants this");
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
        (0..LINES).for_each(|n| (subject.say)(black_box(n)));
        let time = begun.elapsed();
        (subject.catch_up)();
        time
    };
    median((0..ROUNDS).map(round).collect(), LINES)
}

fn disabled(subject: &Subject) -> f64 {
    let round = |_| {
        let begun = Instant::now();
        (0..DISABLED).for_each(|n| (subject.say_disabled)(black_box(n)));
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
    println!("\n{:<40} {:>14} {:>14} {:>14}", "a line", "disabled, ns", "enabled, ns", "allocations");
    for (kind, name) in KINDS {
        let subject = subject(kind, Some(folder.path()));
        let (disabled, enabled) = (disabled(&subject), enabled(&subject));
        let allocations = allocations(name).map_or("-".to_owned(), |count| format!("{count:.2}"));
        println!("{name:<40} {disabled:>14.1} {enabled:>14.0} {allocations:>14}");
    }
}

/// What valgrind looks at.
fn counted(name: &str, lines: usize) -> ! {
    let kind = KINDS.into_iter().find(|(_, known)| *known == name).expect("a case").0;
    let subject = subject(kind, None);
    (0..lines).for_each(|n| (subject.say)(n));
    // Nothing that ends with the process is counted.
    std::process::exit(0);
}

/// Allocations of a line.
fn allocations(name: &str) -> Option<f64> {
    let [short, long] = COUNTED;
    Some((heap(name, long)? - heap(name, short)?) / (long - short) as f64)
}

/// Allocations of a run, as valgrind sums them up.
fn heap(name: &str, lines: usize) -> Option<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=memcheck", "--leak-check=no"])
        .arg(std::env::current_exe().ok()?)
        .args(["--counted", name, &lines.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let number = text.split_once("total heap usage:")?.1.split_whitespace().next()?.replace(',', "");
    number.parse().ok()
}
