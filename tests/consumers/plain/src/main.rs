//! Starts and ends telemetry.

use std::time::Duration;

use opencensus::{OpenCensusLayer, Telemetry};

fn main() {
    let telemetry = Telemetry::disabled();
    let _layer = OpenCensusLayer::new(telemetry.clone());
    println!("{}", telemetry.shutdown(Duration::ZERO).wait());
}
