//! Splits the body of a POST into items: a JSON array, an object, or an object per line, optionally compressed with
//! gzip.

use std::borrow::Cow;
use std::io::Read as _;

use axum::http::StatusCode;
use flate2::read::MultiGzDecoder;
use serde_json::value::RawValue;

/// The most bytes of a body before decompression. The server stops reading there.
pub(crate) const MAX_COMPRESSED: usize = 8 * 1024 * 1024;
/// The most bytes of a body after decompression.
const MAX_DECOMPRESSED: usize = 64 * 1024 * 1024;
/// The most bytes of an item.
const MAX_ITEM: usize = 64 * 1024;

type Refusal = (StatusCode, &'static str);

/// The text of an item, or the reason why it is refused.
pub(super) type ItemText<'a> = Result<&'a str, String>;

/// Decompresses a body whose header or first bytes indicate gzip.
pub(super) fn decompress(body: &[u8], is_gzip: bool) -> Result<Cow<'_, [u8]>, Refusal> {
    if !is_gzip && !body.starts_with(&[0x1F, 0x8B]) {
        return Ok(Cow::Borrowed(body));
    }
    let mut plain = Vec::new();
    let read = MultiGzDecoder::new(body).take(MAX_DECOMPRESSED as u64 + 1).read_to_end(&mut plain);
    match read {
        Ok(length) if length > MAX_DECOMPRESSED => {
            Err((StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 64 MiB after decompression"))
        }
        Ok(_) => Ok(Cow::Owned(plain)),
        Err(_) => Err((StatusCode::BAD_REQUEST, "the body is not gzip")),
    }
}

/// Splits a body into items. A malformed line does not affect the others.
pub(super) fn split(body: &[u8]) -> Result<Vec<ItemText<'_>>, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| (StatusCode::BAD_REQUEST, "the body is not UTF-8"))?;
    if text.trim_start().starts_with('[') {
        let items: Vec<&RawValue> =
            serde_json::from_str(text).map_err(|_| (StatusCode::BAD_REQUEST, "the body is not a JSON array"))?;
        return Ok(items.into_iter().map(|item| checked(item.get())).collect());
    }
    if let Ok(item) = serde_json::from_str::<&RawValue>(text) {
        return Ok(vec![checked(item.get())]);
    }
    let lines: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(checked).collect();
    if lines.is_empty() { Err((StatusCode::BAD_REQUEST, "the body is empty")) } else { Ok(lines) }
}

fn checked(item: &str) -> ItemText<'_> {
    if item.len() > MAX_ITEM { Err("the item is larger than 64 KiB".to_owned()) } else { Ok(item) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn items(body: &str) -> Vec<ItemText<'_>> {
        split(body.as_bytes()).unwrap()
    }

    #[test]
    fn arrays_lines_and_single_objects_are_split() {
        assert_eq!(items(r#" [{"a":1}, {"b":2}]"#), [Ok(r#"{"a":1}"#), Ok(r#"{"b":2}"#)]);
        assert_eq!(items("{\"a\":1}\r\n\n{\"b\":2}\n"), [Ok(r#"{"a":1}"#), Ok(r#"{"b":2}"#)]);
        assert_eq!(items("{\n\"a\": 1\n}"), [Ok("{\n\"a\": 1\n}")]);
        assert!(split(b"").is_err() && split(b"[1,").is_err() && split(b"\xFF").is_err());
    }

    #[test]
    fn item_over_the_limit_does_not_affect_the_others() {
        let body = format!("[\"{}\",1]", "x".repeat(MAX_ITEM));
        let items = items(&body);
        assert!(items[0].is_err() && items[1] == Ok("1"));
    }

    #[test]
    fn decompression_bomb_is_refused() {
        let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..=MAX_DECOMPRESSED / 65536 {
            bomb.write_all(&[b' '; 65536]).unwrap();
        }
        let bomb = bomb.finish().unwrap();
        assert_eq!(decompress(&bomb, true).unwrap_err().0, StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(decompress(b"plain", true).unwrap_err().0, StatusCode::BAD_REQUEST);
    }
}
