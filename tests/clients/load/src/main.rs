//! Sends items to the portal at a constant rate, opens each of its pages once a second meanwhile, samples its memory, and
//! checks at the end that every item was accepted and counted.

mod clock;
mod http;
mod pages;
mod portal;
mod report;
mod sender;
mod shop;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lexopt::prelude::{Long, ValueExt as _};

use crate::portal::Portal;
use crate::report::Report;

const USAGE: &str = "usage: opencensus-portal-load [--minutes N] [--rate N] [--limit MILLISECONDS] [--portal FILE]

    --minutes N           how long to send (default: 1)
    --rate N              items per second (default: 2000)
    --limit MILLISECONDS  what 95 of 100 loads of each page must stay below (default: 300)
    --portal FILE         the program of the portal (default: opencensus-portal beside this one)";

struct Options {
    minutes: f64,
    rate: f64,
    limit: Duration,
    portal: PathBuf,
}

fn main() -> ExitCode {
    match options().and_then(|options| Ok(run(&options)?)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn options() -> Result<Options, Box<dyn std::error::Error>> {
    let beside = std::env::current_exe()?.with_file_name("opencensus-portal");
    let mut options = Options { minutes: 1.0, rate: 2000.0, limit: Duration::from_millis(300), portal: beside };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("minutes") => options.minutes = parser.value()?.parse()?,
            Long("rate") => options.rate = parser.value()?.parse()?,
            Long("limit") => options.limit = Duration::from_millis(parser.value()?.parse()?),
            Long("portal") => options.portal = parser.value()?.into(),
            _ => return Err(argument.unexpected().into()),
        }
    }
    Ok(options)
}

/// Runs the load, and prints the report. Returns whether all of it is as it must be.
fn run(options: &Options) -> std::io::Result<bool> {
    let portal = Portal::start(&options.portal)?;
    let (address, process) = (portal.address(), portal.process());
    let (begun, ended) = (Instant::now(), AtomicBool::new(false));
    let length = Duration::from_secs_f64(options.minutes * 60.0);
    let mut report = Report::default();
    std::thread::scope(|scope| {
        let share = |number| scope.spawn(move || sender::send(address, number, options.rate, length));
        let senders: Vec<_> = (0..sender::SENDERS).map(share).collect();
        let pages = scope.spawn(|| pages::visit(address, &ended));
        let memory = scope.spawn(|| portal::sample_memory(process, begun, &ended));
        for sender in senders {
            report.add(sender.join().unwrap_or_default());
        }
        report.seconds = begun.elapsed().as_secs_f64();
        ended.store(true, Ordering::Relaxed);
        report.pages = pages.join().unwrap_or_default();
        report.memory = memory.join().unwrap_or_default();
    });
    report.processor = portal::processor_seconds(process);
    report.count(address)?;
    println!("{report}");
    let faults = report.faults(options.limit);
    faults.iter().for_each(|fault| println!("FAULT: {fault}"));
    Ok(faults.is_empty())
}
