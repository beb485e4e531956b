//! Percent-encoding.

use std::borrow::Cow;

/// Decodes the percent-escapes of a part of a URI ([RFC 3986], section 2.1). A `%` without two hexadecimal digits is
/// kept, and so is `+`. A text without `%` is not copied.
///
/// # Examples
///
/// ```
/// use opencensus_core::request::percent_decode;
///
/// assert_eq!(*percent_decode("a%20b+c%"), *b"a b+c%");
/// ```
///
/// [RFC 3986]: https://www.rfc-editor.org/rfc/rfc3986#section-2.1
#[must_use]
pub fn percent_decode(text: &str) -> Cow<'_, [u8]> {
    if !text.contains('%') {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escape = (first == b'%').then(|| tail.first_chunk::<2>()).flatten();
        let digits = escape.map(|digits| digits.map(|digit| char::from(digit).to_digit(16)));
        match digits {
            Some([Some(high), Some(low)]) => {
                bytes.push((high << 4 | low) as u8);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    Cow::Owned(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_two_hexadecimal_digits() {
        for (text, expected) in [
            ("a%20b", "a b"),
            ("%C3%bc", "\u{fc}"),
            ("%2525", "%25"),
            ("%", "%"),
            ("%4", "%4"),
            ("%zz%%41", "%zz%A"),
            ("%+5", "%+5"),
            ("%-1+", "%-1+"),
        ] {
            assert_eq!(percent_decode(text), expected.as_bytes(), "{text}");
        }
    }
}
