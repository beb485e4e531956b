//! Reads one POST of telemetry from a connection.

use std::io::{BufRead, Read};

use serde_json::Value;

/// One POST.
pub(super) struct Request {
    /// The ids of its items. Items without an id are not among them.
    pub(super) ids: Vec<u64>,
    /// Its items.
    pub(super) items: usize,
    /// The length of the body as it was sent.
    pub(super) bytes: usize,
}

/// Reads the next request. `None`: the client has closed the connection.
pub(super) fn read(stream: &mut impl BufRead) -> Option<Request> {
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().expect("the length of a body");
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    let items = decode(&body);
    Some(Request { ids: items.iter().filter_map(id).collect(), items: items.len(), bytes: length })
}

fn decode(body: &[u8]) -> Vec<Value> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(body).read_to_string(&mut text).expect("the body is gzip");
    serde_json::from_str(&text).expect("the body is a JSON array")
}

/// The number at the end of a request's URL.
fn id(item: &Value) -> Option<u64> {
    item["data"]["baseData"]["url"].as_str()?.rsplit('/').next()?.parse().ok()
}
