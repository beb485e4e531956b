//! A fault: what the endpoint does to the next posts.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::faults::fault_error::FaultError;
use crate::faults::refusal::Refusal;

/// The longest delay.
pub(super) const MAX_DELAY: Duration = Duration::from_secs(600);
/// The most characters of a body.
const MAX_BODY: usize = 16 * 1024;
/// The most bytes of a header's value.
const MAX_HEADER: usize = 2048;

/// What the ingestion endpoint does to the next posts, for [`Portal::inject`](crate::Portal::inject). It applies to one
/// post unless [`times`](Self::times) or [`until_ended`](Self::until_ended) changes the number.
///
/// # Examples
///
/// ```
/// use opencensus_portal::{Fault, Portal};
/// use std::time::Duration;
///
/// let portal = Portal::start()?;
/// portal.inject(Fault::status(503).times(3).retry_after(Duration::from_secs(1)))?;
/// portal.inject(Fault::refused_items(2, 500))?; // applies to the fourth post
/// assert_eq!(portal.faults().active.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub(super) effect: Effect,
    pub(super) times: u32,
    pub(super) delay: Duration,
    pub(super) retry_after: Option<String>,
    pub(super) location: Option<String>,
    pub(super) body: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Effect {
    Status(u16),
    Delay,
    Drop,
    Cut,
    Refuse(Refusal),
    Malformed,
    Empty,
}

impl Fault {
    pub(super) fn new(effect: Effect) -> Self {
        Self { effect, times: 1, delay: Duration::ZERO, retry_after: None, location: None, body: None }
    }

    /// Responds with this status, from 300 to 599, and stores nothing. The body is that of the service unless
    /// [`body`](Self::body) sets another.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::new(Effect::Status(status))
    }

    /// Responds as usual, after this time.
    #[must_use]
    pub fn delay(delay: Duration) -> Self {
        Self::new(Effect::Delay).after(delay)
    }

    /// Closes the connection without a response, and stores nothing.
    #[must_use]
    pub fn dropped_connection() -> Self {
        Self::new(Effect::Drop)
    }

    /// Stores the items, and closes the connection in the middle of the response.
    #[must_use]
    pub fn cut_response() -> Self {
        Self::new(Effect::Cut)
    }

    /// Refuses every `every`-th item of a post with this status, and stores the others: the response is 206, or this
    /// status if no item is left.
    #[must_use]
    pub fn refused_items(every: u32, status: u16) -> Self {
        Self::new(Effect::Refuse(Refusal { every, status }))
    }

    /// Stores the items, and responds with a body that is not JSON.
    #[must_use]
    pub fn malformed_response() -> Self {
        Self::new(Effect::Malformed)
    }

    /// Stores the items, and responds with an empty body.
    #[must_use]
    pub fn empty_response() -> Self {
        Self::new(Effect::Empty)
    }

    /// Applies to this number of posts. 0: until the fault is ended.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Applies until [`Portal::end_faults`](crate::Portal::end_faults).
    #[must_use]
    pub fn until_ended(self) -> Self {
        self.times(0)
    }

    /// Waits this long, at most 10 minutes, between the end of the request's body and everything else.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Adds `Retry-After` in seconds, rounded up.
    #[must_use]
    pub fn retry_after(mut self, pause: Duration) -> Self {
        let seconds = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
        self.retry_after = Some(seconds.to_string());
        self
    }

    /// Adds `Retry-After` as a date.
    #[must_use]
    pub fn retry_after_date(mut self, date: SystemTime) -> Self {
        self.retry_after = Some(httpdate::fmt_http_date(date));
        self
    }

    /// Adds `Location`, for redirects.
    #[must_use]
    pub fn location(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// Sets the body of a response with a status, at most 16,384 characters.
    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub(super) fn check(&self) -> Result<(), FaultError> {
        let fail = |parameter, reason: &str| Err(FaultError::new(parameter, reason));
        let is_header = |text: &Option<String>| {
            let is_visible = |byte: u8| (0x20..0x7f).contains(&byte);
            text.as_ref().is_none_or(|text| text.len() <= MAX_HEADER && text.bytes().all(is_visible))
        };
        match self.effect {
            Effect::Status(status) if !(300..600).contains(&status) => return fail("status", "is from 300 to 599"),
            Effect::Refuse(Refusal { every: 0, .. }) => return fail("every", "is at least 1"),
            Effect::Refuse(Refusal { status, .. }) if status != 206 && !(400..600).contains(&status) => {
                return fail("status", "is 206 or from 400 to 599 for refused items");
            }
            _ => {}
        }
        match self {
            _ if self.delay > MAX_DELAY => fail("delay_ms", "is at most 600000"),
            _ if !is_header(&self.retry_after) => fail("retry_after", "is a number of seconds, a date, or ASCII text"),
            _ if !is_header(&self.location) => fail("location", "is an URL or a path in ASCII, of at most 2048 bytes"),
            _ if self.body.as_ref().is_some_and(|body| body.chars().count() > MAX_BODY) => {
                fail("body", "has at most 16384 characters")
            }
            _ => Ok(()),
        }
    }

    /// The name of the effect in the API.
    pub(super) fn effect_name(&self) -> &'static str {
        match self.effect {
            Effect::Status(_) => "status",
            Effect::Delay => "delay",
            Effect::Drop => "drop",
            Effect::Cut => "cut",
            Effect::Refuse(_) => "refuse",
            Effect::Malformed => "malformed",
            Effect::Empty => "empty",
        }
    }
}

/// As in "503 with Retry-After 5, after 200 ms".
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.effect {
            Effect::Status(status) => status.fmt(f)?,
            Effect::Delay => f.write_str("the usual response")?,
            Effect::Drop => f.write_str("a closed connection")?,
            Effect::Cut => f.write_str("half of the response")?,
            Effect::Refuse(Refusal { every: 1, status }) => write!(f, "{status} for every item")?,
            Effect::Refuse(Refusal { every, status }) => write!(f, "206, with {status} for each item number {every}")?,
            Effect::Malformed => f.write_str("a malformed body")?,
            Effect::Empty => f.write_str("an empty body")?,
        }
        if let Some(retry_after) = &self.retry_after {
            write!(f, " with Retry-After {retry_after}")?;
        }
        if self.delay.is_zero() { Ok(()) } else { write!(f, ", after {} ms", self.delay.as_millis()) }
    }
}

/// The form of the API.
impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("effect", self.effect_name())?;
        match self.effect {
            Effect::Status(status) => map.serialize_entry("status", &status)?,
            Effect::Refuse(Refusal { every, status }) => {
                map.serialize_entry("every", &every)?;
                map.serialize_entry("status", &status)?;
            }
            _ => {}
        }
        map.serialize_entry("times", &self.times)?;
        map.serialize_entry("delay_ms", &(self.delay.as_millis() as u64))?;
        let texts = [("retry_after", &self.retry_after), ("location", &self.location), ("body", &self.body)];
        for (name, text) in texts {
            if let Some(text) = text {
                map.serialize_entry(name, text)?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_a_whole_number_of_seconds_or_a_date() {
        let fault = Fault::status(503).retry_after(Duration::from_millis(1500));
        assert_eq!(fault.retry_after.as_deref(), Some("2"));
        let fault = fault.retry_after_date(SystemTime::UNIX_EPOCH);
        assert_eq!(fault.to_string(), "503 with Retry-After Thu, 01 Jan 1970 00:00:00 GMT");
    }

    #[test]
    fn invalid_faults_name_their_part() {
        for (fault, parameter) in [
            (Fault::status(200), "status"),
            (Fault::status(600), "status"),
            (Fault::refused_items(0, 500), "every"),
            (Fault::refused_items(2, 302), "status"),
            (Fault::delay(MAX_DELAY + Duration::from_millis(1)), "delay_ms"),
            (Fault::status(308).location("/a\r\nset-cookie: b"), "location"),
            (Fault::status(500).body("x".repeat(MAX_BODY + 1)), "body"),
        ] {
            assert_eq!(fault.check().unwrap_err().parameter(), Some(parameter), "{fault:?}");
        }
        assert_eq!(Fault::refused_items(1, 206).check(), Ok(()));
    }
}
