//! Runs the example as a program, and stops it with signals.

use std::process::Command;
use std::time::Duration;

use opencensus_portal::{Portal, requests};
use test_support::blocking_client::get;
use test_support::process::{Program, Signal};

const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn every_request_before_a_signal_is_a_row() {
    for signal in [Signal::Terminate, Signal::Interrupt] {
        let portal = Portal::start().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_example-hyper"));
        command.env("PORT", "0").env("OPENCENSUS_STORE", "false");
        command.env("APPLICATIONINSIGHTS_CONNECTION_STRING", portal.connection_string());
        let mut example = Program::start(&mut command);
        let address = example.wait_for_address();
        for _ in 0..50 {
            assert!(get(address, "/users/7").starts_with("HTTP/1.1 200 "));
        }
        example.signal(signal);
        let (status, output) = example.wait(LIMIT);
        assert!(status.success(), "{signal:?}: {output:?}");
        let rows = portal.wait_for_blocking_within(requests(), 50, LIMIT).unwrap();
        assert!(rows.len() == 50 && rows.iter().all(|row| row.name == "GET /users/{id}"), "{signal:?}: {output:?}");
    }
}
