//! Decompresses the body of a post.

use std::io::Read;

use axum::body::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use crate::ingest::encoding::Encoding;

/// The most bytes of a body before decompression. The server stops reading there.
pub(crate) const MAX_COMPRESSED: usize = 8 * 1024 * 1024;
/// The most bytes of a body after decompression.
pub(super) const MAX_DECOMPRESSED: usize = 16 * 1024 * 1024;

/// Why a body cannot be decompressed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum DecompressError {
    Malformed(Encoding),
    TooLarge,
}

/// Decompresses a body. Gzip is recognized by its first bytes too.
pub(super) fn decompress(body: Bytes, encoding: Encoding) -> Result<Bytes, DecompressError> {
    match encoding {
        Encoding::Identity if body.starts_with(&[0x1F, 0x8B]) => read(MultiGzDecoder::new(&*body), Encoding::Gzip),
        Encoding::Identity => Ok(body),
        Encoding::Gzip => read(MultiGzDecoder::new(&*body), Encoding::Gzip),
        // The standard means zlib; some programs send the stream without zlib's header.
        Encoding::Deflate => match read(ZlibDecoder::new(&*body), encoding) {
            Err(DecompressError::Malformed(_)) => read(DeflateDecoder::new(&*body), encoding),
            result => result,
        },
    }
}

fn read(decoder: impl Read, encoding: Encoding) -> Result<Bytes, DecompressError> {
    let mut plain = Vec::new();
    match decoder.take(MAX_DECOMPRESSED as u64 + 1).read_to_end(&mut plain) {
        Ok(length) if length > MAX_DECOMPRESSED => Err(DecompressError::TooLarge),
        Ok(_) => Ok(plain.into()),
        Err(_) => Err(DecompressError::Malformed(encoding)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn compressed(encoding: &str, plain: &[u8]) -> Bytes {
        let bytes = match encoding {
            "gzip" => {
                let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(plain).and_then(|()| encoder.finish())
            }
            "zlib" => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(plain).and_then(|()| encoder.finish())
            }
            _ => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(plain).and_then(|()| encoder.finish())
            }
        };
        bytes.unwrap().into()
    }

    #[test]
    fn every_encoding_is_decompressed() {
        for (format, encoding) in [
            ("gzip", Encoding::Gzip),
            ("gzip", Encoding::Identity),
            ("zlib", Encoding::Deflate),
            ("raw", Encoding::Deflate),
        ] {
            for plain in [b"".as_slice(), b"[]", &[b'x'; 70_000]] {
                assert_eq!(decompress(compressed(format, plain), encoding).as_deref(), Ok(plain), "{format}");
            }
        }
        assert_eq!(decompress(Bytes::from_static(b"plain"), Encoding::Identity).as_deref(), Ok(b"plain".as_slice()));
    }

    #[test]
    fn malformed_and_incomplete_bodies_are_refused() {
        for encoding in [Encoding::Gzip, Encoding::Deflate] {
            let error = DecompressError::Malformed(encoding);
            assert_eq!(decompress(Bytes::from_static(b"plain"), encoding), Err(error));
        }
        let whole = compressed("gzip", &[b'x'; 70_000]);
        let error = DecompressError::Malformed(Encoding::Gzip);
        assert_eq!(decompress(whole.slice(..whole.len() - 9), Encoding::Identity), Err(error));
    }

    #[test]
    fn decompression_bomb_is_refused() {
        for (format, encoding) in [("gzip", Encoding::Gzip), ("zlib", Encoding::Deflate), ("raw", Encoding::Deflate)] {
            let most = compressed(format, &vec![b' '; MAX_DECOMPRESSED]);
            assert_eq!(decompress(most, encoding).map(|plain| plain.len()), Ok(MAX_DECOMPRESSED), "{format}");
            let bomb = compressed(format, &vec![b' '; MAX_DECOMPRESSED + 1]);
            assert_eq!(decompress(bomb, encoding), Err(DecompressError::TooLarge), "{format}");
        }
    }
}
