//! The traces of callers.

/// The header with the caller's trace.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Request {
    Plain,
    Traceparent,
    /// Sentry's own header, because its layer does not read `traceparent`.
    #[allow(dead_code, reason = "not every benchmark has Sentry's layer")]
    SentryTrace,
}

/// The headers of many traces in turn: samplers decide by the trace's id, and comparisons of one constant are
/// predicted too well.
#[derive(Debug)]
pub(crate) struct Parents {
    traces: Vec<Trace>,
    next: usize,
}

#[derive(Debug)]
struct Trace {
    id: u128,
    /// Its sampled flag is not set, and no sampler here reads it.
    traceparent: String,
    sentry_trace: String,
}

impl Parents {
    const COUNT: u64 = 256;

    pub(crate) fn new() -> Self {
        Self { traces: (0..Self::COUNT).map(Trace::new).collect(), next: 0 }
    }

    /// The next header, if the request has one.
    pub(crate) fn header(&mut self, request: Request) -> Option<(&'static str, &str)> {
        let trace = &self.traces[self.next % self.traces.len()];
        self.next += 1;
        match request {
            Request::Plain => None,
            Request::Traceparent => Some(("traceparent", &trace.traceparent)),
            Request::SentryTrace => Some(("sentry-trace", &trace.sentry_trace)),
        }
    }

    /// The ids of the traces of the first requests.
    pub(crate) fn ids(&self, requests: usize) -> Vec<u128> {
        self.traces.iter().map(|trace| trace.id).cycle().take(requests).collect()
    }
}

impl Trace {
    fn new(n: u64) -> Self {
        let id = u128::from(mixed(3 * n)) << 64 | u128::from(mixed(3 * n + 1));
        let span = mixed(3 * n + 2);
        Self { id, traceparent: format!("00-{id:032x}-{span:016x}-00"), sentry_trace: format!("{id:032x}-{span:016x}") }
    }
}

/// The `n`th number of the generator SplitMix64.
fn mixed(n: u64) -> u64 {
    let z = (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
