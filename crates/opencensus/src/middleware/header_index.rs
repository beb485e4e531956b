//! What is wanted of a request's headers.

use opencensus_core::Header;

/// Headers of a framework.
pub(crate) trait Headers<'a>: Copy {
    /// How many lines there are.
    fn len(self) -> usize;

    /// All lines with their names in lower case.
    fn all(self) -> impl Iterator<Item = (&'a str, &'a [u8])>;

    /// The lines of one, by its name in lower case.
    fn lines(self, name: &str) -> impl Iterator<Item = &'a [u8]>;
}

/// What is wanted of the headers. One walk over a few costs less than one look-up; most requests have
/// no trace headers.
#[derive(Default)]
pub(crate) struct Seen<'a> {
    traceparent: Lines<'a>,
    tracestate: Lines<'a>,
    baggage: Lines<'a>,
    host: Lines<'a>,
    pub(crate) user_agent: Lines<'a>,
}

/// The lines of one header.
#[derive(Clone, Copy, Default)]
pub(crate) enum Lines<'a> {
    #[default]
    None,
    One(&'a [u8]),
    /// To be looked up; this is the first.
    Several(&'a [u8]),
}

/// So many headers are walked over; more are looked up.
pub(crate) const FEW: usize = 16;

impl<'a> Lines<'a> {
    fn of(headers: impl Headers<'a>, name: &'static str) -> Self {
        let mut lines = Self::None;
        headers.lines(name).for_each(|line| lines.add(line));
        lines
    }

    #[inline]
    fn add(&mut self, line: &'a [u8]) {
        *self = match *self {
            Self::None => Self::One(line),
            Self::One(first) | Self::Several(first) => Self::Several(first),
        };
    }

    #[inline]
    pub(crate) fn first(self) -> Option<&'a [u8]> {
        match self {
            Self::None => None,
            Self::One(line) | Self::Several(line) => Some(line),
        }
    }
}

impl<'a> Seen<'a> {
    /// The host that was asked for, of the target's authority or the header.
    pub(crate) fn host(&self, authority: Option<&'a str>) -> Option<&'a [u8]> {
        let host = authority.map(str::as_bytes).or_else(|| self.host.first())?;
        // A user name and a password in front are nobody's business.
        host.rsplit(|byte| *byte == b'@').next()
    }

    pub(crate) fn of(headers: impl Headers<'a>) -> Self {
        if headers.len() > FEW {
            let of = |name| Lines::of(headers, name);
            return Self {
                traceparent: of("traceparent"),
                tracestate: of("tracestate"),
                baggage: of("baggage"),
                host: of("host"),
                user_agent: of("user-agent"),
            };
        }
        let mut seen = Self::default();
        for (name, line) in headers.all() {
            // Names of other lengths are out at once.
            let lines = match name {
                "host" => &mut seen.host,
                "user-agent" => &mut seen.user_agent,
                "traceparent" => &mut seen.traceparent,
                "tracestate" => &mut seen.tracestate,
                "baggage" => &mut seen.baggage,
                _ => continue,
            };
            lines.add(line);
        }
        seen
    }

    /// `None`: it was not looked for.
    #[inline]
    fn get(&self, name: Header) -> Option<Lines<'a>> {
        match name {
            Header::TraceParent => Some(self.traceparent),
            Header::TraceState => Some(self.tracestate),
            Header::Baggage => Some(self.baggage),
            _ => None,
        }
    }

    /// Whether there may be such a header.
    #[inline]
    pub(crate) fn may_have(&self, name: Header) -> bool {
        !matches!(self.get(name), Some(Lines::None))
    }

    /// The lines of a header; what was not seen alone is looked up.
    #[inline]
    pub(crate) fn lines(&self, name: Header, headers: impl Headers<'a>) -> impl Iterator<Item = &'a [u8]> {
        let (one, others) = match self.get(name) {
            Some(Lines::None) => (None, None),
            Some(Lines::One(line)) => (Some(line), None),
            Some(Lines::Several(_)) | None => (None, Some(headers.lines(name.as_str()))),
        };
        one.into_iter().chain(others.into_iter().flatten())
    }
}
