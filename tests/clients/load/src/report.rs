//! What a run measured, and what is wrong with it.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::http::get_json;
use crate::pages::Loads;
use crate::portal::Sample;
use crate::sender::Sent;

/// The items that the portal keeps.
const KEPT: u64 = 200_000;
/// What the memory may grow between the second third of a long run and the last.
const GROWTH: f64 = 1.1;

#[derive(Default)]
pub(crate) struct Report {
    pub(crate) seconds: f64,
    /// The processor time of the portal, in seconds.
    pub(crate) processor: Option<f64>,
    pub(crate) pages: BTreeMap<String, Loads>,
    pub(crate) memory: Vec<Sample>,
    items: u64,
    accepted: u64,
    sent_by_kind: BTreeMap<&'static str, u64>,
    counted_by_kind: BTreeMap<&'static str, u64>,
    counted: u64,
    newest: u64,
    post_times: Vec<Duration>,
    faults: Vec<String>,
}

impl Report {
    pub(crate) fn add(&mut self, sent: Sent) {
        self.items += sent.items;
        self.accepted += sent.accepted;
        self.post_times.extend(sent.post_times);
        self.faults.extend(sent.fault);
        for (kind, count) in sent.by_kind {
            *self.sent_by_kind.entry(kind).or_default() += count;
        }
    }

    /// Reads what the portal has counted.
    pub(crate) fn count(&mut self, address: SocketAddr) -> io::Result<()> {
        let count = |query: &str| get_json(address, &format!("/api/v1/count{query}"));
        self.counted = count("")?["count"].as_u64().unwrap_or_default();
        for kind in self.sent_by_kind.keys() {
            let counted = count(&format!("?kind={kind}"))?["count"].as_u64().unwrap_or_default();
            self.counted_by_kind.insert(kind, counted);
        }
        let newest = get_json(address, "/api/v1/items?limit=1")?;
        self.newest = newest["items"][0]["id"].as_u64().unwrap_or_default();
        Ok(())
    }

    /// What is wrong. Nothing if every item was accepted and counted, all pages were fast enough, and the memory is flat.
    pub(crate) fn faults(&self, limit: Duration) -> Vec<String> {
        let mut faults = self.faults.clone();
        let mut expect = |what: &str, found: u64, expected: u64| {
            if found != expected {
                faults.push(format!("{what}: {found} instead of {expected}"));
            }
        };
        expect("accepted items", self.accepted, self.items);
        expect("highest id", self.newest, self.items);
        expect("kept items", self.counted, self.items.min(KEPT));
        if self.items <= KEPT {
            for (kind, sent) in &self.sent_by_kind {
                expect(kind, self.counted_by_kind.get(kind).copied().unwrap_or_default(), *sent);
            }
        }
        for (page, loads) in &self.pages {
            faults.extend(loads.fault.clone());
            let slow = percentile(&loads.times, 95);
            if slow > limit {
                faults.push(format!("{page}: 95 of 100 loads took up to {} ms", slow.as_millis()));
            }
        }
        let [_, second, third] = self.thirds();
        // A shorter run has not filled the database yet.
        if self.items > 3 * KEPT && third > second * GROWTH {
            faults.push(format!("the memory grew from {second:.0} MiB to {third:.0} MiB"));
        }
        faults
    }

    /// The highest memory in each third of the run.
    fn thirds(&self) -> [f64; 3] {
        let length = self.memory.len().div_ceil(3).max(1);
        let mut thirds = self.memory.chunks(length).map(|chunk| chunk.iter().map(|s| s.mebibytes).fold(0.0, f64::max));
        std::array::from_fn(|_| thirds.next().unwrap_or_default())
    }
}

/// The time that so many of 100 do not exceed.
fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(at).copied().unwrap_or_default()
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, times: &[Duration]) -> fmt::Result {
    let ms = |percent| percentile(times, percent).as_secs_f64() * 1000.0;
    writeln!(f, "{name:20} {:>6} {:>8.1} {:>8.1} {:>8.1} {:>8.1}", times.len(), ms(50), ms(95), ms(99), ms(100))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self.items as f64 / self.seconds;
        writeln!(f, "{} items in {:.1} s ({rate:.0}/s), {} accepted", self.items, self.seconds, self.accepted)?;
        writeln!(f, "highest id {}, {} kept", self.newest, self.counted)?;
        // Other programs on the machine make pages slow, too: the load average shows how many processes were ready to run.
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().unwrap_or_default();
        if let Some(processor) = self.processor {
            writeln!(f, "processor time of the portal {processor:.1} s; load average {load}")?;
        }
        for (kind, sent) in &self.sent_by_kind {
            writeln!(f, "  {kind:14} {sent:>8} sent {:>8} kept", self.counted_by_kind.get(kind).unwrap_or(&0))?;
        }
        writeln!(f, "\n{:20} {:>6} {:>8} {:>8} {:>8} {:>8}", "milliseconds", "count", "p50", "p95", "p99", "max")?;
        row(f, "POST", &self.post_times)?;
        for (page, loads) in &self.pages {
            row(f, page, &loads.times)?;
        }
        let [first, second, third] = self.thirds();
        let start = self.memory.first().map_or(0.0, |sample| sample.mebibytes);
        write!(
            f,
            "\nresident MiB: {start:.1} at the start; highest of each third: {first:.1}, {second:.1}, {third:.1}"
        )?;
        for sample in self.memory.iter().step_by((self.memory.len() / 10).max(1)) {
            write!(f, "\n  {:>5.0} s {:>7.1}", sample.second, sample.mebibytes)?;
        }
        Ok(())
    }
}
