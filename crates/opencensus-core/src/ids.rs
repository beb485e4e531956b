//! Trace and span identifiers.

use std::cell::RefCell;
use std::fmt;
use std::str::FromStr;

use rand::Rng as _;
use rand::rngs::SmallRng;

use crate::hex;

thread_local! {
    // Seeded from the operating system once per thread. Ids are not secret, so a fast generator suffices.
    static RNG: RefCell<SmallRng> = RefCell::new(rand::make_rng());
}

/// Identifier of a trace: 16 bytes, formatted as 32 lower-case hexadecimal digits.
///
/// All zeros is an invalid id ([W3C Trace Context level 2][w3c], section 3.2.2.3).
///
/// # Examples
///
/// ```
/// use opencensus_core::TraceId;
///
/// let id: TraceId = "4bf92f3577b34da6a3ce929d0e0e4736".parse()?;
/// assert_eq!(id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
/// assert!(TraceId::random().is_valid());
/// # Ok::<(), opencensus_core::ParseIdError>(())
/// ```
///
/// [w3c]: https://www.w3.org/TR/trace-context-2/#trace-id
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct TraceId {
    // Two halves: a `u128` would align every type that holds one to 16 bytes.
    high: u64,
    low: u64,
}

/// Identifier of one span in a trace: 8 bytes, formatted as 16 lower-case hexadecimal digits.
///
/// All zeros is an invalid id ([W3C Trace Context level 2][w3c], section 3.2.2.4).
///
/// # Examples
///
/// ```
/// use opencensus_core::SpanId;
///
/// let id = SpanId::from_bytes([0, 0xF0, 0x67, 0xAA, 0x0B, 0xA9, 0x02, 0xB7]);
/// assert_eq!(id.to_string(), "00f067aa0ba902b7");
/// ```
///
/// [w3c]: https://www.w3.org/TR/trace-context-2/#parent-id
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct SpanId(u64);

impl TraceId {
    /// Creates an id from bytes in network order.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self::from_number(u128::from_be_bytes(bytes))
    }

    /// The bytes in network order.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        (((self.high as u128) << 64) | self.low as u128).to_be_bytes()
    }

    pub(crate) const fn from_number(number: u128) -> Self {
        Self { high: (number >> 64) as u64, low: number as u64 }
    }

    /// Creates a random id, never zero. All 16 bytes are random, so the random flag may be set.
    #[must_use]
    #[inline]
    pub fn random() -> Self {
        let (high, low) = RNG.with_borrow_mut(|rng| (rng.next_u64(), non_zero(|| rng.next_u64())));
        Self { high, low }
    }

    /// Whether at least one byte is not zero.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        self.high != 0 || self.low != 0
    }

    /// The low 64 bits as a number, which probability samplers use.
    #[must_use]
    pub const fn low(self) -> u64 {
        self.low
    }

    /// The 32 lower-case hexadecimal digits.
    #[must_use]
    pub fn to_hex(self) -> [u8; 32] {
        hex::encode(&self.to_bytes())
    }
}

impl SpanId {
    /// Creates an id from bytes in network order.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(bytes))
    }

    /// The bytes in network order.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    pub(crate) const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// Creates a random id, never zero.
    #[must_use]
    #[inline]
    pub fn random() -> Self {
        Self(RNG.with_borrow_mut(|rng| non_zero(|| rng.next_u64())))
    }

    /// Whether at least one byte is not zero.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        self.0 != 0
    }

    /// The 16 lower-case hexadecimal digits.
    #[must_use]
    pub fn to_hex(self) -> [u8; 16] {
        hex::encode(&self.to_bytes())
    }
}

/// Creates the ids of a new trace and of its first span with one access to the generator.
#[inline]
pub(crate) fn random_ids() -> (TraceId, SpanId) {
    RNG.with_borrow_mut(|rng| {
        let trace_id = TraceId { high: rng.next_u64(), low: non_zero(|| rng.next_u64()) };
        (trace_id, SpanId(non_zero(|| rng.next_u64())))
    })
}

/// Makes this thread's random numbers those of a seed.
#[cfg(test)]
pub(crate) fn seed(seed: u64) {
    use rand::SeedableRng as _;
    RNG.set(SmallRng::seed_from_u64(seed));
}

/// A random number below `bound`; 0 if `bound` is 0. For jitter.
pub(crate) fn random_below(bound: u64) -> u64 {
    // The bias of the multiplication is below 2^-32 for every delay that occurs.
    RNG.with_borrow_mut(|rng| ((u128::from(rng.next_u64()) * u128::from(bound)) >> 64) as u64)
}

#[inline]
fn non_zero(mut next: impl FnMut() -> u64) -> u64 {
    loop {
        let id = next();
        if id != 0 {
            return id;
        }
    }
}

/// The text is not a valid identifier.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an id must have {0} lower-case hexadecimal digits, not all of them zero")]
pub struct ParseIdError(usize);

impl FromStr for TraceId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let digits: &[u8; 32] = text.as_bytes().try_into().map_err(|_| ParseIdError(32))?;
        let id = hex::decode_u128(digits).map(Self::from_number).ok_or(ParseIdError(32))?;
        if id.is_valid() { Ok(id) } else { Err(ParseIdError(32)) }
    }
}

impl FromStr for SpanId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let digits: &[u8; 16] = text.as_bytes().try_into().map_err(|_| ParseIdError(16))?;
        let id = hex::decode_u64(digits).map(Self).ok_or(ParseIdError(16))?;
        if id.is_valid() { Ok(id) } else { Err(ParseIdError(16)) }
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.high, self.low)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_lower_case_hex_and_parses_back() {
        let id = TraceId::from_bytes([0xAB; 16]);
        assert_eq!(id.to_string(), "ab".repeat(16));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_hex(), *id.to_string().as_bytes().first_chunk().unwrap());
    }

    #[test]
    fn zero_upper_case_and_wrong_length_are_rejected() {
        for text in ["0000000000000000", "00F067AA0BA902B7", "00f067aa0ba902b", "", "é0f067aa0ba902b"] {
            assert_eq!(text.parse::<SpanId>(), Err(ParseIdError(16)), "{text}");
        }
    }

    #[test]
    fn random_ids_are_valid_and_differ() {
        let ids: std::collections::HashSet<_> = (0..1000).map(|_| TraceId::random()).collect();
        assert_eq!(ids.len(), 1000);
        assert!(ids.iter().all(|id| id.is_valid()));
    }

    #[test]
    fn random_below_stays_below() {
        assert_eq!(random_below(0), 0);
        assert!((0..1000).all(|_| random_below(7) < 7));
    }
}
