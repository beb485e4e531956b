//! Bodies that real clients posted. `tests/clients/record` writes such files.

use std::ops::Range;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::support::envelope;

/// A body that a client posted, with the current time.
pub(super) struct Recorded {
    pub(super) path: &'static str,
    pub(super) body: Vec<u8>,
    pub(super) content_type: &'static str,
}

impl Recorded {
    pub(super) fn is_json(&self) -> bool {
        self.content_type == JSON
    }
}

const JSON: &str = "application/json";
const PROTOBUF: &str = "application/x-protobuf";
/// The nanoseconds of the year in which the bodies were recorded.
const RECORDED: Range<u64> = 1_767_225_600_000_000_000..1_798_761_600_000_000_000;

/// The bodies that clients posted to the ingestion endpoint.
pub(super) fn of_ingestion() -> Vec<Recorded> {
    let bodies = read("track").into_iter().map(|body| Recorded {
        path: "/v2.1/track",
        body: with_time(body, b"\"time\"", envelope("")["time"].as_str().unwrap()),
        content_type: JSON,
    });
    bodies.collect()
}

/// The bodies that clients posted as OTLP, with the paths of their signals.
pub(super) fn of_otlp() -> Vec<Recorded> {
    let signals = [("traces", "/v1/traces"), ("logs", "/v1/logs"), ("metrics", "/v1/metrics")];
    let bodies = signals.into_iter().flat_map(|(signal, path)| {
        read(signal).into_iter().map(move |body| {
            let content_type = if body.starts_with(b"{") { JSON } else { PROTOBUF };
            Recorded { path, body: with_nanos(body), content_type }
        })
    });
    bodies.collect()
}

fn read(extension: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/fuzz/bodies");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    // A body follows from a number, so their order is that of their names.
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    assert!(!files.is_empty(), "no recorded body for {extension}");
    files.into_iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Replaces the first characters of the text after each occurrence of a key.
fn with_time(mut body: Vec<u8>, key: &[u8], time: &str) -> Vec<u8> {
    let time = &time.as_bytes()[..time.len() - 1];
    let mut at = 0;
    while let Some(found) = body[at..].windows(key.len()).position(|window| window == key) {
        at += found + key.len();
        if let Some(start) = body[at..].iter().take(4).position(|byte| *byte == b'"') {
            body[at + start + 1..][..time.len()].copy_from_slice(time);
        }
    }
    body
}

/// Replaces times in nanoseconds, which are eight bytes in protobuf and digits in JSON.
fn with_nanos(mut body: Vec<u8>) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    for window in 0..body.len().saturating_sub(19) {
        let number = u64::from_le_bytes(body[window..window + 8].try_into().unwrap());
        let digits = std::str::from_utf8(&body[window..window + 19]).ok().and_then(|text| text.parse().ok());
        if RECORDED.contains(&number) {
            body[window..window + 8].copy_from_slice(&now.to_le_bytes());
        } else if digits.is_some_and(|number| RECORDED.contains(&number)) {
            body[window..window + 19].copy_from_slice(now.to_string().as_bytes());
        }
    }
    body
}
