//! The trace that a record belongs to.

use std::fmt;

/// The position of a record in a trace.
///
/// # Examples
///
/// ```
/// let trace = opencensus_logging::Trace::new([1; 16], [2; 8], true);
/// assert_eq!(trace.span_id_hex().to_string(), "0202020202020202");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Trace {
    /// 16 bytes, not all of them 0.
    pub trace_id: [u8; 16],
    /// 8 bytes, not all of them 0.
    pub span_id: [u8; 8],
    /// Whether the trace is sampled.
    pub sampled: bool,
}

impl Trace {
    /// A span of a trace.
    #[must_use]
    pub fn new(trace_id: [u8; 16], span_id: [u8; 8], sampled: bool) -> Self {
        Self { trace_id, span_id, sampled }
    }

    /// The trace id in lower-case hexadecimal.
    pub fn trace_id_hex(&self) -> impl fmt::Display {
        Hex(self.trace_id)
    }

    /// The span id in lower-case hexadecimal.
    pub fn span_id_hex(&self) -> impl fmt::Display {
        Hex(self.span_id)
    }
}

struct Hex<const N: usize>([u8; N]);

impl<const N: usize> fmt::Display for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
