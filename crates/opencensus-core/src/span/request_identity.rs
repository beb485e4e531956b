//! Decides whether two layers handle one and the same request.

/// The identity of a request while it is handled: the addresses of its table of headers and of its target. It
/// shows whether two layers handle one request, or two, one of which the handler of the other makes.
///
/// Both addresses stay the same while the request moves from layer to layer, so they cost nothing to keep. A layer may
/// replace the target or add a header, which may move the table, but hardly both. A request that a handler makes differs
/// in both, even if it is made of clones of the outer request's headers.
///
/// # Examples
///
/// ```
/// use opencensus_core::current::RequestIdentity;
///
/// let request = RequestIdentity::new(0x1000, 0x2000);
/// assert!(request.is(RequestIdentity::new(0x1000, 0x3000)), "its target was replaced");
/// assert!(!request.is(RequestIdentity::default()));
/// ```
// One word, because each enter of a request exchanges it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct RequestIdentity(u64);

impl RequestIdentity {
    /// No request.
    pub const UNKNOWN: Self = Self(0);

    /// `headers`: the address of the first header's value; 0 if the request has none. `target`: the address of the path;
    /// 0 if it is unknown.
    #[inline]
    #[must_use]
    pub const fn new(headers: usize, target: usize) -> Self {
        Self(Self::half(headers) << 32 | Self::half(target))
    }

    /// Whether both are the same request.
    #[must_use]
    pub const fn is(self, other: Self) -> bool {
        let (headers, target) = (self.0 >> 32, self.0 as u32);
        headers == other.0 >> 32 && headers != 0 || target == other.0 as u32 && target != 0
    }

    /// Whether only the target identifies the request.
    #[must_use]
    pub const fn has_no_headers(self) -> bool {
        self.0 >> 32 == 0
    }

    /// Whether nothing identifies the request: it has no headers, and its target is `/`.
    #[must_use]
    pub const fn is_unknown(self) -> bool {
        self.0 == 0
    }

    /// The part of an address that is kept. Two living objects with the same one are a multiple of 4 GiB apart.
    #[inline]
    const fn half(address: usize) -> u64 {
        address as u64 & 0xFFFF_FFFF
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_is_recognised_by_its_headers_or_its_target() {
        let request = RequestIdentity::new(4, 8);
        let rewritten = RequestIdentity::new(4, 12);
        let with_one_more_header = RequestIdentity::new(16, 8);
        let other = RequestIdentity::new(16, 12);
        let unknown = RequestIdentity::default();
        let found = [request, rewritten, with_one_more_header, other, unknown].map(|other| request.is(other));
        assert_eq!(found, [true, true, true, false, false]);
        assert!(!unknown.is(unknown) && unknown.is_unknown());
    }
}
