//! Tells whether two layers see one and the same request, or two requests, one of which the handler of the other makes.

use std::cell::Cell;

thread_local! {
    static CURRENT: Cell<RequestIdentity> = const { Cell::new(RequestIdentity { headers: 0, target: 0 }) };
}

/// The identity of a request while it is handled: the addresses of its table of headers and of its target.
///
/// Both stay the same while the request moves from layer to layer, so they cost nothing to keep. A layer may replace the
/// target or add a header, which may move the table, but hardly both. A request that a handler makes differs in both,
/// even if it is made of clones of the outer request's headers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct RequestIdentity {
    /// 0: the request has no headers.
    headers: usize,
    /// 0: it is unknown.
    target: usize,
}

impl RequestIdentity {
    /// `headers`: the address of the first header's value. `target`: the address of the path.
    #[inline]
    pub(crate) fn new(headers: usize, target: usize) -> Self {
        Self { headers, target }
    }

    /// Whether only the target identifies the request.
    pub(crate) fn has_no_headers(self) -> bool {
        self.headers == 0
    }

    /// Whether nothing identifies the request: it has no headers, and its target is `/`.
    pub(crate) fn is_unknown(self) -> bool {
        self == Self::default()
    }

    /// Whether this is the request that the thread is handling.
    #[inline]
    pub(crate) fn is_current(self) -> bool {
        let current = CURRENT.get();
        self.headers == current.headers && self.headers != 0 || self.target == current.target && self.target != 0
    }

    /// Makes this the identity of the thread's current request until the guard is dropped.
    #[inline]
    pub(crate) fn enter(self) -> EnteredIdentity {
        EnteredIdentity { previous: CURRENT.replace(self) }
    }
}

/// Guard of [`RequestIdentity::enter`].
pub(crate) struct EnteredIdentity {
    previous: RequestIdentity,
}

impl Drop for EnteredIdentity {
    #[inline]
    fn drop(&mut self) {
        CURRENT.set(self.previous);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_is_recognised_by_its_headers_or_its_target() {
        let request = RequestIdentity::new(1, 2);
        let entered = request.enter();
        let rewritten = RequestIdentity::new(1, 3);
        let with_one_more_header = RequestIdentity::new(4, 2);
        let other = RequestIdentity::new(4, 3);
        let unknown = RequestIdentity::default();
        let found = [request, rewritten, with_one_more_header, other, unknown].map(RequestIdentity::is_current);
        assert_eq!(found, [true, true, true, false, false]);
        let inner = other.enter();
        assert!(other.is_current() && !request.is_current());
        drop(inner);
        assert!(request.is_current());
        drop(entered);
        assert!(!request.is_current());
    }
}
