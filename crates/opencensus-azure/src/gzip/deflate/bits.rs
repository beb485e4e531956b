//! Writes codes of any number of bits.

/// Appends codes to bytes, the least significant bit first.
#[derive(Debug, Default)]
pub(crate) struct BitWriter {
    // Longer than what is written, so that eight bytes can be stored at a time.
    bytes: Vec<u8>,
    len: usize,
    // Bits that are not in `bytes` yet: at most 7 between two calls.
    pending: u64,
    count: u32,
}

/// How many bits one call writes at most.
pub(super) const MAX_BITS: u32 = 56;

impl BitWriter {
    /// Continues after these bytes.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { len: bytes.len(), bytes, pending: 0, count: 0 }
    }

    /// Appends the lowest `count` bits of `code`, [`MAX_BITS`] at most. The others must be zero.
    ///
    /// Stores eight bytes whatever `count` is: a branch on the number of complete bytes would be mispredicted for every third code.
    #[inline]
    pub(super) fn write(&mut self, code: u64, count: u32) {
        debug_assert!(count <= MAX_BITS && code >> count == 0, "{code:b} in {count} bits");
        self.pending |= code << self.count;
        self.count += count;
        if self.bytes.len() < self.len + 8 {
            self.bytes.resize(self.len * 2 + 64, 0);
        }
        if let Some(next) = self.bytes[self.len..].first_chunk_mut() {
            *next = self.pending.to_le_bytes();
        }
        self.len += self.count as usize / 8;
        self.pending >>= self.count & !7;
        self.count &= 7;
    }

    /// The bytes, the last one filled with zeros.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.write(0, 7);
        self.bytes.truncate(self.len);
        self.bytes
    }
}
