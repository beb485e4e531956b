//! Bodies that real clients posted. `tests/clients/record` writes such files.

use std::path::Path;

use crate::support::envelope;

/// A body that a client posted, with the current time.
pub(super) struct Recorded {
    pub(super) path: &'static str,
    pub(super) body: Vec<u8>,
    pub(super) is_json: bool,
}

/// The bodies that clients posted to the ingestion endpoint.
pub(super) fn of_ingestion() -> Vec<Recorded> {
    let bodies = read("track").into_iter().map(|body| Recorded {
        path: "/v2.1/track",
        body: with_time(body, b"\"time\"", envelope("")["time"].as_str().unwrap()),
        is_json: true,
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
