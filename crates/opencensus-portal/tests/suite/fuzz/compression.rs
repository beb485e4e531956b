//! Compresses bodies, as clients do or wrongly.

use std::io::Write as _;
use std::sync::OnceLock;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use test_support::random::Random;

const PLAIN: &str = "";
const GZIP: &str = "content-encoding: gzip\r\n";
const DEFLATE: &str = "content-encoding: deflate\r\n";

/// Compresses the body, or not. Returns it with its header.
pub(super) fn compress(body: Vec<u8>, random: &mut Random) -> (&'static str, Vec<u8>) {
    match random.below(40) {
        0..=3 => (GZIP, gzip(&body)),
        4 => (PLAIN, gzip(&body)),
        5 => (DEFLATE, zlib(&body)),
        6 => (DEFLATE, deflate(&body)),
        7 => (GZIP, cut(gzip(&body), random)),
        8 => (GZIP, flipped(gzip(&body), random)),
        9 => (*random.pick(&[GZIP, DEFLATE]), body),
        10 => (GZIP, gzip(&gzip(&body))),
        11 => (GZIP, [gzip(&body), gzip(&body)].concat()),
        12 => ("content-encoding: br\r\n", body),
        13 => ("content-encoding: gzip, deflate\r\n", zlib(&gzip(&body))),
        14 if random.below(25) == 0 => (GZIP, bomb().to_vec()),
        _ => (PLAIN, body),
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn zlib(body: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn cut(mut body: Vec<u8>, random: &mut Random) -> Vec<u8> {
    body.truncate(random.below(body.len()));
    body
}

fn flipped(mut body: Vec<u8>, random: &mut Random) -> Vec<u8> {
    let at = random.below(body.len());
    body[at] ^= 1 << random.below(8);
    body
}

/// A small body of 20 MiB.
fn bomb() -> &'static [u8] {
    static BOMB: OnceLock<Vec<u8>> = OnceLock::new();
    BOMB.get_or_init(|| gzip(&[b"[".as_slice(), &b"1,".repeat(10 * 1024 * 1024)].concat()))
}
