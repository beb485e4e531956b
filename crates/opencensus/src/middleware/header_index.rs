//! Finds the headers that the middleware reads from every request.

use opencensus_core::Header;

/// A framework's table of headers.
pub(crate) trait Headers<'a>: Copy {
    /// The number of lines.
    fn len(self) -> usize;

    /// Calls `each` with all lines and their names in lower case. An iterator that maps them would call its closure for
    /// each line; this is inlined.
    fn for_each(self, each: impl FnMut(&'a str, &'a [u8]));

    /// The lines of one header. `name` is in lower case.
    fn lines(self, name: &str) -> impl Iterator<Item = &'a [u8]>;
}

/// The headers that the middleware reads from every request. One walk over a small table costs less than one
/// look-up, and most requests have no trace headers.
#[derive(Default)]
pub(crate) struct HeaderIndex<'a> {
    traceparent: Lines<'a>,
    tracestate: Lines<'a>,
    baggage: Lines<'a>,
    host: Lines<'a>,
    has_synthetic_test: bool,
    pub(crate) user_agent: Lines<'a>,
}

/// The host and the port, without a user name and a password in front of them, which are secrets.
pub(crate) fn without_userinfo(host: &[u8]) -> &[u8] {
    if !host.contains(&b'@') {
        return host;
    }
    host.rsplit(|byte| *byte == b'@').next().unwrap_or(host)
}

/// The lines of one header.
#[derive(Clone, Copy, Default)]
pub(crate) struct Lines<'a> {
    first: Option<&'a [u8]>,
    // The others are looked up.
    has_more: bool,
}

/// Tables with at most this many lines are walked over; in larger ones, each header is looked up.
pub(crate) const MAX_WALKED: usize = 16;

impl<'a> Lines<'a> {
    fn of(headers: impl Headers<'a>, name: &'static str) -> Self {
        let mut lines = Self::default();
        headers.lines(name).for_each(|line| lines.add(line));
        lines
    }

    #[inline(always)]
    fn add(&mut self, line: &'a [u8]) {
        self.has_more = self.first.is_some();
        self.first = self.first.or(Some(line));
    }

    #[inline]
    pub(crate) fn first(self) -> Option<&'a [u8]> {
        self.first
    }
}

impl<'a> HeaderIndex<'a> {
    /// The request's host: that of the target's authority, else that of the `Host` header.
    pub(crate) fn host(&self, authority: Option<&'a str>) -> Option<&'a [u8]> {
        let host = authority.map(str::as_bytes).or_else(|| self.host.first())?;
        Some(without_userinfo(host))
    }

    // The index is large: a call would copy it.
    #[inline(always)]
    pub(crate) fn of(headers: impl Headers<'a>) -> Self {
        if headers.len() > MAX_WALKED {
            let of = |name| Lines::of(headers, name);
            return Self {
                traceparent: of("traceparent"),
                tracestate: of("tracestate"),
                baggage: of("baggage"),
                host: of("host"),
                has_synthetic_test: headers.lines("synthetictest-runid").next().is_some(),
                user_agent: of("user-agent"),
            };
        }
        let mut index = Self::default();
        headers.for_each(|name, line| {
            // Most other headers already differ in the length of their name.
            let lines = match name.len() {
                4 if name == "host" => &mut index.host,
                7 if name == "baggage" => &mut index.baggage,
                10 if name == "user-agent" => &mut index.user_agent,
                10 if name == "tracestate" => &mut index.tracestate,
                11 if name == "traceparent" => &mut index.traceparent,
                19 if name == "synthetictest-runid" => {
                    index.has_synthetic_test = true;
                    return;
                }
                _ => return,
            };
            lines.add(line);
        });
        index
    }

    /// `None`: the index does not have this header.
    #[inline]
    fn get(&self, name: Header) -> Option<Lines<'a>> {
        match name {
            Header::TraceParent => Some(self.traceparent),
            Header::TraceState => Some(self.tracestate),
            Header::Baggage => Some(self.baggage),
            _ => None,
        }
    }

    /// `false`: the request has no such header.
    #[inline]
    pub(crate) fn may_have(&self, name: Header) -> bool {
        match name {
            Header::SyntheticTestRunId => self.has_synthetic_test,
            name => self.get(name).is_none_or(|lines| lines.first.is_some()),
        }
    }

    /// The lines of a header.
    #[inline]
    pub(crate) fn lines(&self, name: Header, headers: impl Headers<'a>) -> impl Iterator<Item = &'a [u8]> {
        let (one, others) = match self.get(name) {
            Some(lines) if !lines.has_more => (lines.first, None),
            _ => (None, Some(headers.lines(name.as_str()))),
        };
        one.into_iter().chain(others.into_iter().flatten())
    }

    /// The value of a header that has one line.
    #[inline(always)]
    pub(crate) fn single(&self, name: Header, headers: impl Headers<'a>) -> Option<&'a [u8]> {
        match self.get(name) {
            Some(lines) => lines.first.filter(|_| !lines.has_more),
            None => {
                let mut lines = headers.lines(name.as_str());
                lines.next().filter(|_| lines.next().is_none())
            }
        }
    }
}
