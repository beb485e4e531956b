//! Times the pages and the API over 200,000 items, in memory and in a file.
//!
//! ```text
//! cargo bench -p opencensus-portal --bench pages
//! ```
//!
//! Prints for each address the shortest time, the median and the mean processor time of several responses, over HTTP.

mod transactions;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use opencensus_portal::{Portal, PortalOptions};

const ITEMS: usize = 200_000;
const BATCH: usize = 500;
const TIMES: usize = 7;

/// The addresses that are timed.
const PATHS: [(&str, &str); 22] = [
    ("overview", "/"),
    ("overview of a role", "/?role=orders"),
    ("map", "/map"),
    ("failures", "/failures"),
    ("failures, exceptions", "/failures?of=exceptions"),
    ("performance", "/performance"),
    ("performance of an operation", "/performance?op=POST+%2Fbuy%2F7"),
    ("availability", "/availability"),
    ("refused", "/refused"),
    ("settings", "/settings"),
    ("transaction", "/transactions/00000000000000000000000000001234"),
    ("search, everything", "/search"),
    ("search, text without a match", "/search?q=zebra-crossing"),
    ("search, text of frequent letters without a match", "/search?q=0000000000zz"),
    ("search, text that few items have", "/search?q=19901"),
    ("search, property that a fortieth has", "/search?q=tenant:t1"),
    ("search, property that none has", "/search?q=has:absent"),
    ("search, status and duration", "/search?q=status:5xx%20dur:%3E200ms"),
    ("search, one kind", "/search?q=kind:exception"),
    ("search, text without a match in two kinds", "/search?q=kind:request,dependency%20zebra"),
    ("search, the oldest rows", "/search?before=150"),
    ("count, text without a match", "/api/v1/count?q=zebra-crossing"),
];

fn main() {
    // `cargo test --benches` passes this.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (place, options) in [
        ("in memory", PortalOptions::default()),
        ("in a file", PortalOptions::default().with_database(folder.path().join("portal.db"))),
    ] {
        let portal = options.start().unwrap();
        println!("{ITEMS} items {place}");
        fill(&portal);
        for (title, path) in PATHS {
            let begin = processor_time();
            let mut times: Vec<_> = (0..TIMES).map(|_| get(portal.address(), path)).collect();
            let cpu = (processor_time() - begin) / TIMES as f64;
            times.sort();
            println!("{:>8.1} ms {:>8.1} ms {cpu:>8.1} ms  {title}", ms(times[0]), ms(times[TIMES / 2]));
        }
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The processor time of this process in milliseconds, on Linux. On a busy machine it varies less than the time.
fn processor_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split(' ');
    // In ticks of 10 ms: in user mode, and in the kernel.
    fields.skip(12).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() * 10.0
}

/// Posts the items, and prints how long it takes.
fn fill(portal: &Portal) {
    let (day, batches) = (today(), ITEMS / BATCH);
    let bodies: Vec<String> = (0..batches).map(|batch| transactions::body(batch, batches, &day)).collect();
    let bytes: usize = bodies.iter().map(String::len).sum();
    let (begin, processor) = (Instant::now(), processor_time());
    for body in &bodies {
        let head = format!("POST /v2.1/track HTTP/1.1\r\ncontent-length: {}", body.len());
        let response = send(portal.address(), &head, body);
        assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    }
    let seconds = begin.elapsed().as_secs_f64();
    let cpu = (processor_time() - processor) * 1e3 / ITEMS as f64;
    println!(
        "  {:.0} items/s, {cpu:.1} µs of a processor per item, {} bytes each",
        ITEMS as f64 / seconds,
        bytes / ITEMS
    );
}

/// The current date in UTC. The portal refuses items that are older than two days.
fn today() -> String {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 86_400;
    let (era, day) = ((days + 719_468) / 146_097, (days + 719_468) % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Requests a path, and returns the time until the whole response has arrived.
fn get(address: SocketAddr, path: &str) -> Duration {
    let begin = Instant::now();
    let response = send(address, &format!("GET {path} HTTP/1.1"), "");
    let time = begin.elapsed();
    assert!(response.starts_with("HTTP/1.1 200"), "{path}: {response}");
    time
}

fn send(address: SocketAddr, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("{head}\r\nhost: {address}\r\nconnection: close\r\n\r\n{body}").as_bytes()).unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    String::from_utf8_lossy(&response).into_owned()
}
