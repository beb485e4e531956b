//! The account that all processes share.

/// What the root folder's file `usage` holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Usage {
    /// Bytes of all files. Too high after a crash, never too low.
    pub(super) used: u64,
    /// Changes whenever a process has evicted another's segments.
    pub(super) evictions: u64,
    /// Items that were dropped for lack of room since the account began. Too high after a crash, never too low.
    pub(super) evicted: u64,
    /// The store's clock in milliseconds.
    pub(super) clock: u64,
    /// The system's clock at the last look, in milliseconds since 1970.
    pub(super) wall: u64,
}

/// Bytes of the file.
pub(super) const SIZE: u64 = 52;
const MAGIC: &[u8; 8] = b"ocusage2";

impl Usage {
    pub(super) fn encode(self) -> Vec<u8> {
        let mut file = MAGIC.to_vec();
        for number in [self.used, self.evictions, self.evicted, self.clock, self.wall] {
            file.extend_from_slice(&number.to_le_bytes());
        }
        let crc = crc32fast::hash(&file);
        file.extend_from_slice(&crc.to_le_bytes());
        file
    }

    /// `None` if the file is damaged.
    pub(super) fn decode(file: &[u8]) -> Option<Self> {
        let number = |at: usize| Some(u64::from_le_bytes(*file.get(8 + at * 8..)?.first_chunk()?));
        let usage =
            Self { used: number(0)?, evictions: number(1)?, evicted: number(2)?, clock: number(3)?, wall: number(4)? };
        (usage.encode() == file).then_some(usage)
    }

    /// Seconds of the store's clock.
    pub(super) fn seconds(&self) -> u64 {
        self.clock / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_account_is_refused() {
        let usage = Usage { used: 1, evictions: 2, evicted: 3, clock: 4, wall: 5 };
        let file = usage.encode();
        assert_eq!(file.len() as u64, SIZE);
        assert_eq!(Usage::decode(&file), Some(usage));
        for at in 0..file.len() {
            let mut flipped = file.clone();
            flipped[at] ^= 1;
            assert_eq!(Usage::decode(&flipped), None);
            assert_eq!(Usage::decode(&file[..at]), None);
        }
    }
}
