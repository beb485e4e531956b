//! Servers under load, in rounds in which bare and variant alternate.

use std::time::Duration;

use crate::child::Child;
use crate::load::{self, CONNECTIONS, Load};
use crate::markdown::{Table, number};
use crate::sink::{Received, Sink};
use crate::usage::Usage;
use crate::variant::Variant;

/// One run of a server.
#[derive(Clone, Copy, Debug)]
struct Round {
    load: Load,
    usage: Usage,
    received: Received,
    /// Processor time of the whole process a request, in microseconds.
    cpu: f64,
    /// The same, above bare in the same round.
    above: f64,
}

struct Server {
    variant: Variant,
    child: Child,
    address: String,
    // Each has one: a server may send later what was on disk.
    sink: Sink,
    /// All requests so far, and the items of them that arrived.
    requests: usize,
    arrived: usize,
    rounds: Vec<Round>,
}

impl Server {
    fn start(variant: Variant) -> Self {
        let sink = Sink::start(0);
        let (child, address) = Child::start(&["--server", variant.name(), &sink.address]);
        Self { variant, child, address, sink, requests: 0, arrived: 0, rounds: Vec::new() }
    }

    /// One run, until all telemetry is sent.
    fn run(&mut self, seconds: u64) -> Round {
        let before = Usage::of(self.child.id());
        let load = load::run(&self.address, seconds);
        let lost: usize = self.child.command("flush").parse().expect("a number");
        let usage = Usage::of(self.child.id()).since(&before);
        let received = self.sink.take();
        self.requests += load.requests as usize;
        self.arrived += received.items;
        self.check(lost);
        let cpu = micros(usage.whole(), load.requests);
        Round { load, usage, received, cpu, above: 0.0 }
    }

    /// Checks that the telemetry of this project arrived, or is counted as lost.
    fn check(&self, lost: usize) {
        let (name, arrived, runs) = (self.variant.name(), self.arrived, self.rounds.len() + 2);
        match self.variant {
            variant if variant.is_ours_exporting() => {
                let (counted, expected) = (arrived + lost, self.requests..=self.requests + runs * CONNECTIONS);
                assert!(expected.contains(&counted), "{name}: {arrived} + {lost} items of {expected:?} requests");
            }
            variant if variant.is_peer() => assert!(arrived > 0, "{name}: nothing arrived"),
            _ => assert_eq!(arrived, 0, "{name}: something arrived"),
        }
    }

    fn median(&self, of: impl Fn(&Round) -> f64) -> f64 {
        let mut values: Vec<f64> = self.rounds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    }

    fn sum(&self, of: impl Fn(&Round) -> f64) -> f64 {
        self.rounds.iter().map(of).sum()
    }
}

fn micros(time: Duration, requests: f64) -> f64 {
    time.as_secs_f64() * 1e6 / requests
}

pub(crate) fn print(is_quick: bool, is_selected: impl Fn(&Variant) -> bool) {
    if !load::is_installed() {
        return eprintln!("sockets: not measured, because `wrk` is not installed");
    }
    let (rounds, seconds) = if is_quick { (1, 1) } else { (5, 2) };
    let mut bare = Server::start(Variant::Bare);
    let variants = Variant::ALL.into_iter().filter(|variant| *variant != Variant::Bare && is_selected(variant));
    let mut servers: Vec<Server> = variants.map(Server::start).collect();
    // The first requests cost more: memory is touched for the first time, and connections are opened.
    for server in servers.iter_mut().chain([&mut bare]) {
        server.run(1);
    }
    for round in 1..=rounds {
        for server in &mut servers {
            eprintln!("sockets, round {round} of {rounds}: {}", server.variant.name());
            let floor = bare.run(seconds);
            let mut measured = server.run(seconds);
            measured.above = measured.cpu - floor.cpu;
            bare.rounds.push(floor);
            server.rounds.push(measured);
        }
    }
    servers.insert(0, bare);
    println!("{}", table(&servers, rounds, seconds));
}

fn table(servers: &[Server], rounds: usize, seconds: u64) -> Table {
    let method = format!(
        "`axum::serve` with one thread, `wrk -t1 -c32`, {rounds} rounds of {seconds} s in which bare and variant \
         alternate; medians. Processor time: user and system, of the server's whole process, until everything is sent; \
         `above bare` is the median of the differences in a round. `Export` is the part of all threads that do not serve. \
         `Sleeps`: voluntary context switches of these threads."
    );
    let columns = [
        "",
        "requests/s",
        "p50, ms",
        "p99, ms",
        "CPU, µs/request",
        "above bare, µs",
        "export, µs",
        "sleeps / 1000 requests",
        "items / POST",
        "bytes / item",
        "arrived",
    ];
    let mut table = Table::new("Cost in a real server", &method, &columns);
    for server in servers {
        table.row(cells(server));
    }
    table
}

fn cells(server: &Server) -> Vec<String> {
    let requests = server.sum(|round| round.load.requests);
    let items = server.sum(|round| round.received.items as f64);
    let is_bare = server.variant == Variant::Bare;
    let exporting = |value: f64| server.variant.exports().then_some(value);
    let arrived = (items / requests).min(1.0) * 100.0;
    vec![
        server.variant.name().to_owned(),
        number(Some(server.median(|round| round.load.per_second))),
        number(Some(server.median(|round| round.load.p50))),
        number(Some(server.median(|round| round.load.p99))),
        number(Some(server.median(|round| round.cpu))),
        number((!is_bare).then(|| server.median(|round| round.above))),
        number(Some(server.median(|round| micros(round.usage.others, round.load.requests)))),
        number(Some(server.sum(|round| round.usage.others_sleeps as f64) * 1000.0 / requests)),
        number(exporting(items / server.sum(|round| round.received.posts as f64))),
        number(exporting(server.sum(|round| round.received.bytes as f64) / items)),
        if server.variant.exports() { format!("{arrived:.1} %") } else { "-".to_owned() },
    ]
}
