//! The `tracestate` of a sampling rate.

use std::cell::RefCell;

use opencensus_core::{SamplingRate, TraceState};
use opentelemetry::trace::TraceState as OtelTraceState;

use crate::span_context::otel_trace_state;

/// Most rates that a thread remembers. Most services have one; rules by path and routes have a few.
const MAX_RATES: usize = 8;

thread_local! {
    // The latest last.
    static RATE_STATES: RefCell<Vec<RateState>> = const { RefCell::new(Vec::new()) };
}

/// A finished `tracestate`, which all requests of one rate and without a caller's `tracestate` have in common. To format and
/// validate it for each request costs four times as much as to copy it.
struct RateState {
    rate: SamplingRate,
    state: OtelTraceState,
}

/// The `tracestate` that has only this rate.
pub(crate) fn rate_state(rate: SamplingRate) -> OtelTraceState {
    let remembered = RATE_STATES.try_with(|states| {
        let mut states = states.borrow_mut();
        if let Some(found) = states.iter().find(|state| state.rate == rate) {
            return found.state.clone();
        }
        let state = make(rate);
        if states.len() == MAX_RATES {
            states.remove(0);
        }
        states.push(RateState { rate, state: state.clone() });
        state
    });
    // The thread ends.
    remembered.unwrap_or_else(|_| make(rate))
}

#[cold]
fn make(rate: SamplingRate) -> OtelTraceState {
    let state = TraceState::with_rate(None, rate, None);
    otel_trace_state(&state.members().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rate_has_its_own_state_however_many_there_are() {
        for _ in 0..2 {
            for tenth in 1..3 * MAX_RATES as u32 {
                let rate = SamplingRate::try_from(f64::from(tenth) / 100.0).unwrap();
                assert_eq!(rate_state(rate), make(rate));
                assert_eq!(rate_state(rate).get("ot"), make(rate).get("ot"), "from memory");
            }
        }
        assert_eq!(rate_state(SamplingRate::try_from(0.5).unwrap()).header(), "ot=th:8");
        RATE_STATES.with_borrow(|states| assert_eq!(states.len(), MAX_RATES));
    }
}
