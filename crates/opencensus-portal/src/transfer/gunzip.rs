//! Decompresses a stream that may be gzip.

use std::io::{self, Write as _};

use flate2::write::MultiGzDecoder;

/// The first bytes of gzip.
const MAGIC: [u8; 2] = [0x1F, 0x8B];
/// The most bytes that are decompressed at once, to about a thousand times as many.
const STEP: usize = 4096;

/// Decompresses what begins as gzip, and passes everything else on.
#[derive(Default)]
pub(super) enum Gunzip {
    /// Too few bytes have arrived.
    #[default]
    Undecided,
    First(u8),
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

impl Gunzip {
    /// Passes the decompressed bytes to `consume`, in steps of a few megabytes at most.
    ///
    /// # Errors
    ///
    /// The bytes are not gzip, or `consume` fails.
    pub(super) fn feed<E: From<io::Error>>(
        &mut self,
        chunk: &[u8],
        consume: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        match (std::mem::take(self), chunk) {
            (Self::Undecided, []) => Ok(()),
            (Self::Undecided, [first]) => {
                *self = Self::First(*first);
                Ok(())
            }
            (Self::Undecided, chunk) => self.begin(chunk, consume),
            (Self::First(first), chunk) => self.begin(&[&[first], chunk].concat(), consume),
            (Self::Plain, chunk) => {
                *self = Self::Plain;
                consume(chunk)
            }
            (Self::Gzip(mut decoder), chunk) => {
                let result = decode(&mut decoder, chunk, consume);
                *self = Self::Gzip(decoder);
                result
            }
        }
    }

    fn begin<E: From<io::Error>>(
        &mut self,
        chunk: &[u8],
        consume: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let is_gzip = chunk.starts_with(&MAGIC);
        *self = if is_gzip { Self::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))) } else { Self::Plain };
        self.feed(chunk, consume)
    }

    /// Passes the rest to `consume`.
    ///
    /// # Errors
    ///
    /// The compressed stream is incomplete, or `consume` fails.
    pub(super) fn finish<E: From<io::Error>>(self, consume: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        match self {
            Self::Undecided | Self::Plain => Ok(()),
            Self::First(first) => consume(&[first]),
            Self::Gzip(decoder) => consume(&decoder.finish()?),
        }
    }
}

fn decode<E: From<io::Error>>(
    decoder: &mut MultiGzDecoder<Vec<u8>>,
    chunk: &[u8],
    consume: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    for step in chunk.chunks(STEP) {
        decoder.write_all(step)?;
        let plain = std::mem::take(decoder.get_mut());
        consume(&plain)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn decompress(bytes: &[u8], size: usize) -> io::Result<Vec<u8>> {
        let (mut gunzip, mut plain) = (Gunzip::default(), Vec::new());
        let mut consume = |bytes: &[u8]| {
            plain.extend_from_slice(bytes);
            Ok::<_, io::Error>(())
        };
        for chunk in bytes.chunks(size) {
            gunzip.feed(chunk, &mut consume)?;
        }
        gunzip.finish(&mut consume)?;
        Ok(plain)
    }

    #[test]
    fn gzip_and_plain_text_are_read_in_chunks_of_any_size() {
        let text = "line\n".repeat(10_000);
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        let gzip = encoder.finish().unwrap();
        for size in [1, 2, 3, 100_000] {
            assert_eq!(decompress(&gzip, size).unwrap(), text.as_bytes(), "{size}");
            assert_eq!(decompress(text.as_bytes(), size).unwrap(), text.as_bytes(), "{size}");
        }
        assert!(decompress(&gzip[..gzip.len() - 4], 7).is_err(), "incomplete");
        assert_eq!((decompress(b"", 1).unwrap(), decompress(b"x", 1).unwrap()), (vec![], b"x".to_vec()));
    }
}
