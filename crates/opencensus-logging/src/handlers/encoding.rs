//! The character encoding of a file.

use std::borrow::Cow;

use crate::handler_error::HandlerError;

/// The character encoding of a file, and its treatment of characters that it lacks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Encoding {
    pub(crate) charset: Charset,
    pub(crate) unencodable: Unencodable,
}

/// A character set.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Charset {
    #[default]
    Utf8,
    Ascii,
    Latin1,
}

/// The treatment of characters that the character set lacks: Python's `errors`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Unencodable {
    /// The record is lost.
    #[default]
    Strict,
    Ignore,
    /// A question mark.
    Replace,
    /// `\xe9`
    Escape,
}

impl Charset {
    /// By its name in Python.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().replace('_', "-").as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "ascii" | "us-ascii" => Some(Self::Ascii),
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => Some(Self::Latin1),
            _ => None,
        }
    }

    /// The name in messages, and the first code point that the set lacks.
    const fn bounds(self) -> (&'static str, u32) {
        match self {
            Self::Utf8 => ("utf-8", u32::MAX),
            Self::Ascii => ("ascii", 128),
            Self::Latin1 => ("latin-1", 256),
        }
    }
}

impl Unencodable {
    /// By its name in Python.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "strict" => Some(Self::Strict),
            "ignore" => Some(Self::Ignore),
            "replace" => Some(Self::Replace),
            "backslashreplace" => Some(Self::Escape),
            _ => None,
        }
    }
}

impl Encoding {
    /// The text as bytes.
    pub(crate) fn encode(self, text: &str) -> Result<Cow<'_, [u8]>, HandlerError> {
        let (name, bound) = self.charset.bounds();
        if text.is_ascii() || self.charset == Charset::Utf8 {
            return Ok(Cow::Borrowed(text.as_bytes()));
        }
        let mut bytes = Vec::with_capacity(text.len());
        for (position, c) in text.chars().enumerate() {
            let code = u32::from(c);
            match u8::try_from(code) {
                Ok(byte) if code < bound => bytes.push(byte),
                _ => match self.unencodable {
                    Unencodable::Strict => {
                        let (escaped, range) = (escape(code), format!("range({bound})"));
                        let what = format!("'{name}' codec can't encode character '{escaped}' in position {position}");
                        return Err(HandlerError::Other(format!("{what}: ordinal not in {range}").into()));
                    }
                    Unencodable::Ignore => {}
                    Unencodable::Replace => bytes.push(b'?'),
                    Unencodable::Escape => bytes.extend_from_slice(escape(code).as_bytes()),
                },
            }
        }
        Ok(Cow::Owned(bytes))
    }
}

fn escape(code: u32) -> String {
    match code {
        0..=0xff => format!("\\x{code:02x}"),
        0x100..=0xffff => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_a_charset_lacks_are_treated_as_configured() {
        let encoded = |charset, unencodable, text| {
            Encoding { charset, unencodable }.encode(text).map(Cow::into_owned).map_err(|error| error.to_string())
        };
        assert_eq!(encoded(Charset::Latin1, Unencodable::Strict, "é").unwrap(), b"\xe9");
        assert_eq!(encoded(Charset::Ascii, Unencodable::Replace, "é!").unwrap(), b"?!");
        assert_eq!(encoded(Charset::Ascii, Unencodable::Ignore, "é!").unwrap(), b"!");
        assert_eq!(encoded(Charset::Latin1, Unencodable::Escape, "你🙂").unwrap(), b"\\u4f60\\U0001f642");
        let error = encoded(Charset::Latin1, Unencodable::Strict, "a你").unwrap_err();
        assert_eq!(error, "'latin-1' codec can't encode character '\\u4f60' in position 1: ordinal not in range(256)");
    }
}
