//! A block of symbols with their codes (RFC 1951, 3.2.7).

use crate::gzip::deflate::bits::BitWriter;
use crate::gzip::deflate::code::Codes;
use crate::gzip::deflate::symbol::{DISTANCES, END, LITERALS, MIN_LENGTH, distance, length};

/// The bytes that a block takes. Codes of more would be shorter by little, and take more memory.
const MOST: usize = 64 * 1024;

/// The alphabet of the lengths of codes: the lengths, and three repetitions.
const LENGTHS: usize = 19;
/// The order in which the lengths of their codes are written.
const LENGTH_ORDER: [usize; LENGTHS] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const LONGEST_CODE: usize = 15;
const LONGEST_LENGTH_CODE: usize = 7;

/// Bytes and repetitions that are not written yet.
#[derive(Debug, Default)]
pub(crate) struct Block {
    literals: Vec<u8>,
    sequences: Vec<Sequence>,
    // Bytes after the last sequence.
    pending: u32,
}

/// Bytes, and the repetition that follows them.
#[derive(Clone, Copy, Debug)]
struct Sequence {
    literals: u32,
    /// Above the shortest length.
    length: u8,
    /// Above 1.
    distance: u16,
}

impl Block {
    /// Adds bytes, and a repetition that follows them: `length` is in 3..=258, `distance` in 1..=32768.
    #[inline]
    pub(super) fn push(&mut self, literals: &[u8], length: usize, distance: usize) {
        self.literals.extend_from_slice(literals);
        let literals = std::mem::take(&mut self.pending) + literals.len() as u32;
        let (length, distance) = ((length - MIN_LENGTH) as u8, (distance - 1) as u16);
        self.sequences.push(Sequence { literals, length, distance });
    }

    /// Adds bytes.
    pub(super) fn push_literals(&mut self, literals: &[u8]) {
        self.literals.extend_from_slice(literals);
        self.pending += literals.len() as u32;
    }

    /// Whether the block is to be written.
    pub(crate) fn is_full(&self) -> bool {
        self.literals.len() + self.sequences.len() * size_of::<Sequence>() >= MOST
    }

    /// Writes the block and empties it.
    pub(crate) fn write(&mut self, out: &mut BitWriter, is_last: bool) {
        let (literals, distances) = self.codes();
        out.write(is_last.into(), 1);
        // With its own codes.
        out.write(2, 2);
        write_codes(out, &literals, &distances);
        self.write_symbols(out, &literals, &distances);
        out.write(literals.codes[END].into(), literals.lengths[END].into());
        self.literals.clear();
        self.sequences.clear();
        self.pending = 0;
    }

    /// The codes of bytes and lengths, and those of distances.
    fn codes(&self) -> (Codes<LITERALS>, Codes<DISTANCES>) {
        let (mut literals, mut distances) = ([0; LITERALS], [0; DISTANCES]);
        // Two counts, because the next byte is often the same one, which would wait for the count of this one.
        let mut odd = [0_u32; 256];
        let (pairs, rest) = self.literals.as_chunks::<2>();
        for [even_byte, odd_byte] in pairs {
            literals[usize::from(*even_byte)] += 1;
            odd[usize::from(*odd_byte)] += 1;
        }
        rest.iter().for_each(|byte| odd[usize::from(*byte)] += 1);
        literals.iter_mut().zip(odd).for_each(|(count, more)| *count += more);
        literals[END] = 1;
        for sequence in &self.sequences {
            literals[length(sequence.length).number] += 1;
            distances[distance(sequence.distance).number] += 1;
        }
        (Codes::of(&literals, LONGEST_CODE), Codes::of(&distances, LONGEST_CODE))
    }

    fn write_symbols(&self, out: &mut BitWriter, literals: &Codes<LITERALS>, distances: &Codes<DISTANCES>) {
        let bytes = PackedCodes::new(literals);
        let mut rest = &self.literals[..];
        for sequence in &self.sequences {
            let (before, after) = rest.split_at(sequence.literals as usize);
            bytes.write(out, before);
            rest = after;
            let (length, length_bits) = literals.with_extra(length(sequence.length));
            let (distance, distance_bits) = distances.with_extra(distance(sequence.distance));
            out.write(length | distance << length_bits, length_bits + distance_bits);
        }
        bytes.write(out, rest);
    }
}

/// The codes of bytes, each with its number of bits above it, so that one access finds both.
struct PackedCodes([u32; 256]);

impl PackedCodes {
    fn new(codes: &Codes<LITERALS>) -> Self {
        Self(std::array::from_fn(|byte| u32::from(codes.codes[byte]) | u32::from(codes.lengths[byte]) << 16))
    }

    #[inline]
    fn of(&self, byte: u8) -> (u64, u32) {
        let packed = self.0[usize::from(byte)];
        (u64::from(packed & 0xFFFF), packed >> 16)
    }

    /// Writes three codes at a time, which have 45 bits at most.
    fn write(&self, out: &mut BitWriter, bytes: &[u8]) {
        let (triples, rest) = bytes.as_chunks::<3>();
        for triple in triples {
            let [(first, first_bits), (second, second_bits), (third, third_bits)] = triple.map(|byte| self.of(byte));
            let bits = first_bits + second_bits;
            out.write(first | second << first_bits | third << bits, bits + third_bits);
        }
        for byte in rest {
            let (code, bits) = self.of(*byte);
            out.write(code, bits);
        }
    }
}

/// Writes the lengths of the codes, which the reader makes the codes of.
fn write_codes(out: &mut BitWriter, literals: &Codes<LITERALS>, distances: &Codes<DISTANCES>) {
    let used = |lengths: &[u8], least: usize| {
        lengths.iter().rposition(|length| *length > 0).map_or(0, |last| last + 1).max(least)
    };
    let (literal_count, distance_count) = (used(&literals.lengths, 257), used(&distances.lengths, 1));
    let lengths: Vec<u8> = [&literals.lengths[..literal_count], &distances.lengths[..distance_count]].concat();
    let runs = runs(&lengths);
    let mut frequencies = [0; LENGTHS];
    runs.iter().for_each(|run| frequencies[run.symbol] += 1);
    let codes = Codes::of(&frequencies, LONGEST_LENGTH_CODE);
    let order = LENGTH_ORDER.map(|symbol| codes.lengths[symbol]);
    let order = &order[..used(&order, 4)];
    out.write(literal_count as u64 - 257, 5);
    out.write(distance_count as u64 - 1, 5);
    out.write(order.len() as u64 - 4, 4);
    order.iter().for_each(|length| out.write((*length).into(), 3));
    for run in runs {
        out.write(codes.codes[run.symbol].into(), codes.lengths[run.symbol].into());
        out.write(run.extra, run.extra_bits);
    }
}

/// A length, or a repetition of one.
struct Run {
    symbol: usize,
    extra: u64,
    extra_bits: u32,
}

fn runs(lengths: &[u8]) -> Vec<Run> {
    let mut runs = Vec::new();
    for same in lengths.chunk_by(|a, b| a == b) {
        let (length, mut left) = (same[0], same.len());
        if length > 0 {
            runs.push(Run { symbol: length.into(), extra: 0, extra_bits: 0 });
            left -= 1;
        }
        while left > 0 {
            // 18 repeats zero 11 to 138 times, 17 repeats it 3 to 10 times, 16 repeats the length before it 3 to 6 times.
            let (symbol, least, most, extra_bits) = match (length, left) {
                (_, ..3) => (length.into(), 1, 1, 0),
                (0, 11..) => (18, 11, 138, 7),
                (0, _) => (17, 3, 10, 3),
                _ => (16, 3, 6, 2),
            };
            let count = left.min(most);
            runs.push(Run { symbol, extra: (count - least) as u64, extra_bits });
            left -= count;
        }
    }
    runs
}
