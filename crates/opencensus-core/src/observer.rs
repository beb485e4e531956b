//! Who wants to hear of answers.

use std::fmt;

use crate::propagation::TraceContext;

/// Hears of every answer from 400 up, and of every request that has none because its service failed or
/// panicked; whether the request is kept, sampled out or blacklisted.
///
/// Called on the request's thread while the request is current: an implementation must not block or
/// panic.
pub trait Observer: Send + Sync + fmt::Debug + 'static {
    /// Whether anything is worth remembering for [`answered`](Self::answered): asked once a request,
    /// before it is handled. Default: always.
    fn is_interested(&self) -> bool {
        true
    }

    /// A request has got its answer.
    fn answered(&self, answer: &Answer<'_>);
}

/// An answer that is worth a line.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Answer<'a> {
    /// The status; 500 for a request that has no answer.
    pub status: u16,
    /// The reason phrase, such as `Not Found`.
    pub reason: &'a str,
    /// The method as it was sent.
    pub method: &'a str,
    /// The target's path.
    pub path: &'a str,
    /// The request's place in its trace.
    pub context: Option<TraceContext>,
    /// What was suspicious about the request, such as `DisallowedHost`.
    pub suspicion: Option<&'a str>,
    /// The type of a service's error, or a panic's message.
    pub error: Option<&'a str>,
}

impl<'a> Answer<'a> {
    /// An answer with this status to this request.
    #[must_use]
    pub fn new(status: u16, reason: &'a str, method: &'a str, path: &'a str) -> Self {
        Self { status, reason, method, path, context: None, suspicion: None, error: None }
    }
}
