//! Compression of batches.

use std::io;

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Status};

/// The largest window, 15, in the form that asks for a gzip header and trailer: see zlib's `deflateInit2`.
const GZIP_WINDOW_BITS: i32 = 15 + 16;

/// The bytes that the compressor gets at a time: with small parts, each call costs more than its bytes.
const PIECE: usize = 64 * 1024;

/// Compresses the concatenation of these parts at a level of zlib. `expected` is a guess of the result's length.
///
/// Uses `zlib-rs` by itself: as a backend of `flate2` it would replace the backend of other crates. Its feature `std` makes it
/// use the processor's vector instructions.
pub(crate) fn gzip<'a>(parts: impl Iterator<Item = &'a [u8]>, level: i32, expected: usize) -> io::Result<Vec<u8>> {
    let config = DeflateConfig { level, window_bits: GZIP_WINDOW_BITS, ..DeflateConfig::default() };
    let mut output = Output { deflate: Deflate::new_with_config(config), bytes: vec![0; expected], len: 0 };
    let mut piece = Vec::with_capacity(PIECE);
    for part in parts {
        if piece.len() + part.len() > PIECE {
            output.write(&piece, DeflateFlush::NoFlush)?;
            piece.clear();
        }
        piece.extend_from_slice(part);
    }
    output.write(&piece, DeflateFlush::Finish)?;
    output.bytes.truncate(output.len);
    Ok(output.bytes)
}

struct Output {
    deflate: Deflate,
    bytes: Vec<u8>,
    len: usize,
}

impl Output {
    fn write(&mut self, mut input: &[u8], flush: DeflateFlush) -> io::Result<()> {
        loop {
            if self.len == self.bytes.len() {
                self.bytes.resize(self.bytes.len() * 2 + 64, 0);
            }
            let (read, written) = (self.deflate.total_in(), self.deflate.total_out());
            let status = self.deflate.compress(input, &mut self.bytes[self.len..], flush);
            let status = status.map_err(|error| io::Error::other(error.as_str()))?;
            input = input.get((self.deflate.total_in() - read) as usize..).unwrap_or_default();
            self.len += (self.deflate.total_out() - written) as usize;
            let is_done = match flush {
                DeflateFlush::Finish => status == Status::StreamEnd,
                // Output that is still pending comes with the next call.
                _ => input.is_empty() && self.len < self.bytes.len(),
            };
            if is_done {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_round_trips_whatever_the_guess() {
        let text: Vec<u8> = (0..100_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        for len in [0, 1, 63, 64, 65, 1000, 65_536, text.len()] {
            for (level, expected) in [(1, 0), (2, 64), (7, len + 100)] {
                let (first, second) = text[..len].split_at(len / 3);
                let compressed = gzip([first, second].into_iter(), level, expected).unwrap();
                assert_eq!(compressed[..2], [0x1f, 0x8b]);
                assert_eq!(unzipped(&compressed), &text[..len], "{len} bytes at level {level}");
            }
        }
    }

    fn unzipped(compressed: &[u8]) -> Vec<u8> {
        let mut text = vec![0; 500_000];
        let mut inflate = zlib_rs::Inflate::new(true, 15 + 16);
        let status = inflate.decompress(compressed, &mut text, zlib_rs::InflateFlush::Finish).unwrap();
        assert_eq!(status, Status::StreamEnd);
        text.truncate(inflate.total_out() as usize);
        text
    }
}
