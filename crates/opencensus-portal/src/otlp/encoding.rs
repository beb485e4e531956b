//! The two encodings of OTLP/HTTP.

use axum::http::HeaderValue;
use serde::de::DeserializeOwned;

/// How a body is encoded. The response has the same encoding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Encoding {
    Protobuf,
    Json,
}

impl Encoding {
    /// The encoding of a `Content-Type`. Its parameters do not matter.
    pub(super) fn of(content_type: Option<&HeaderValue>) -> Option<Self> {
        let content_type = content_type?.to_str().ok()?;
        let media_type = content_type.split(';').next()?.trim();
        match media_type.to_ascii_lowercase().as_str() {
            "application/x-protobuf" | "application/protobuf" => Some(Self::Protobuf),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }

    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        })
    }

    /// Decodes one message.
    ///
    /// # Errors
    ///
    /// Why it is malformed.
    pub(super) fn decode<T: prost::Message + Default + DeserializeOwned>(self, message: &[u8]) -> Result<T, String> {
        match self {
            Self::Protobuf => T::decode(message).map_err(|error| error.to_string()),
            Self::Json => serde_json::from_slice(message).map_err(|error| error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_type_selects_the_encoding() {
        for (content_type, encoding) in [
            ("application/x-protobuf", Some(Encoding::Protobuf)),
            ("application/protobuf", Some(Encoding::Protobuf)),
            ("Application/JSON; charset=utf-8", Some(Encoding::Json)),
            ("text/plain", None),
            ("application/grpc", None),
            ("", None),
        ] {
            assert_eq!(Encoding::of(Some(&HeaderValue::from_static(content_type))), encoding, "{content_type}");
        }
        assert_eq!(Encoding::of(None), None);
    }
}
