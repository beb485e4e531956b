//! Rust backtraces as stack frames.

/// A stack frame.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Frame<'a> {
    pub(crate) method: &'a str,
    pub(crate) file: Option<&'a str>,
    pub(crate) line: Option<u32>,
}

/// The most frames that are kept, as in Microsoft's exporter for .NET.
const MAX_FRAMES: usize = 100;

/// Parses a backtrace as `std::backtrace::Backtrace` prints it, `  0: method` and `at file:line:column`,
/// innermost frame first. `None` if the text is anything else.
pub(crate) fn frames(text: &str) -> Option<Vec<Frame<'_>>> {
    let mut frames: Vec<Frame<'_>> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "stack backtrace:") {
        if let Some(place) = line.strip_prefix("at ") {
            let frame = frames.last_mut()?;
            (frame.file, frame.line) = file_and_line(place);
        } else {
            let (number, method) = line.split_once(": ")?;
            number.parse::<u32>().ok()?;
            frames.push(Frame { method, file: None, line: None });
        }
    }
    frames.truncate(MAX_FRAMES);
    (!frames.is_empty()).then_some(frames)
}

/// Splits `file:line:column`, `file:line` or `file`.
fn file_and_line(place: &str) -> (Option<&str>, Option<u32>) {
    let number = |text: &str| text.parse::<u32>().ok();
    let Some((before, last)) = place.rsplit_once(':').filter(|(_, last)| number(last).is_some()) else {
        return (Some(place), None);
    };
    match before.rsplit_once(':').and_then(|(file, line)| number(line).map(|line| (file, line))) {
        Some((file, line)) => (Some(file), Some(line)),
        None => (Some(before), number(last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_backtrace_is_parsed_into_frames() {
        let text = "   0: shop::reserve\n             at ./src/main.rs:10:5\n   1: <T as core::ops::Fn>::call: twice\n\
                    \n   2: main\n             at C:\\src\\a.rs:7";
        let frame = |method, file, line| Frame { method, file, line };
        let frames = frames(text).unwrap();
        assert_eq!(
            frames,
            [
                frame("shop::reserve", Some("./src/main.rs"), Some(10)),
                frame("<T as core::ops::Fn>::call: twice", None, None),
                frame("main", Some("C:\\src\\a.rs"), Some(7)),
            ]
        );
    }

    #[test]
    fn captured_backtrace_is_parsed_into_frames() {
        let text = std::backtrace::Backtrace::force_capture().to_string();
        let frames = frames(&text).unwrap();
        assert!(frames.iter().any(|frame| frame.method.contains("captured_backtrace_is_parsed_into_frames")), "{text}");
        assert!(frames.len() <= MAX_FRAMES);
    }

    #[test]
    fn other_texts_are_not_parsed() {
        for text in ["", "Traceback:\n  at f", "at a.rs:1:1", "0: a\nsomething else", "a: b"] {
            assert_eq!(frames(text), None, "{text:?}");
        }
    }
}
