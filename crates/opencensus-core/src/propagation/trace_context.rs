//! The `traceparent` header.

use crate::hex;
use crate::ids::{SpanId, TraceId, random_ids};

/// Flags of a trace context: sampled, and random trace id. Unknown bits are dropped
/// ([W3C Trace Context level 2][w3c], section 3.2.2.5).
///
/// # Examples
///
/// ```
/// use opencensus_core::TraceFlags;
///
/// let flags = TraceFlags::from_bits(0b1000_0001);
/// assert!(flags.is_sampled() && !flags.is_random());
/// assert_eq!(flags, TraceFlags::SAMPLED);
/// ```
///
/// [w3c]: https://www.w3.org/TR/trace-context-2/#trace-flags
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct TraceFlags(u8);

/// The bits that `traceparent` carries.
const HEADER_BITS: u8 = TraceFlags::SAMPLED.0 | TraceFlags::RANDOM.0;
/// Not part of `traceparent`.
const DEBUG: u8 = 1 << 7;

impl TraceFlags {
    /// No flag is set.
    pub const NONE: Self = Self(0);
    /// The caller may have recorded the trace.
    pub const SAMPLED: Self = Self(1);
    /// The low 7 bytes of the trace id are random.
    pub const RANDOM: Self = Self(2);

    /// Creates flags from a byte; unknown bits are ignored.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & HEADER_BITS)
    }

    /// The flags as a byte, as in the header.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0 & HEADER_BITS
    }

    /// Whether the sampled flag is set.
    #[must_use]
    pub const fn is_sampled(self) -> bool {
        self.0 & Self::SAMPLED.0 != 0
    }

    /// Whether the random flag is set.
    #[must_use]
    pub const fn is_random(self) -> bool {
        self.0 & Self::RANDOM.0 != 0
    }

    /// Whether the caller asks, in B3's headers, that the trace be kept at every rate. `traceparent` has no such flag.
    #[must_use]
    pub const fn is_debug(self) -> bool {
        self.0 & DEBUG != 0
    }

    pub(super) const fn with_debug(self) -> Self {
        Self(self.0 | DEBUG)
    }

    /// Sets or clears the sampled flag.
    #[must_use]
    pub const fn with_sampled(self, sampled: bool) -> Self {
        Self(self.0 & !Self::SAMPLED.0 | sampled as u8)
    }
}

/// The context of one span: trace id, span id and flags.
///
/// # Examples
///
/// ```
/// use opencensus_core::TraceContext;
///
/// let context = TraceContext::parse(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").expect("it is valid");
/// let child = context.child(true);
/// assert_eq!(child.trace_id(), context.trace_id());
/// assert_ne!(child.span_id(), context.span_id());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct TraceContext {
    trace_id: TraceId,
    span_id: SpanId,
    flags: TraceFlags,
}

// "00-" + 32 + "-" + 16 + "-" + 2
const LENGTH: usize = 55;

impl TraceContext {
    /// Creates a context from its parts.
    #[must_use]
    pub const fn new(trace_id: TraceId, span_id: SpanId, flags: TraceFlags) -> Self {
        Self { trace_id, span_id, flags }
    }

    /// Creates the context of a new trace's first span: random ids, with the random flag, not sampled.
    #[must_use]
    pub fn root() -> Self {
        let (trace_id, span_id) = random_ids();
        Self::new(trace_id, span_id, TraceFlags::RANDOM)
    }

    /// Creates a context in the same trace with a new span id and this sampled flag.
    #[must_use]
    pub fn child(self, sampled: bool) -> Self {
        Self::new(self.trace_id, SpanId::random(), self.flags.with_sampled(sampled))
    }

    /// Parses a `traceparent` value; blanks around it are ignored. `None`: it is invalid, and a new trace
    /// begins.
    ///
    /// Of versions after `00` the known fields are read, as the specification demands.
    // Inlined always: a call would copy the context twice.
    #[inline(always)]
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        match <&[u8; LENGTH]>::try_from(value) {
            Ok(header @ [b'0', b'0', b'-', ..]) => Self::parse_fields(header),
            _ => Self::parse_unusual(value),
        }
    }

    /// The same for another version, or with blanks around the value.
    #[cold]
    fn parse_unusual(value: &[u8]) -> Option<Self> {
        let (header, tail) = value.trim_ascii().split_first_chunk::<LENGTH>()?;
        let version = hex::decode_byte([header[0], header[1]]).filter(|version| *version != 0xFF)?;
        let tail_fits = tail.is_empty() || version != 0 && tail[0] == b'-';
        if tail_fits && header[2] == b'-' { Self::parse_fields(header) } else { None }
    }

    /// Parses what follows the version.
    #[inline(always)]
    fn parse_fields(header: &[u8; LENGTH]) -> Option<Self> {
        let separators = header[35] == b'-' && header[52] == b'-';
        let trace_id = TraceId::from_number(hex::decode_u128(header[3..35].try_into().ok()?)?);
        let span_id = SpanId::from_number(hex::decode_u64(header[36..52].try_into().ok()?)?);
        let flags = match [header[53], header[54]] {
            // No unknown bits.
            [b'0', digit @ b'0'..=b'3'] => TraceFlags::from_bits(digit - b'0'),
            digits => TraceFlags::from_bits(hex::decode_byte(digits)?),
        };
        (separators && trace_id.is_valid() && span_id.is_valid()).then_some(Self { trace_id, span_id, flags })
    }

    /// The value of the `traceparent` header, version `00`.
    #[must_use]
    pub fn to_header(self) -> [u8; LENGTH] {
        let mut header = *b"00-00000000000000000000000000000000-0000000000000000-00";
        header[3..35].copy_from_slice(&self.trace_id.to_hex());
        header[36..52].copy_from_slice(&self.span_id.to_hex());
        header[53..].copy_from_slice(&hex::encode::<2>(&[self.flags.bits()]));
        header
    }

    /// The same as text, in one allocation.
    pub(crate) fn to_header_text(self) -> String {
        // It is ASCII.
        String::from_utf8(self.to_header().to_vec()).unwrap_or_default()
    }

    /// The trace's id.
    #[must_use]
    pub const fn trace_id(self) -> TraceId {
        self.trace_id
    }

    /// The span's id.
    #[must_use]
    pub const fn span_id(self) -> SpanId {
        self.span_id
    }

    /// The flags.
    #[must_use]
    pub const fn flags(self) -> TraceFlags {
        self.flags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &[u8; LENGTH] = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03";

    #[test]
    fn sampled_and_random_flags_are_kept() {
        let context = TraceContext::parse(VALID).unwrap();
        assert!(context.flags().is_sampled() && context.flags().is_random());
        assert_eq!(&context.to_header(), VALID);
    }

    #[test]
    fn flags_with_letters_are_hexadecimal() {
        let context = TraceContext::parse(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0b").unwrap();
        assert!(context.flags().is_sampled());
    }

    #[test]
    fn child_keeps_trace_and_random_flag() {
        let parent = TraceContext::parse(VALID).unwrap();
        let child = parent.child(false);
        assert_eq!(child.trace_id(), parent.trace_id());
        assert_ne!(child.span_id(), parent.span_id());
        assert_eq!(child.flags(), TraceFlags::RANDOM);
    }
}
