//! How a file's characters become bytes.

use std::borrow::Cow;

use crate::handlers::HandlerError;

/// How a file's characters become bytes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Encoding {
    pub(crate) charset: Charset,
    pub(crate) missing: Missing,
}

/// Which characters there are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Charset {
    #[default]
    Utf8,
    Ascii,
    Latin1,
}

/// What becomes of a character that there is not.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Missing {
    /// Its record is lost.
    #[default]
    Strict,
    Ignore,
    /// A question mark.
    Replace,
    /// `\xe9`
    Escape,
}

impl Charset {
    /// Python's names for them.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().replace('_', "-").as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "ascii" | "us-ascii" => Some(Self::Ascii),
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" => Some(Self::Latin1),
            _ => None,
        }
    }

    /// The name in messages, and the first code that there is not.
    const fn bounds(self) -> (&'static str, u32) {
        match self {
            Self::Utf8 => ("utf-8", u32::MAX),
            Self::Ascii => ("ascii", 128),
            Self::Latin1 => ("latin-1", 256),
        }
    }
}

impl Missing {
    /// Python's names for them.
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
                _ => match self.missing {
                    Missing::Strict => {
                        let (escaped, range) = (escape(code), format!("range({bound})"));
                        let what = format!("'{name}' codec can't encode character '{escaped}' in position {position}");
                        return Err(HandlerError::Other(format!("{what}: ordinal not in {range}").into()));
                    }
                    Missing::Ignore => {}
                    Missing::Replace => bytes.push(b'?'),
                    Missing::Escape => bytes.extend_from_slice(escape(code).as_bytes()),
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
    fn characters_that_a_charset_lacks_are_treated_as_asked_for() {
        let encoded = |charset, missing, text| {
            Encoding { charset, missing }.encode(text).map(Cow::into_owned).map_err(|error| error.to_string())
        };
        assert_eq!(encoded(Charset::Latin1, Missing::Strict, "é").unwrap(), b"\xe9");
        assert_eq!(encoded(Charset::Ascii, Missing::Replace, "é!").unwrap(), b"?!");
        assert_eq!(encoded(Charset::Ascii, Missing::Ignore, "é!").unwrap(), b"!");
        assert_eq!(encoded(Charset::Latin1, Missing::Escape, "你🙂").unwrap(), b"\\u4f60\\U0001f642");
        let error = encoded(Charset::Latin1, Missing::Strict, "a你").unwrap_err();
        assert_eq!(error, "'latin-1' codec can't encode character '\\u4f60' in position 1: ordinal not in range(256)");
    }
}
