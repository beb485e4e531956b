//! The texts of a request's head in one buffer.

use std::borrow::Cow;
use std::fmt;

/// A text of the head, in the order of the buffer.
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

/// Longest text of each field that is kept, in bytes: at least Application Insights' limits.
const MAX_LENGTHS: [usize; FIELDS] = [64, 16, 1024, 4096, 4096, 1024, 1024];

// Method, path, route and a browser's user agent fit; longer texts cost one allocation.
const INLINE: usize = 192;

/// The texts of a head as bytes: a header may hold any bytes, and the request's thread does not check them.
#[derive(Clone)]
pub(super) struct Text {
    inline: [u8; INLINE],
    // Replaces `inline` if that is too short.
    heap: Option<Box<[u8]>>,
    ends: [u16; FIELDS],
}

impl Text {
    /// Creates empty texts.
    #[inline(always)]
    pub(super) const fn new() -> Self {
        Self { inline: [0; INLINE], heap: None, ends: [0; FIELDS] }
    }

    /// Copies the texts, in the order of [`Field`]. Each is cut at its maximum length.
    #[inline(always)]
    pub(super) fn fill(&mut self, texts: [&[u8]; FIELDS]) {
        let mut end = 0;
        for (at, source) in texts.iter().enumerate() {
            end += source.len().min(MAX_LENGTHS[at]);
            self.ends[at] = end as u16;
        }
        if end > INLINE {
            return self.fill_heap(&texts, end);
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
    fn fill_heap(&mut self, texts: &[&[u8]; FIELDS], length: usize) {
        let mut bytes = Vec::with_capacity(length);
        for (source, max_length) in texts.iter().zip(MAX_LENGTHS) {
            bytes.extend_from_slice(&source[..source.len().min(max_length)]);
        }
        self.heap = Some(bytes.into());
    }

    /// The text, empty if the head had none. Invalid UTF-8 becomes `U+FFFD`.
    pub(super) fn get(&self, field: Field) -> Cow<'_, str> {
        let at = field as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        let all = self.heap.as_deref().unwrap_or(&self.inline);
        let bytes = &all[start.into()..self.ends[at].into()];
        let cut = bytes.len() == MAX_LENGTHS[at];
        match std::str::from_utf8(bytes) {
            // Not by `from_utf8_lossy`, which goes from byte to byte.
            Ok(text) => Cow::Borrowed(text),
            // A character that was cut in two at the end is removed as a whole.
            Err(error) if cut && error.error_len().is_none() => String::from_utf8_lossy(&bytes[..error.valid_up_to()]),
            Err(_) => String::from_utf8_lossy(bytes),
        }
    }

    pub(super) fn has_route(&self) -> bool {
        self.ends[Field::Route as usize] > self.ends[Field::Route as usize - 1]
    }

    pub(super) fn heap_size(&self) -> usize {
        self.heap.as_ref().map_or(0, |bytes| bytes.len())
    }
}

/// Shows the texts that are not empty.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = [
            ("method", Field::Method),
            ("scheme", Field::Scheme),
            ("host", Field::Host),
            ("path", Field::Path),
            ("query", Field::Query),
            ("route", Field::Route),
            ("user_agent", Field::UserAgent),
        ];
        let texts = fields.into_iter().map(|(name, field)| (name, self.get(field)));
        f.debug_map().entries(texts.filter(|(_, text)| !text.is_empty())).finish()
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
    fn debug_shows_the_texts_and_no_buffer() {
        let expected =
            r#"{"method": "GET", "scheme": "http", "host": "h", "path": "/a", "query": "q=1", "route": "/r", "#;
        assert_eq!(format!("{:?}", path(b"/a")), format!(r#"{expected}"user_agent": "curl"}}"#));
        assert_eq!(format!("{:?}", Text::new()), "{}");
    }

    #[test]
    fn texts_are_read_back_separately() {
        let text = path(b"/a");
        assert_eq!(text.get(Field::Method), "GET");
        assert_eq!(text.get(Field::Path), "/a");
        assert_eq!(text.get(Field::UserAgent), "curl");
        assert_eq!(text.heap_size(), 0);
    }

    #[test]
    fn buffer_is_filled_to_its_last_byte_before_the_heap_is_used() {
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
    fn invalid_utf8_is_replaced() {
        assert_eq!(path(b"/\xff").get(Field::Path), "/\u{FFFD}");
    }
}
