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
    /// UTF-8 with a byte order mark at the beginning of the file.
    Utf8WithMark,
    Ascii,
    Latin1,
    /// One of the web's, without a state between characters.
    Other(&'static encoding_rs::Encoding),
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
        let name = name.trim().to_ascii_lowercase().replace(['_', ' '], "-");
        match name.as_str() {
            "utf-8" | "utf8" | "utf" | "u8" | "cp65001" => Some(Self::Utf8),
            "utf-8-sig" | "utf8-sig" => Some(Self::Utf8WithMark),
            "ascii" | "us-ascii" | "646" => Some(Self::Ascii),
            "latin-1" | "latin1" | "latin" | "iso-8859-1" | "iso8859-1" | "l1" | "8859" | "cp819" | "iso-ir-100" => {
                Some(Self::Latin1)
            }
            _ => web_charset(&name).map(Self::Other),
        }
    }

    /// The name in messages, and the first code point that the set lacks.
    const fn bounds(self) -> (&'static str, u32) {
        match self {
            Self::Utf8 | Self::Utf8WithMark | Self::Other(_) => ("utf-8", u32::MAX),
            Self::Ascii => ("ascii", 128),
            Self::Latin1 => ("latin-1", 256),
        }
    }

    /// What the file begins with.
    pub(crate) fn mark(self) -> &'static [u8] {
        if self == Self::Utf8WithMark { "\u{feff}".as_bytes() } else { b"" }
    }
}

/// A character set of the web, by its name there or in Python.
fn web_charset(name: &str) -> Option<&'static encoding_rs::Encoding> {
    let label = match name {
        "cp932" | "ms932" | "mskanji" | "sjis" => "shift-jis".to_owned(),
        "cp936" | "ms936" => "gbk".to_owned(),
        "cp949" => "euc-kr".to_owned(),
        "cp950" | "ms950" => "big5".to_owned(),
        "cp874" => "windows-874".to_owned(),
        "mac-roman" | "macroman" => "macintosh".to_owned(),
        "mac-cyrillic" => "x-mac-cyrillic".to_owned(),
        _ if name.starts_with("cp125") => name.replace("cp", "windows-"),
        _ if name.starts_with("iso8859-") => name.replace("iso8859-", "iso-8859-"),
        _ => name.to_owned(),
    };
    let charset = encoding_rs::Encoding::for_label(label.as_bytes())?;
    // The web writes UTF-16 as UTF-8, and ISO-2022-JP needs the characters before.
    let is_usable = charset.output_encoding() == charset && charset != encoding_rs::ISO_2022_JP;
    is_usable.then_some(charset)
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

impl Unencodable {
    /// Appends what takes the place of a character.
    fn push(self, bytes: &mut Vec<u8>, c: char, error: impl FnOnce() -> String) -> Result<(), HandlerError> {
        match self {
            Self::Strict => return Err(HandlerError::Other(error().into())),
            Self::Ignore => {}
            Self::Replace => bytes.push(b'?'),
            Self::Escape => bytes.extend_from_slice(escape(u32::from(c)).as_bytes()),
        }
        Ok(())
    }
}

impl Encoding {
    /// The text as bytes.
    pub(crate) fn encode(self, text: &str) -> Result<Cow<'_, [u8]>, HandlerError> {
        let (name, bound) = self.charset.bounds();
        if text.is_ascii() || matches!(self.charset, Charset::Utf8 | Charset::Utf8WithMark) {
            return Ok(Cow::Borrowed(text.as_bytes()));
        }
        if let Charset::Other(charset) = self.charset {
            return self.encode_for_web(charset, text).map(Cow::Owned);
        }
        let mut bytes = Vec::with_capacity(text.len());
        for (position, c) in text.chars().enumerate() {
            let code = u32::from(c);
            match u8::try_from(code) {
                Ok(byte) if code < bound => bytes.push(byte),
                _ => self.unencodable.push(&mut bytes, c, || {
                    let what =
                        format!("'{name}' codec can't encode character '{}' in position {position}", escape(code));
                    format!("{what}: ordinal not in range({bound})")
                })?,
            }
        }
        Ok(Cow::Owned(bytes))
    }

    fn encode_for_web(self, charset: &'static encoding_rs::Encoding, text: &str) -> Result<Vec<u8>, HandlerError> {
        let mut encoder = charset.new_encoder();
        let mut bytes = Vec::with_capacity(text.len());
        for (position, c) in text.chars().enumerate() {
            let (mut utf8, mut encoded) = ([0; 4], [0; 16]);
            let utf8 = c.encode_utf8(&mut utf8);
            let (result, _, length) = encoder.encode_from_utf8_without_replacement(utf8, &mut encoded, false);
            match result {
                encoding_rs::EncoderResult::Unmappable(_) => self.unencodable.push(&mut bytes, c, || {
                    let (name, escaped) = (charset.name().to_ascii_lowercase(), escape(u32::from(c)));
                    format!("'{name}' codec can't encode character '{escaped}' in position {position}")
                })?,
                _ => bytes.extend_from_slice(&encoded[..length]),
            }
        }
        Ok(bytes)
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
        let web = Charset::from_name("cp1252").unwrap();
        assert_eq!(encoded(web, Unencodable::Strict, "é€").unwrap(), b"\xe9\x80");
        assert_eq!(encoded(web, Unencodable::Escape, "é你").unwrap(), b"\xe9\\u4f60");
        assert_eq!(
            encoded(Charset::from_name("Shift_JIS").unwrap(), Unencodable::Replace, "あ🙂").unwrap(),
            b"\x82\xa0?"
        );
        let error_of_web = encoded(web, Unencodable::Strict, "a你").unwrap_err();
        assert_eq!(error_of_web, "'windows-1252' codec can't encode character '\\u4f60' in position 1");
        for unusable in ["utf-16", "iso-2022-jp", "replacement", "klingon"] {
            assert_eq!(Charset::from_name(unusable), None, "{unusable}");
        }
        assert_eq!(error, "'latin-1' codec can't encode character '\\u4f60' in position 1: ordinal not in range(256)");
    }
}
