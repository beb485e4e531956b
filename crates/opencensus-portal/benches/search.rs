//! Times the search page and the API over 200,000 items, in memory and in a file.
//!
//! ```text
//! cargo bench -p opencensus-portal --bench search
//! ```
//!
//! Prints for each address the shortest time, the median and the mean processor time of several responses, over HTTP.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use opencensus_portal::{Portal, PortalOptions};

const ITEMS: usize = 200_000;
const BATCH: usize = 500;
const TIMES: usize = 7;

/// The addresses that are timed.
const PATHS: [(&str, &str); 17] = [
    ("page, everything", "/search"),
    ("page, text without a match", "/search?q=zebra-crossing"),
    ("page, text of frequent letters without a match", "/search?q=0000000000"),
    ("page, text that all items have", "/search?q=tenant-"),
    ("page, text that few items have", "/search?q=order-199001"),
    ("page, property that a third has", "/search?q=tenant:tenant-1"),
    ("page, property with a value that none has", "/search?q=tenant:none"),
    ("page, property that none has", "/search?q=has:absent"),
    ("page, number of a property", "/search?q=basket:%3E=7"),
    ("page, status and duration", "/search?q=status:5xx%20dur:%3E200ms"),
    ("page, one kind", "/search?q=kind:exception"),
    ("page, text without a match in two kinds", "/search?q=kind:request,dependency%20zebra"),
    ("page, without an operation", "/search?q=-op:%22GET%20/route-1%22"),
    ("page, the oldest rows", "/search?before=150"),
    ("count, text without a match", "/api/v1/count?q=zebra-crossing"),
    ("count, new items", "/api/v1/count?q=zebra&after=199990"),
    ("overview", "/"),
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
    let time = now();
    let bodies: Vec<String> = (0..ITEMS / BATCH).map(|batch| body(batch * BATCH, &time)).collect();
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

/// The current date as SDKs write times. The portal refuses items that are older than two days.
fn now() -> String {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 86_400;
    let (era, day) = ((days + 719_468) / 146_097, (days + 719_468) % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T00:00:00.000Z")
}

fn body(first: usize, time: &str) -> String {
    let mut body = String::from("[");
    for at in first..first + BATCH {
        let separator = if at == first { "" } else { "," };
        let (name, data) = data(at);
        let _ = write!(
            body,
            r#"{separator}{{"name":"Microsoft.ApplicationInsights.{name}","time":"{time}","iKey":"00000000-0000-4000-8000-000000000001","sampleRate":{},
            "tags":{{"ai.cloud.role":"service-{}","ai.cloud.roleInstance":"host-{}","ai.operation.id":"{:032x}",
            "ai.operation.name":"GET /route-{}","ai.operation.parentId":"{at:016x}","ai.internal.sdkVersion":"rust:opencensus-0.1.0"}},
            "data":{{"baseType":"{name}Data","baseData":{{"ver":2,{data},
            "properties":{{"tenant":"tenant-{}","basket":"{}","order":"order-{at}","region":"westeurope","request.user_agent":"Mozilla/5.0 (X11; Linux x86_64)"}}}}}}}}"#,
            if at % 10 == 0 { 50 } else { 100 },
            at % 4,
            at % 9,
            at / 5,
            at % 23,
            at % 3,
            at % 10
        );
    }
    body + "]"
}

fn data(at: usize) -> (&'static str, String) {
    let duration = format!("00:00:00.{:03}", at * 7919 % 900);
    match at % 20 {
        0..=6 => {
            let code = [200, 200, 200, 200, 201, 404, 503][at / 20 % 7];
            let (success, route) = (code < 400, at % 23);
            let data = format!(
                r#""id":"{at:016x}","name":"GET /route-{route}","duration":"{duration}","responseCode":"{code}","success":{success},"url":"http://shop.example/route-{route}?page={at}""#
            );
            ("Request", data)
        }
        7..=12 => {
            let data = format!(
                r#""id":"{at:016x}","name":"SELECT chairs","duration":"{duration}","resultCode":"0","success":true,"type":"SQL","target":"db-{}|shop","data":"SELECT id, name, price FROM chairs WHERE id = ?""#,
                at % 3
            );
            ("RemoteDependency", data)
        }
        13..=17 => {
            let level = ["Verbose", "Information", "Information", "Warning", "Error"][at % 5];
            (
                "Message",
                format!(
                    r#""message":"order {at} of the customer was put into the queue of the warehouse","severityLevel":"{level}""#
                ),
            )
        }
        18 => {
            let data = r#""exceptions":[{"typeName":"shop::OutOfStock","message":"no oak chair is left in the warehouse","hasFullStack":true,"stack":"at shop::checkout (src/checkout.rs:41)"}],"severityLevel":"Error""#;
            ("Exception", data.to_owned())
        }
        _ => ("Metric", format!(r#""metrics":[{{"name":"queue.length","value":{}}}]"#, at % 50)),
    }
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
