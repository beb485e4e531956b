//! Decompresses the body of a post.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;

/// The most bytes of a body before decompression. The server stops reading there.
pub(crate) const MAX_COMPRESSED: usize = 8 * 1024 * 1024;
/// The most bytes of a body after decompression.
pub(super) const MAX_DECOMPRESSED: usize = 16 * 1024 * 1024;

/// Why a body cannot be decompressed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum DecompressError {
    NotGzip,
    TooLarge,
}

/// Decompresses a body whose header or first bytes indicate gzip.
pub(super) fn decompress(body: &[u8], is_gzip: bool) -> Result<Cow<'_, [u8]>, DecompressError> {
    if !is_gzip && !body.starts_with(&[0x1F, 0x8B]) {
        return Ok(Cow::Borrowed(body));
    }
    let mut plain = Vec::new();
    let read = MultiGzDecoder::new(body).take(MAX_DECOMPRESSED as u64 + 1).read_to_end(&mut plain);
    match read {
        Ok(length) if length > MAX_DECOMPRESSED => Err(DecompressError::TooLarge),
        Ok(_) => Ok(Cow::Owned(plain)),
        Err(_) => Err(DecompressError::NotGzip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn decompression_bomb_is_refused() {
        let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..=MAX_DECOMPRESSED / 65536 {
            bomb.write_all(&[b' '; 65536]).unwrap();
        }
        let bomb = bomb.finish().unwrap();
        assert_eq!(decompress(&bomb, true), Err(DecompressError::TooLarge));
        assert_eq!(decompress(b"plain", true), Err(DecompressError::NotGzip));
    }
}
