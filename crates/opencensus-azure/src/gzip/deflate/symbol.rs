//! The symbols of the format: bytes, lengths and distances (RFC 1951, 3.2.5).

/// How many symbols there are for bytes, the end of a block and lengths.
pub(super) const LITERALS: usize = 286;
/// How many symbols there are for distances.
pub(super) const DISTANCES: usize = 30;
/// The symbol that ends a block.
pub(super) const END: usize = 256;

pub(super) const MIN_LENGTH: usize = 3;
pub(super) const MAX_LENGTH: usize = 258;
pub(crate) const MAX_DISTANCE: usize = 32 * 1024;

/// A symbol, and the bits after its code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Symbol {
    pub(super) number: usize,
    pub(super) extra: u64,
    pub(super) extra_bits: u32,
}

/// The symbol of a length above the shortest one.
#[inline]
pub(super) fn length(above: u8) -> Symbol {
    match above {
        255 => Symbol { number: 285, extra: 0, extra_bits: 0 },
        above => Symbol { number: 257 + group(above.into(), 4).number, ..group(above.into(), 4) },
    }
}

/// The symbol of a distance above 1.
#[inline]
pub(super) fn distance(above: u16) -> Symbol {
    group(above.into(), 2)
}

/// Each power of two is divided among `first` symbols, which is 4 for lengths and 2 for distances. Extra bits distinguish the
/// numbers of a symbol.
#[inline]
fn group(number: u32, first: u32) -> Symbol {
    let extra_bits = (number | first).ilog2() - first.ilog2();
    Symbol {
        number: (extra_bits * first + (number >> extra_bits)) as usize,
        extra: u64::from(number & ((1 << extra_bits) - 1)),
        extra_bits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_those_of_the_format() {
        for (bytes, number, extra, extra_bits) in [
            (3, 257, 0, 0),
            (10, 264, 0, 0),
            (11, 265, 0, 1),
            (12, 265, 1, 1),
            (18, 268, 1, 1),
            (19, 269, 0, 2),
            (130, 280, 15, 4),
            (131, 281, 0, 5),
            (257, 284, 30, 5),
            (258, 285, 0, 0),
        ] {
            assert_eq!(length((bytes - MIN_LENGTH) as u8), Symbol { number, extra, extra_bits }, "{bytes}");
        }
        for (bytes, number, extra, extra_bits) in [
            (1, 0, 0, 0),
            (4, 3, 0, 0),
            (5, 4, 0, 1),
            (6, 4, 1, 1),
            (7, 5, 0, 1),
            (9, 6, 0, 2),
            (24_577, 29, 0, 13),
            (MAX_DISTANCE, 29, 8191, 13),
        ] {
            assert_eq!(distance((bytes - 1) as u16), Symbol { number, extra, extra_bits }, "{bytes}");
        }
    }
}
