//! Finds codes: frequent symbols have few bits (Huffman's algorithm).

use crate::gzip::deflate::symbol::Symbol;

/// The codes of an alphabet of `N` symbols, with at most `MAX` bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Codes<const N: usize> {
    /// The bits of each code; 0 for a symbol that does not occur.
    pub(super) lengths: [u8; N],
    /// The codes with their first bit as the lowest one.
    pub(super) codes: [u16; N],
}

impl<const N: usize> Codes<N> {
    /// The codes for symbols with these frequencies, of at most `longest` bits.
    pub(super) fn of(frequencies: &[u32; N], longest: usize) -> Self {
        let mut occurring: Vec<(u32, usize)> = Vec::with_capacity(N);
        occurring
            .extend(frequencies.iter().enumerate().filter(|(_, count)| **count > 0).map(|(at, count)| (*count, at)));
        occurring.sort_unstable();
        let mut lengths = [0; N];
        let counts = counts_of_lengths(&occurring, longest);
        // The rarest symbols have the longest codes.
        let longest_first = (1..=longest).rev().flat_map(|length| std::iter::repeat_n(length as u8, counts[length]));
        for ((_, symbol), length) in occurring.iter().zip(longest_first) {
            lengths[*symbol] = length;
        }
        Self { codes: codes(&lengths), lengths }
    }

    /// The code of a symbol with the bits after it, and their number.
    #[inline]
    pub(super) fn with_extra(&self, symbol: Symbol) -> (u64, u32) {
        let bits = u32::from(self.lengths[symbol.number]);
        (u64::from(self.codes[symbol.number]) | symbol.extra << bits, bits + symbol.extra_bits)
    }
}

/// How many codes have each length, for symbols that are sorted by frequency.
fn counts_of_lengths(sorted: &[(u32, usize)], longest: usize) -> [usize; 16] {
    let mut counts = [0; 16];
    if sorted.len() < 2 {
        counts[1] = sorted.len();
        return counts;
    }
    for depth in depths(sorted) {
        counts[depth.min(longest)] += 1;
    }
    // Codes that were cut take room that others must give back: a code below the limit becomes two that are longer by a bit.
    let mut taken: usize = (1..=longest).map(|length| counts[length] << (longest - length)).sum();
    while taken > 1 << longest {
        counts[longest] -= 1;
        if let Some(length) = (1..longest).rev().find(|length| counts[*length] > 0) {
            counts[length] -= 1;
            counts[length + 1] += 2;
        }
        taken -= 1;
    }
    counts
}

/// The depth of each symbol in Huffman's tree, for symbols that are sorted by frequency. Joined nodes come in the order of their sums, so two
/// queues suffice.
fn depths(sorted: &[(u32, usize)]) -> Vec<usize> {
    let leaves = sorted.len();
    let mut sums: Vec<u32> = sorted.iter().map(|(count, _)| *count).collect();
    let mut parents = vec![0; 2 * leaves - 1];
    let (mut leaf, mut joined) = (0, leaves);
    for parent in leaves..2 * leaves - 1 {
        let mut smallest = || {
            let is_leaf = leaf < leaves && (joined >= parent || sums[leaf] <= sums[joined]);
            let next = if is_leaf { &mut leaf } else { &mut joined };
            *next += 1;
            parents[*next - 1] = parent;
            sums[*next - 1]
        };
        let sum = smallest() + smallest();
        sums.push(sum);
    }
    let mut depths = vec![0; 2 * leaves - 1];
    for node in (0..2 * leaves - 2).rev() {
        depths[node] = depths[parents[node]] + 1;
    }
    depths.truncate(leaves);
    depths
}

/// The codes with these lengths: consecutive numbers among codes of a length (RFC 1951, 3.2.2).
fn codes<const N: usize>(lengths: &[u8; N]) -> [u16; N] {
    let mut next = [0_u32; 17];
    for length in lengths.iter().filter(|length| **length > 0) {
        next[usize::from(*length) + 1] += 1;
    }
    for length in 1..17 {
        next[length] = (next[length] + next[length - 1]) << 1;
    }
    let mut codes = [0; N];
    for (code, length) in codes.iter_mut().zip(lengths).filter(|(_, length)| **length > 0) {
        let number = &mut next[usize::from(*length)];
        *code = (*number as u16).reverse_bits() >> (16 - *length);
        *number += 1;
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_the_formats_example_are_the_same() {
        let expected = [0b010, 0b011, 0b100, 0b101, 0b110, 0b00, 0b1110, 0b1111];
        let lengths = [3, 3, 3, 3, 3, 2, 4, 4];
        let reversed = |code: u16, length: u8| code.reverse_bits() >> (16 - length);
        let codes = codes(&lengths);
        assert_eq!(std::array::from_fn(|at| reversed(codes[at], lengths[at])), expected);
    }

    #[test]
    fn codes_are_complete_and_short_enough_whatever_the_frequencies_are() {
        let mut fibonacci = [1; 30];
        (2..30).for_each(|at| fibonacci[at] = fibonacci[at - 1] + fibonacci[at - 2]);
        for frequencies in [fibonacci, [1; 30], std::array::from_fn(|at| (at as u32 % 3) * 1000)] {
            for longest in [7, 15] {
                let codes = Codes::of(&frequencies, longest);
                let used = codes.lengths.iter().filter(|length| **length > 0);
                assert_eq!(used.clone().map(|length| 1 << (15 - length)).sum::<u32>(), 1 << 15, "{codes:?}");
                assert!(used.clone().all(|length| usize::from(*length) <= longest), "{codes:?}");
                let is_ordered = |(at, other): (usize, usize)| {
                    frequencies[at] <= frequencies[other] || codes.lengths[at] <= codes.lengths[other]
                };
                let pairs = (0..30).flat_map(|at| (0..30).map(move |other| (at, other)));
                let occurring = pairs.filter(|(at, other)| frequencies[*at] > 0 && frequencies[*other] > 0);
                assert!(occurring.into_iter().all(is_ordered), "frequent symbols have the shorter codes: {codes:?}");
            }
        }
    }

    #[test]
    fn single_symbol_has_one_bit_and_none_has_no_code() {
        assert_eq!(Codes::of(&[0, 7, 0], 15).lengths, [0, 1, 0]);
        assert_eq!(Codes::of(&[0, 0, 0], 15).lengths, [0, 0, 0]);
    }
}
