//! Hostile bodies: mutations of what real clients post. `CASES` sets the number of bodies of each test, by default 20,000
//! in total.

mod bodies;
mod compression;
mod exchange;
mod json;
mod mutation;
mod protobuf;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use opencensus_portal::Portal;
use serde_json::Value;
use test_support::random::{Random, cases};

use crate::fuzz::bodies::Recorded;
use crate::fuzz::exchange::{Connection, Response};

/// The most bytes of a response: 1000 refused items, each with a message.
const MAX_RESPONSE: usize = 512 * 1024;
const MAX_ITEMS: u64 = 4096;
const MAX_ERRORS: usize = 1000;
/// Connections that send at once.
const SENDERS: usize = 3;

#[test]
fn hostile_bodies_are_accepted_or_refused_within_all_limits() {
    let portal = Portal::start().unwrap();
    let accepted = AtomicU64::new(0);
    send_all(&portal, cases(15_000), &bodies::of_ingestion(), |response| {
        accepted.fetch_add(check_ingestion(response), Ordering::Relaxed);
    });
    let newest = get_json(&portal, "/api/v1/items?limit=1")["items"][0]["id"].as_u64().unwrap();
    assert_eq!(newest, accepted.into_inner(), "items that were accepted are stored, and no others");
    check_pages(&portal);
}

#[test]
fn hostile_bodies_of_otlp_are_accepted_or_refused_within_all_limits() {
    let portal = Portal::start().unwrap();
    let (accepted, count) = (AtomicUsize::new(0), cases(5_000));
    send_all(&portal, count, &bodies::of_otlp(), |Response { number, status, body }| {
        assert!([200, 400, 413, 415].contains(status), "body {number}: {status} {}", String::from_utf8_lossy(body));
        accepted.fetch_add(usize::from(*status == 200), Ordering::Relaxed);
    });
    assert!(accepted.into_inner() > count / 10, "bodies that are still valid are accepted");
    check_pages(&portal);
}

/// Sends mutated bodies on several connections, and checks each response. A body follows from its number alone.
fn send_all(portal: &Portal, count: usize, recorded: &[Recorded], check: impl Fn(&Response) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| {
                let mut connection = Connection::open(portal.address());
                let numbers = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
                for number in numbers.take_while(|number| *number < count) {
                    let post = mutation::post(recorded, &mut Random::new(number as u64));
                    let response = connection.send(&post).unwrap_or_else(|error| panic!("body {number}: {error}"));
                    let length = response.body.len();
                    assert!(length <= MAX_RESPONSE, "body {number}: {length} bytes in response");
                    check(&Response { number, ..response });
                }
            });
        }
    });
}

/// Checks the numbers in a response of the ingestion endpoint. Returns how many items it accepted.
fn check_ingestion(response: &Response) -> u64 {
    let Response { number, status, body } = response;
    let context = || format!("body {number}: {status} {}", String::from_utf8_lossy(&body[..body.len().min(500)]));
    assert!([200, 206, 400, 413, 415].contains(status), "{}", context());
    let json: Value = serde_json::from_slice(body).unwrap_or_else(|_| panic!("{}", context()));
    let (received, accepted) = (json["itemsReceived"].as_u64().unwrap(), json["itemsAccepted"].as_u64().unwrap());
    let errors = json["errors"].as_array().unwrap();
    assert!(accepted <= received && received <= MAX_ITEMS && errors.len() <= MAX_ERRORS, "{}", context());
    assert_eq!(
        (*status == 200, *status == 206),
        (errors.is_empty(), accepted > 0 && !errors.is_empty()),
        "{}",
        context()
    );
    let is_whole = accepted == 0 && (received == 0 || errors.len() == MAX_ERRORS);
    assert!(is_whole || accepted + errors.len() as u64 == received, "{}", context());
    assert!(errors.iter().all(|error| error["index"].as_u64().unwrap() < received.max(1)), "{}", context());
    accepted
}

/// The pages show what the portal has stored.
fn check_pages(portal: &Portal) {
    let page = get(portal, "/");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    for item in get_json(portal, "/api/v1/items?limit=300")["items"].as_array().unwrap() {
        let page = get(portal, &format!("/items/{}", item["id"]));
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    }
}

fn get(portal: &Portal, path: &str) -> String {
    exchange::get(portal.address(), path)
}

fn get_json(portal: &Portal, path: &str) -> Value {
    serde_json::from_str(get(portal, path).split_once("\r\n\r\n").unwrap().1).unwrap()
}
