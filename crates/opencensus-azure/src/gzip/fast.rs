//! Compresses with the compressor for batches.

use zlib_rs::crc32::crc32;

use crate::gzip::deflate::{BitWriter, Block, MAX_DISTANCE, Matcher};

/// Magic number, deflate, no flags, no time, no hint about the level, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

/// The bytes that are compressed at a time. Together with those that they may repeat, they fit into a processor's second cache.
const PIECE: usize = 64 * 1024;

/// Compresses batches. It takes about 250 KiB.
#[derive(Debug)]
pub(crate) struct FastGzip {
    // What may be repeated, and the piece that is not compressed yet.
    window: Vec<u8>,
    // Where the piece begins.
    start: usize,
    matcher: Matcher,
    block: Block,
}

/// A gzip stream that is written.
struct Stream {
    out: BitWriter,
    crc: u32,
    length: u32,
}

impl Default for FastGzip {
    fn default() -> Self {
        let window = Vec::with_capacity(MAX_DISTANCE + PIECE);
        Self { window, start: 0, matcher: Matcher::default(), block: Block::default() }
    }
}

impl FastGzip {
    /// Compresses the concatenation of these parts. `expected` is a guess of the result's length.
    pub(crate) fn compress<'a>(mut self, parts: impl Iterator<Item = &'a [u8]>, expected: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(expected.max(HEADER.len()));
        bytes.extend_from_slice(&HEADER);
        let mut stream = Stream { out: BitWriter::new(bytes), crc: 0, length: 0 };
        for mut part in parts {
            // A copy, because the compressor is much slower if it gets small parts.
            while let Some((fitting, rest)) = part.split_at_checked(self.room()) {
                self.window.extend_from_slice(fitting);
                self.compress_piece(&mut stream);
                part = rest;
            }
            self.window.extend_from_slice(part);
        }
        self.compress_piece(&mut stream);
        self.block.write(&mut stream.out, true);
        let mut bytes = stream.out.finish();
        bytes.extend_from_slice(&stream.crc.to_le_bytes());
        bytes.extend_from_slice(&stream.length.to_le_bytes());
        bytes
    }

    fn room(&self) -> usize {
        MAX_DISTANCE + PIECE - self.window.len()
    }

    fn compress_piece(&mut self, stream: &mut Stream) {
        let piece = &self.window[self.start..];
        stream.crc = crc32(stream.crc, piece);
        // The format has the length modulo 2^32.
        stream.length = stream.length.wrapping_add(piece.len() as u32);
        self.matcher.add(&self.window, self.start, &mut self.block);
        if self.block.is_full() {
            self.block.write(&mut stream.out, false);
        }
        let out_of_reach = self.window.len().saturating_sub(MAX_DISTANCE);
        self.window.drain(..out_of_reach);
        self.matcher.forget(out_of_reach);
        self.start = self.window.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(text: &[u8], parts: usize) -> usize {
        let compressed = FastGzip::default().compress(text.chunks(text.len() / parts + 1), text.len() / 6);
        let mut back = vec![0; text.len() + 1];
        let mut inflate = zlib_rs::Inflate::new(true, 15 + 16);
        let status = inflate.decompress(&compressed, &mut back, zlib_rs::InflateFlush::Finish);
        assert_eq!(status, Ok(zlib_rs::Status::StreamEnd), "{} bytes", text.len());
        back.truncate(inflate.total_out() as usize);
        assert!(back == text, "{} bytes in {parts} parts", text.len());
        compressed.len()
    }

    fn random(len: usize, symbols: u32) -> Vec<u8> {
        let mut state = 7_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % symbols
        };
        (0..len).map(|_| next() as u8).collect()
    }

    #[test]
    fn every_text_of_any_length_is_read_back() {
        for symbols in [1, 2, 3, 17, 128, 256] {
            for len in [0, 1, 2, 3, 7, 8, 9, 63, 258, 259, 517, 4096, PIECE + MAX_DISTANCE, 300_001] {
                let text = random(len, symbols);
                let compressed = round_trip(&text, 1);
                assert!(compressed <= len + len / 50 + 150, "{len} bytes of {symbols} symbols: {compressed}");
                round_trip(&text, 3);
            }
        }
    }

    #[test]
    fn repetitions_at_every_distance_are_read_back() {
        let pattern: Vec<u8> = random(40_000, 256);
        for distance in [1, 2, 3, 7, 8, 9, 257, 258, 259, 4000, MAX_DISTANCE - 1, MAX_DISTANCE, MAX_DISTANCE + 1] {
            let repeated: Vec<u8> = pattern[..distance].iter().copied().cycle().take(200_000).collect();
            let compressed = round_trip(&repeated, 5);
            let is_reached = distance <= MAX_DISTANCE;
            assert_eq!(compressed < 60_000, is_reached, "{distance}: {compressed}");
        }
    }

    #[test]
    fn skewed_frequencies_do_not_make_codes_too_long() {
        // Frequencies like Fibonacci's numbers make the deepest tree.
        let (mut text, mut count, mut next) = (Vec::new(), 1, 1);
        for symbol in 0..24 {
            text.extend(std::iter::repeat_n([symbol, 200 + symbol % 16], count).flatten());
            (count, next) = (next, count + next);
        }
        let mut mixed: Vec<u8> = random(text.len(), 256);
        let order: Vec<usize> = (0..text.len()).map(|at| at * 7919 % text.len()).collect();
        mixed.iter_mut().zip(order).for_each(|(byte, at)| *byte = text[at]);
        round_trip(&mixed, 1);
        round_trip(&text, 1);
    }

    #[test]
    fn items_that_differ_in_their_ids_take_little_more_than_the_ids() {
        let ids = random(512 * 32, 16);
        let item = |ids: &[u8]| {
            let ids: String = ids.iter().map(|digit| char::from(b"0123456789abcdef"[usize::from(*digit)])).collect();
            format!(r#",{{"name":"Microsoft.ApplicationInsights.Request","id":"{ids}","url":"https://shop.example/"}}"#)
        };
        let text: String = ids.chunks(32).map(item).collect();
        let compressed = round_trip(text.as_bytes(), 512);
        assert!(compressed < 512 * 24, "16 bytes of ids an item, and {compressed} in all");
    }
}
