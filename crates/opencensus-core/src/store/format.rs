//! The format of segments and journals, version 1. Numbers are little-endian.
//!
//! | segment | bytes | journal | bytes |
//! | --- | --- | --- | --- |
//! | `ocstore\n` | 8 | `ocjourn\n` | 8 |
//! | version | 2 | version | 2 |
//! | class: 1 for failures, 0 for successes | 1 | 0 | 2 |
//! | 0 | 1 | | |
//! | destination | 16 | destination | 16 |
//! | stamp | 8 | stamp | 8 |
//! | number of items | 4 | CRC-32 of the header | 4 |
//! | bytes of all items with their heads | 8 | | |
//! | CRC-32 of the header | 4 | | |
//!
//! Then each item: length (4), operation (8), flags (1; bit 0: failure) and bytes. A segment ends with the CRC-32 of
//! all items. In a journal each item starts with the byte `F1` and ends with its own CRC-32, and everything from the
//! first invalid item on is its torn tail.

use crate::exporter::{Destination, Mark};

const VERSION: u16 = 1;
const SEGMENT: &[u8; 8] = b"ocstore\n";
const JOURNAL: &[u8; 8] = b"ocjourn\n";
const SEGMENT_HEADER: usize = 52;
const JOURNAL_HEADER: usize = 40;
const ITEM_HEAD: usize = 13;
const FRAME: u8 = 0xF1;
const CRC: usize = 4;

/// Why a file cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum FormatError {
    #[error("the file is shorter than it was written")]
    Torn,
    #[error("the file is damaged")]
    Corrupt,
    #[error("the file has a later version")]
    FutureVersion,
    #[error("the file belongs to another destination")]
    Foreign,
}

/// An item of a file.
pub(super) type Item<'a> = (&'a [u8], Mark);

/// Bytes that a segment takes.
pub(super) fn segment_size(items: &[Item<'_>]) -> u64 {
    let payload: usize = items.iter().map(|(bytes, _)| ITEM_HEAD + bytes.len()).sum();
    (SEGMENT_HEADER + payload + CRC) as u64
}

/// Bytes of the items in a segment of this size.
pub(super) fn bytes_of_items(size: u64, items: u32) -> usize {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    size.saturating_sub(SEGMENT_HEADER + CRC + ITEM_HEAD * items as usize)
}

/// Writes a segment.
pub(super) fn encode_segment(destination: Destination, stamp: u64, is_failure: bool, items: &[Item<'_>]) -> Vec<u8> {
    let size = segment_size(items) as usize;
    let mut file = Vec::with_capacity(size);
    file.extend_from_slice(SEGMENT);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&[u8::from(is_failure), 0]);
    file.extend_from_slice(&destination.to_bytes());
    file.extend_from_slice(&stamp.to_le_bytes());
    file.extend_from_slice(&(items.len() as u32).to_le_bytes());
    file.extend_from_slice(&((size - SEGMENT_HEADER - CRC) as u64).to_le_bytes());
    push_crc(&mut file, 0);
    for &item in items {
        push_item(&mut file, item);
    }
    push_crc(&mut file, SEGMENT_HEADER);
    file
}

/// Reads a segment. Every byte of the file must be as it was written.
pub(super) fn decode_segment(file: &[u8], destination: Destination) -> Result<Vec<Item<'_>>, FormatError> {
    let mut reader = header(file, SEGMENT, SEGMENT_HEADER)?;
    let class = reader.array::<2>()?;
    let is_foreign = reader.array::<16>()? != destination.to_bytes();
    reader.array::<8>()?;
    let (count, payload) = (u32::from_le_bytes(reader.array()?), u64::from_le_bytes(reader.array()?));
    if !matches!(class, [0 | 1, 0]) {
        return Err(FormatError::Corrupt);
    }
    if is_foreign {
        return Err(FormatError::Foreign);
    }
    let rest = &file[SEGMENT_HEADER..];
    let payload = usize::try_from(payload).map_err(|_| FormatError::Corrupt)?;
    match rest.len().checked_sub(CRC) {
        Some(len) if len == payload => {}
        Some(len) if len > payload => return Err(FormatError::Corrupt),
        _ => return Err(FormatError::Torn),
    }
    let (payload, crc) = rest.split_at(payload);
    if crc32fast::hash(payload).to_le_bytes() != crc {
        return Err(FormatError::Corrupt);
    }
    let mut reader = Reader(payload);
    let mut items = Vec::new();
    while !reader.0.is_empty() {
        items.push(reader.item()?);
    }
    if items.len() == count as usize { Ok(items) } else { Err(FormatError::Corrupt) }
}

/// The start of a journal.
pub(super) fn journal_header(destination: Destination, stamp: u64) -> Vec<u8> {
    let mut file = Vec::with_capacity(JOURNAL_HEADER);
    file.extend_from_slice(JOURNAL);
    file.extend_from_slice(&VERSION.to_le_bytes());
    file.extend_from_slice(&[0, 0]);
    file.extend_from_slice(&destination.to_bytes());
    file.extend_from_slice(&stamp.to_le_bytes());
    push_crc(&mut file, 0);
    file
}

/// The bytes that a journal adds to each item.
pub(super) const FRAME_SIZE: usize = 1 + ITEM_HEAD + CRC;

/// Adds an item to a journal.
pub(super) fn push_frame(file: &mut Vec<u8>, item: Item<'_>) {
    let start = file.len();
    file.push(FRAME);
    push_item(file, item);
    push_crc(file, start);
}

/// The items of a journal up to its torn tail.
pub(super) fn decode_journal(file: &[u8], destination: Destination) -> Result<Vec<Item<'_>>, FormatError> {
    let mut reader = header(file, JOURNAL, JOURNAL_HEADER)?;
    if reader.array::<2>()? != [0, 0] {
        return Err(FormatError::Corrupt);
    }
    if reader.array::<16>()? != destination.to_bytes() {
        return Err(FormatError::Foreign);
    }
    let mut reader = Reader(&file[JOURNAL_HEADER..]);
    let mut items = Vec::new();
    while let Ok(item) = reader.frame() {
        items.push(item);
    }
    Ok(items)
}

fn push_item(file: &mut Vec<u8>, (bytes, mark): Item<'_>) {
    file.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    file.extend_from_slice(&mark.operation.to_le_bytes());
    file.push(u8::from(mark.is_failure));
    file.extend_from_slice(bytes);
}

fn push_crc(file: &mut Vec<u8>, start: usize) {
    let crc = crc32fast::hash(&file[start..]);
    file.extend_from_slice(&crc.to_le_bytes());
}

/// Checks the header and returns a reader behind the version.
fn header<'a>(file: &'a [u8], magic: &[u8; 8], size: usize) -> Result<Reader<'a>, FormatError> {
    let mut reader = Reader(file);
    if reader.array::<8>()? != *magic {
        return Err(FormatError::Corrupt);
    }
    match u16::from_le_bytes(reader.array()?) {
        VERSION => {}
        0 => return Err(FormatError::Corrupt),
        _ => return Err(FormatError::FutureVersion),
    }
    let (header, crc) = file.get(..size).ok_or(FormatError::Torn)?.split_at(size - CRC);
    if crc32fast::hash(header).to_le_bytes() != crc {
        return Err(FormatError::Corrupt);
    }
    Ok(reader)
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, len: usize) -> Result<&'a [u8], FormatError> {
        let (bytes, rest) = self.0.split_at_checked(len).ok_or(FormatError::Torn)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], FormatError> {
        self.bytes(N)?.try_into().map_err(|_| FormatError::Torn)
    }

    fn item(&mut self) -> Result<Item<'a>, FormatError> {
        let len = u32::from_le_bytes(self.array()?) as usize;
        let operation = u64::from_le_bytes(self.array()?);
        let is_failure = match self.array()? {
            [flags @ (0 | 1)] => flags == 1,
            _ => return Err(FormatError::Corrupt),
        };
        Ok((self.bytes(len)?, Mark { operation, is_failure }))
    }

    fn frame(&mut self) -> Result<Item<'a>, FormatError> {
        let start = self.0;
        if self.array()? != [FRAME] {
            return Err(FormatError::Torn);
        }
        let item = self.item()?;
        let frame = &start[..start.len() - self.0.len()];
        if crc32fast::hash(frame).to_le_bytes() == self.array()? { Ok(item) } else { Err(FormatError::Corrupt) }
    }
}
