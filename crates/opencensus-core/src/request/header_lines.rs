//! A copy of header lines.

use std::borrow::Cow;
use std::fmt;

/// A copy of header lines in one buffer, which is usually one allocation. It is bounded: values are cut at 4 KiB,
/// and lines that do not fit into 16 KiB are left out and counted.
///
/// # Examples
///
/// ```
/// use opencensus_core::request::HeaderLines;
///
/// let mut lines = HeaderLines::default();
/// lines.push("accept", b"text/html");
/// assert_eq!(lines.iter().collect::<Vec<_>>(), [("accept", "text/html".into())]);
/// ```
#[derive(Clone, Default, Eq, PartialEq)]
pub struct HeaderLines {
    // For each line: the length of the name, the length of the value, name, value.
    bytes: Vec<u8>,
    count: usize,
    left_out: usize,
}

/// Bytes that suffice for most requests.
const USUAL: usize = 768;
const LENGTH: usize = size_of::<u32>();
/// Longest value, and longest buffer, in bytes: a client's headers must not fill the memory.
const MAX_VALUE: usize = 4 << 10;
const MAX_BUFFER: usize = 16 << 10;

impl HeaderLines {
    /// Adds a line.
    pub fn push(&mut self, name: &str, value: &[u8]) {
        let value = &value[..value.len().min(MAX_VALUE)];
        let lengths = (u32::try_from(name.len()), u32::try_from(value.len()));
        let (true, (Ok(name_length), Ok(value_length))) = (self.has_room(name.len() + value.len()), lengths) else {
            self.left_out += 1;
            return;
        };
        if self.bytes.is_empty() {
            self.bytes.reserve(USUAL);
        }
        for part in [&name_length.to_ne_bytes()[..], &value_length.to_ne_bytes(), name.as_bytes(), value] {
            self.bytes.extend_from_slice(part);
        }
        self.count += 1;
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.bytes.len() + 2 * LENGTH + bytes <= MAX_BUFFER
    }

    /// Removes the lines with these names.
    pub fn remove(&mut self, names: &[&str]) {
        let mut kept = Self { left_out: self.left_out, ..Self::default() };
        for (name, value) in self.raw().filter(|(name, _)| !names.contains(name)) {
            kept.push(name, value);
        }
        *self = kept;
    }

    /// How many lines did not fit.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are no lines.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All lines in their order. Invalid UTF-8 is replaced.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.raw().map(|(name, value)| (name, String::from_utf8_lossy(value)))
    }

    fn raw(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let mut rest = &*self.bytes;
        std::iter::from_fn(move || {
            let (name_length, after) = rest.split_first_chunk::<LENGTH>()?;
            let (value_length, after) = after.split_first_chunk::<LENGTH>()?;
            let (name, after) = after.split_at_checked(u32::from_ne_bytes(*name_length) as usize)?;
            let (value, after) = after.split_at_checked(u32::from_ne_bytes(*value_length) as usize)?;
            rest = after;
            Some((std::str::from_utf8(name).ok()?, value))
        })
    }
}

/// Shows the number of lines, not their contents.
impl fmt::Debug for HeaderLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} lines", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_back_as_they_were_pushed() {
        let mut lines = HeaderLines::default();
        assert!(lines.is_empty() && lines.iter().next().is_none());
        let long = "x".repeat(MAX_VALUE);
        for (name, value) in [("a", &b""[..]), ("cookie", b"a=1"), ("cookie", long.as_bytes()), ("b", b"\xff")] {
            lines.push(name, value);
        }
        let read: Vec<_> = lines.iter().map(|(name, value)| (name, value.into_owned())).collect();
        assert_eq!(read, [("a", String::new()), ("cookie", "a=1".into()), ("cookie", long), ("b", "\u{fffd}".into())]);
        assert_eq!((lines.len(), format!("{lines:?}")), (4, "4 lines".to_owned()));
        lines.remove(&["cookie"]);
        assert_eq!(lines.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn long_values_are_cut_and_lines_that_do_not_fit_are_counted() {
        let mut lines = HeaderLines::default();
        for _ in 0..5 {
            lines.push("a", &[b'x'; MAX_VALUE + 1]);
        }
        lines.push(&"n".repeat(MAX_BUFFER), b"");
        lines.push("b", b"small");
        let lengths: Vec<_> = lines.iter().map(|(_, value)| value.len()).collect();
        assert_eq!((&*lengths, lines.left_out()), (&[MAX_VALUE, MAX_VALUE, MAX_VALUE, 5][..], 3));
        assert!(lines.bytes.len() <= MAX_BUFFER);
    }
}
