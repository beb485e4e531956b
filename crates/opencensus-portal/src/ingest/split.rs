//! Splits a body into items: the elements of a JSON array, an object, or an object per line.
//!
//! The items are not parsed, so that a malformed one does not affect the others. No byte of UTF-8 inside a character is
//! one of JSON's marks.

use serde_json::value::RawValue;

/// The most items of a post.
pub(super) const MAX_ITEMS: usize = 4096;

/// Why a body cannot be split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum SplitError {
    Empty,
    /// An array that does not end, or is followed by something else.
    NotAnArray,
    TooMany,
}

pub(super) fn split(body: &[u8]) -> Result<Vec<&[u8]>, SplitError> {
    let body = body.trim_ascii();
    if let Some(elements) = body.strip_prefix(b"[") {
        return split_array(elements);
    }
    if serde_json::from_slice::<&RawValue>(body).is_ok() {
        return Ok(vec![body]);
    }
    let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let items: Vec<_> = lines.take(MAX_ITEMS + 1).collect();
    match items.len() {
        0 => Err(SplitError::Empty),
        length if length > MAX_ITEMS => Err(SplitError::TooMany),
        _ => Ok(items),
    }
}

/// Splits at the commas of an array, given without its first bracket.
fn split_array(elements: &[u8]) -> Result<Vec<&[u8]>, SplitError> {
    let mut items = Vec::new();
    let (mut start, mut depth, mut in_string, mut is_escaped) = (0, 0_usize, false, false);
    for (at, byte) in elements.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => depth += 1,
            b']' if depth == 0 => return ended(items, elements[start..at].trim_ascii(), &elements[at + 1..]),
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                if items.len() == MAX_ITEMS {
                    return Err(SplitError::TooMany);
                }
                items.push(elements[start..at].trim_ascii());
                start = at + 1;
            }
            _ => {}
        }
    }
    Err(SplitError::NotAnArray)
}

fn ended<'a>(mut items: Vec<&'a [u8]>, last: &'a [u8], rest: &[u8]) -> Result<Vec<&'a [u8]>, SplitError> {
    if !rest.is_empty() {
        return Err(SplitError::NotAnArray);
    }
    if !last.is_empty() {
        items.push(last);
    }
    match items.len() {
        0 => Err(SplitError::Empty),
        length if length > MAX_ITEMS => Err(SplitError::TooMany),
        _ => Ok(items),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(body: &str) -> Vec<&str> {
        split(body.as_bytes()).unwrap().into_iter().map(|item| std::str::from_utf8(item).unwrap()).collect()
    }

    #[test]
    fn arrays_lines_and_single_objects_are_split() {
        assert_eq!(items(r#" [{"a":1}, {"b":[2,3]}] "#), [r#"{"a":1}"#, r#"{"b":[2,3]}"#]);
        assert_eq!(items(r#"["],\"[",{"{":"}"}]"#), [r#""],\"[""#, r#"{"{":"}"}"#]);
        assert_eq!(items("{\"a\":1}\r\n\n{\"b\":2}\n"), [r#"{"a":1}"#, r#"{"b":2}"#]);
        assert_eq!(items("{\n\"a\": 1\n}"), ["{\n\"a\": 1\n}"]);
        assert_eq!(items("[1,},2]"), ["1", "}", "2"]);
    }

    #[test]
    fn bodies_without_items_and_arrays_without_an_end_are_refused() {
        for (body, error) in [
            ("", SplitError::Empty),
            (" \n ", SplitError::Empty),
            ("[ ]", SplitError::Empty),
            ("[1,", SplitError::NotAnArray),
            ("[\"]", SplitError::NotAnArray),
            ("[1] [2]", SplitError::NotAnArray),
        ] {
            assert_eq!(split(body.as_bytes()), Err(error), "{body}");
        }
    }

    #[test]
    fn items_beyond_the_limit_are_not_collected() {
        for (body, end) in [("[1", "]"), ("1", "")] {
            let separator = if end.is_empty() { "\n1" } else { ",1" };
            let most = format!("{body}{}{end}", separator.repeat(MAX_ITEMS - 1));
            assert_eq!(items(&most).len(), MAX_ITEMS);
            let more = format!("{body}{}{end}", separator.repeat(MAX_ITEMS));
            assert_eq!(split(more.as_bytes()), Err(SplitError::TooMany));
        }
    }
}
