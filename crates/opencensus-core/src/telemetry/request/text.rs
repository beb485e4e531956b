//! The texts of a request's head, copied once into one buffer.

use std::borrow::Cow;

/// A text of the head. The order is that of the buffer.
#[derive(Clone, Copy)]
pub(super) enum Field {
    Method,
    Scheme,
    Host,
    Path,
    Query,
    Route,
    UserAgent,
}

const FIELDS: usize = 7;

/// Longest text that is kept of each, in bytes: at least what Application Insights keeps.
const LONGEST: [usize; FIELDS] = [64, 16, 1024, 4096, 4096, 1024, 1024];

// Method, path, route and a browser's user agent fit; longer ones cost one allocation.
const INLINE: usize = 192;

/// Bytes, not `str`: a header may hold anything, and nothing is checked on the request's thread.
#[derive(Clone, Debug)]
pub(super) struct Text {
    inline: [u8; INLINE],
    // Instead of `inline`, if that is too short.
    spilled: Option<Box<[u8]>>,
    ends: [u16; FIELDS],
}

impl Text {
    /// Nothing.
    #[inline(always)]
    pub(super) const fn new() -> Self {
        Self { inline: [0; INLINE], spilled: None, ends: [0; FIELDS] }
    }

    /// Copies the texts, in the order of [`Field`]; each is cut at its longest length.
    #[inline]
    pub(super) fn fill(&mut self, texts: [&[u8]; FIELDS]) {
        let mut end = 0;
        for (at, source) in texts.iter().enumerate() {
            end += source.len().min(LONGEST[at]);
            self.ends[at] = end as u16;
        }
        if end > INLINE {
            return self.spill(&texts, end);
        }
        let mut start = 0;
        for (at, source) in texts.iter().enumerate() {
            let end = usize::from(self.ends[at]);
            if end > start {
                self.inline[start..end].copy_from_slice(&source[..end - start]);
            }
            start = end;
        }
    }

    #[cold]
    fn spill(&mut self, texts: &[&[u8]; FIELDS], length: usize) {
        let mut bytes = Vec::with_capacity(length);
        for (source, longest) in texts.iter().zip(LONGEST) {
            bytes.extend_from_slice(&source[..source.len().min(longest)]);
        }
        self.spilled = Some(bytes.into());
    }

    /// The text, empty if there was none. Bytes that are no UTF-8 become `U+FFFD`.
    pub(super) fn get(&self, field: Field) -> Cow<'_, str> {
        let at = field as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        let all = self.spilled.as_deref().unwrap_or(&self.inline);
        let bytes = &all[start.into()..self.ends[at].into()];
        let cut = bytes.len() == LONGEST[at];
        match std::str::from_utf8(bytes) {
            // A character that was cut in two at the end goes as a whole.
            Err(error) if cut && error.error_len().is_none() => String::from_utf8_lossy(&bytes[..error.valid_up_to()]),
            _ => String::from_utf8_lossy(bytes),
        }
    }

    pub(super) fn has_route(&self) -> bool {
        self.ends[Field::Route as usize] > self.ends[Field::Route as usize - 1]
    }

    pub(super) fn heap_size(&self) -> usize {
        self.spilled.as_ref().map_or(0, |bytes| bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(path: &[u8]) -> Text {
        let mut text = Text::new();
        text.fill([b"GET", b"http", b"h", path, b"q=1", b"/r", b"curl"]);
        text
    }

    #[test]
    fn texts_come_back_apart() {
        let text = path(b"/a");
        assert_eq!(text.get(Field::Method), "GET");
        assert_eq!(text.get(Field::Path), "/a");
        assert_eq!(text.get(Field::UserAgent), "curl");
        assert_eq!(text.heap_size(), 0);
    }

    #[test]
    fn buffer_is_filled_to_its_last_byte_before_it_spills() {
        let others = path(b"").ends[FIELDS - 1] as usize;
        for length in [INLINE - others, INLINE - others + 1] {
            let text = path(&vec![b'x'; length]);
            assert_eq!(text.get(Field::Path).len(), length);
            assert_eq!(text.get(Field::UserAgent), "curl");
            assert_eq!(text.heap_size() == 0, length == INLINE - others);
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let text = path(format!("/{}", "é".repeat(5000)).as_bytes());
        let kept = text.get(Field::Path);
        assert!(kept.len() <= 4096 && kept.ends_with('é'), "{}", kept.len());
        assert_eq!(text.get(Field::Query), "q=1");
        assert!(text.heap_size() > 4096);
    }

    #[test]
    fn bytes_that_are_no_utf8_are_replaced() {
        assert_eq!(path(b"/\xff").get(Field::Path), "/\u{FFFD}");
    }
}
