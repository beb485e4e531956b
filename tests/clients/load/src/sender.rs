//! Posts items at a constant rate.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use test_support::random::Random;

use crate::http::Connection;
use crate::shop::Shop;

/// Connections that post, each with its own share of the items.
pub(crate) const SENDERS: usize = 4;
/// The items of a post.
const BATCH: usize = 50;

/// What a sender has sent, and what the portal accepted of it.
#[derive(Default)]
pub(crate) struct Sent {
    pub(crate) items: u64,
    pub(crate) accepted: u64,
    pub(crate) by_kind: Vec<(&'static str, u64)>,
    pub(crate) post_times: Vec<Duration>,
    /// The first post whose items were not all accepted.
    pub(crate) fault: Option<String>,
}

/// Posts a share of `rate` items per second for `length`. A post that is late does not delay the next one.
pub(crate) fn send(address: SocketAddr, number: usize, rate: f64, length: Duration) -> Sent {
    let mut sent = Sent::default();
    let (mut shop, begun) = (Shop::new(Random::new(number as u64)), Instant::now());
    let interval = Duration::from_secs_f64((SENDERS * BATCH) as f64 / rate);
    let Ok(mut connection) = Connection::open(address) else {
        return Sent { fault: Some("no connection".into()), ..sent };
    };
    for turn in 0.. {
        let due = interval * turn + interval * number as u32 / SENDERS as u32;
        if due >= length {
            break;
        }
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
        let items = shop.items(BATCH);
        let begun = Instant::now();
        let accepted = post(&mut connection, &items, turn % 2 == 0);
        sent.post_times.push(begun.elapsed());
        sent.items += items.len() as u64;
        match accepted {
            Ok(accepted) => sent.accepted += accepted,
            Err(error) => sent.fault = sent.fault.take().or(Some(error.to_string())),
        }
    }
    sent.by_kind = shop.made();
    sent
}

/// Posts items as an array, or as lines compressed with gzip. Returns how many the portal accepted.
fn post(connection: &mut Connection, items: &[Value], as_lines: bool) -> io::Result<u64> {
    let texts: Vec<_> = items.iter().map(Value::to_string).collect();
    let response = if as_lines {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(texts.join("\n").as_bytes())?;
        connection.post("/v2.1/track", "content-encoding: gzip\r\n", &encoder.finish()?)?
    } else {
        connection.post("/v2/track", "", format!("[{}]", texts.join(",")).as_bytes())?
    };
    let body: Value = serde_json::from_slice(&response.body).map_err(io::Error::other)?;
    match body["itemsAccepted"].as_u64() {
        Some(accepted) if accepted == items.len() as u64 => Ok(accepted),
        _ => Err(io::Error::other(format!("status {}: {body}", response.status))),
    }
}
