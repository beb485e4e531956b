//! Splits a stream into lines of bounded length.

/// The most bytes of a line.
pub(super) const MAX_LINE: usize = 256 * 1024;

/// A line with its number, which begins at 1. `None` if it is too long.
pub(super) type Line = (u64, Option<Vec<u8>>);

/// The line that is not complete yet.
#[derive(Debug, Default)]
pub(super) struct LineReader {
    line: Vec<u8>,
    is_too_long: bool,
    number: u64,
}

impl LineReader {
    /// Appends the lines that end within the bytes to `lines`. Empty lines are skipped, but count.
    pub(super) fn feed(&mut self, bytes: &[u8], lines: &mut Vec<Line>) {
        let mut parts = bytes.split(|byte| *byte == b'\n');
        let last = parts.next_back().unwrap_or_default();
        for part in parts {
            self.push(part);
            lines.extend(self.end());
        }
        self.push(last);
    }

    /// The line without a line break at its end.
    pub(super) fn finish(&mut self) -> Option<Line> {
        self.end()
    }

    fn push(&mut self, part: &[u8]) {
        if self.line.len() + part.len() > MAX_LINE {
            self.is_too_long = true;
        } else {
            self.line.extend_from_slice(part);
        }
    }

    fn end(&mut self) -> Option<Line> {
        self.number += 1;
        let line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.is_too_long) {
            return Some((self.number, None));
        }
        let line = line.trim_ascii();
        (!line.is_empty()).then(|| (self.number, Some(line.to_vec())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, size: usize) -> Vec<Line> {
        let (mut reader, mut lines) = (LineReader::default(), Vec::new());
        text.as_bytes().chunks(size).for_each(|chunk| reader.feed(chunk, &mut lines));
        lines.extend(reader.finish());
        lines
    }

    #[test]
    fn lines_are_numbered_and_long_ones_are_skipped() {
        let long = "x".repeat(MAX_LINE + 1);
        let text = format!("a\r\n\n{long}\n {} \nb", &long[..MAX_LINE - 2]);
        for size in [1000, 4096, MAX_LINE * 3] {
            let found = lines(&text, size);
            let numbers: Vec<_> = found.iter().map(|(number, line)| (*number, line.as_ref().map(Vec::len))).collect();
            assert_eq!(numbers, [(1, Some(1)), (3, None), (4, Some(MAX_LINE - 2)), (5, Some(1))], "{size}");
        }
        assert_eq!(lines("", 1), []);
    }
}
