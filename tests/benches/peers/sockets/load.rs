//! Runs `wrk`, and reads its output.

use std::process::Command;

/// The result of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) requests: f64,
    pub(crate) per_second: f64,
    /// Milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Connections of `wrk`. As many requests may be handled that it does not count.
pub(crate) const CONNECTIONS: usize = 32;

pub(crate) fn is_installed() -> bool {
    Command::new("wrk").arg("--version").output().is_ok()
}

/// Sends requests to an address for some seconds.
pub(crate) fn run(address: &str, seconds: u64) -> Load {
    let url = format!("http://{address}/users/7");
    let (connections, duration) = (format!("-c{CONNECTIONS}"), format!("-d{seconds}s"));
    let output = Command::new("wrk").args(["-t1", &connections, &duration, "--latency", &url]).output().expect("wrk");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for fault in ["Socket errors", "Non-2xx"] {
        assert!(!text.contains(fault), "{text}");
    }
    read(&text).unwrap_or_else(|| panic!("output of wrk that is not understood: {text}"))
}

fn read(text: &str) -> Option<Load> {
    let after = |label: &str| text.split_once(label)?.1.split_whitespace().next();
    let requests = text.split_once(" requests in ")?.0.split_whitespace().last()?.parse().ok()?;
    let per_second = after("Requests/sec:")?.parse().ok()?;
    let (_, distribution) = text.split_once("Latency Distribution")?;
    let percentile =
        |label: &str| milliseconds(distribution.split_once(label)?.1.split_whitespace().next().unwrap_or_default());
    Some(Load { requests, per_second, p50: percentile("50%")?, p99: percentile("99%")? })
}

/// A time such as `386.00us`, `1.20ms` or `1.00s`.
fn milliseconds(text: &str) -> Option<f64> {
    let units = [("us", 0.001), ("ms", 1.0), ("s", 1000.0)];
    units.into_iter().find_map(|(unit, factor)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * factor))
}
