//! Pseudo-random numbers that are the same in every run.

/// The SplitMix64 generator.
pub struct Random(u64);

impl Random {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number, uniform over all of `u64`.
    #[expect(clippy::should_implement_trait, reason = "the sequence has no end, so an iterator would not fit")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which must not be 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// A number in `0.0..1.0`.
    pub fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// `true` in half of the calls.
    pub fn flag(&mut self) -> bool {
        self.next() & 1 == 0
    }

    /// One element of a slice, which must not be empty.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// The number of cases that a test runs: the environment variable `CASES`, or else `default`.
pub fn cases(default: usize) -> usize {
    std::env::var("CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
