//! Sends requests to a portal, and builds the envelopes that they post.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use opencensus_portal::Portal;
use serde_json::{Value, json};
use test_support::client::raw;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An envelope of a request with the current time.
pub(crate) fn envelope(name: &str) -> Value {
    // The portal accepts items of the last two days, so the hour is exact enough.
    let time = format!("{}Z", hour());
    json!({
        "name": "Microsoft.ApplicationInsights.Request", "time": time, "iKey": "any", "tags": {},
        "data": {"baseType": "RequestData", "baseData": {
            "ver": 2, "id": "s", "name": name, "duration": "00:00:00.001", "responseCode": "200", "success": true
        }}
    })
}

/// The current hour, such as `2024-03-05T06:00:00`.
pub(crate) fn hour() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    time_of_hour((now / 86_400) as i64, now / 3600 % 24)
}

/// Formats the hour of a day since 1970-01-01.
fn time_of_hour(mut day: i64, hour: u64) -> String {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while day >= 365 + i64::from(leap(year)) {
        day -= 365 + i64::from(leap(year));
        year += 1;
    }
    let february = 28 + i64::from(leap(year));
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}T{hour:02}:00:00", day + 1)
}

/// Sends a POST and returns the status and the body of the response.
pub(crate) async fn post(portal: &Portal, path: &str, headers: &str, body: &[u8]) -> (u16, Value) {
    post_to(portal.address(), path, headers, body).await
}

/// Sends a POST to the portal of another process.
pub(crate) async fn post_to(address: SocketAddr, path: &str, headers: &str, body: &[u8]) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let _ = stream.write_all(body).await;
    let mut response = String::new();
    let _ = stream.read_to_string(&mut response).await;
    let status = response.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = response.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, serde_json::from_str(body).unwrap_or_else(|_| body.into()))
}

/// Sends a GET and returns the body as JSON.
pub(crate) async fn get_json(portal: &Portal, path: &str) -> Value {
    let response = get(portal, path).await;
    serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// Sends a GET to the portal's own host and returns head and body of the response.
pub(crate) async fn get(portal: &Portal, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", portal.address());
    raw(portal.address(), &request).await
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Compresses with zlib, which is what `deflate` means in HTTP.
pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The headers that a browser sends for a page of this origin.
pub(crate) fn page(origin: &str, site: &str) -> String {
    let browser = "content-type: application/json\r\nsec-fetch-mode: cors\r\n";
    format!("{browser}origin: {origin}\r\nsec-fetch-site: {site}\r\n")
}

/// Sends a request with the portal's token and a JSON body, and returns the status and the body of the response.
pub(crate) async fn control(portal: &Portal, method: &str, path: &str, body: &str) -> (u16, Value) {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nx-portal-token: {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        portal.address(),
        portal.token(),
        body.len()
    );
    let response = raw(portal.address(), &request).await;
    let status = response.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = response.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, serde_json::from_str(body).unwrap_or_else(|_| body.into()))
}

/// The main part of the page as text without marks.
pub(crate) async fn main_text(portal: &Portal, path: &str) -> String {
    let page = get(portal, path).await;
    let main = page.split_once("<main").unwrap().1;
    let outside_of_tags = main.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
    outside_of_tags.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}
