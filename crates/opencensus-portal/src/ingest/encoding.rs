//! The content encoding of a body.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_ENCODING;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Encoding {
    /// Not at all, or by gzip without a header: its first bytes decide.
    Identity,
    Gzip,
    Deflate,
}

impl Encoding {
    /// The encoding by the headers of a request. Names ignore letter case; `identity` has no effect.
    ///
    /// # Errors
    ///
    /// The names, if one of them is unknown or there are several.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, String> {
        let values = headers.get_all(CONTENT_ENCODING).iter();
        let names: Vec<_> =
            values.map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase()).collect();
        let joined = names.join(",");
        let mut names = joined.split(',').map(str::trim).filter(|name| !matches!(*name, "" | "identity"));
        match (names.next(), names.next()) {
            (None, _) => Ok(Self::Identity),
            (Some("gzip" | "x-gzip"), None) => Ok(Self::Gzip),
            (Some("deflate"), None) => Ok(Self::Deflate),
            _ => Err(joined.chars().filter(|c| !c.is_control()).take(64).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(values: &[&'static str]) -> Result<Encoding, String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(value));
        }
        Encoding::of(&headers)
    }

    #[test]
    fn known_encodings_are_recognized_in_any_letter_case() {
        assert_eq!(of(&[]), Ok(Encoding::Identity));
        for value in ["", "identity", "Identity, identity"] {
            assert_eq!(of(&[value]), Ok(Encoding::Identity), "{value}");
        }
        for value in ["gzip", "GZIP", "x-gzip", " gzip , identity"] {
            assert_eq!(of(&[value]), Ok(Encoding::Gzip), "{value}");
        }
        assert_eq!(of(&["Deflate"]), Ok(Encoding::Deflate));
        assert_eq!(of(&["identity", "gzip"]), Ok(Encoding::Gzip));
    }

    #[test]
    fn unknown_and_several_encodings_are_named() {
        assert_eq!(of(&["br"]), Err("br".into()));
        assert_eq!(of(&["Zstd"]), Err("zstd".into()));
        assert_eq!(of(&["gzip, deflate"]), Err("gzip, deflate".into()));
        assert_eq!(of(&["gzip", "gzip"]), Err("gzip,gzip".into()));
    }
}
