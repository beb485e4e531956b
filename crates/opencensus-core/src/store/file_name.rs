//! Names of folders and files, which hold all that a start must know, so that it opens no file.

use std::fmt;

use crate::exporter::Destination;
use crate::ids::random_below;

/// The file in the root folder that holds the lock and the account of all processes.
pub(super) const USAGE: &str = "usage";
/// The file in a sub-folder that its process keeps locked.
pub(super) const LOCK: &str = "lock";
const SET_ASIDE: &str = ".bad";

/// What all files of a batch have in common. The order is the age: oldest first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct BatchName {
    /// Seconds of the store's clock.
    pub(super) stamp: u64,
    pub(super) sequence: u64,
    pub(super) random: u32,
}

/// The name of a segment.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct SegmentName {
    pub(super) batch: BatchName,
    pub(super) is_failure: bool,
    pub(super) items: u32,
}

/// What a file is by its name.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum FileName {
    Segment(SegmentName),
    Journal(BatchName),
    /// A segment or journal that was set aside, with its stamp.
    SetAside(u64),
    Temporary,
    Lock,
    /// Not a file of the store. It is never touched.
    Unknown,
}

impl BatchName {
    pub(super) fn new(stamp: u64, sequence: u64) -> Self {
        Self { stamp, sequence, random: random_below(1 << 32) as u32 }
    }

    pub(super) fn journal(self) -> String {
        format!("{self}.journal")
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (stamp, sequence, random) = (parts.next()?, parts.next()?, parts.next()?);
        let name = Self {
            stamp: stamp.parse().ok()?,
            sequence: sequence.parse().ok()?,
            random: u32::from_str_radix(random, 16).ok()?,
        };
        // Written again, only a valid name is unchanged.
        (stamp.len() == 12 && name.to_string() == text).then_some(name)
    }
}

impl fmt::Display for BatchName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012}-{:08}-{:08x}", self.stamp, self.sequence, self.random)
    }
}

impl SegmentName {
    fn parse(text: &str) -> Option<Self> {
        let (rest, items) = text.rsplit_once('-')?;
        let (batch, class) = rest.rsplit_once('-')?;
        let is_failure = match class {
            "f" => true,
            "s" => false,
            _ => return None,
        };
        let name = Self { batch: BatchName::parse(batch)?, is_failure, items: items.parse().ok()? };
        (name.to_string().strip_suffix(".seg") == Some(text)).then_some(name)
    }
}

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}.seg", self.batch, if self.is_failure { 'f' } else { 's' }, self.items)
    }
}

impl FileName {
    pub(super) fn parse(text: &str) -> Self {
        let complete = |text: &str| {
            text.strip_suffix(".seg")
                .and_then(SegmentName::parse)
                .map(Self::Segment)
                .or_else(|| text.strip_suffix(".journal").and_then(BatchName::parse).map(Self::Journal))
        };
        let temporary = text.strip_prefix('.').and_then(|text| text.strip_suffix(".tmp"));
        match (text.strip_suffix(SET_ASIDE).and_then(complete), temporary.and_then(complete)) {
            (Some(Self::Segment(name)), _) => Self::SetAside(name.batch.stamp),
            (Some(Self::Journal(name)), _) => Self::SetAside(name.stamp),
            (_, Some(_)) => Self::Temporary,
            _ if text == LOCK => Self::Lock,
            _ => complete(text).unwrap_or(Self::Unknown),
        }
    }

    /// Whether the file counts towards the bound.
    pub(super) fn counts(self) -> bool {
        !matches!(self, Self::Lock | Self::Unknown)
    }

    /// The stamp in the name.
    pub(super) fn stamp(self) -> Option<u64> {
        match self {
            Self::Segment(name) => Some(name.batch.stamp),
            Self::Journal(name) => Some(name.stamp),
            Self::SetAside(stamp) => Some(stamp),
            Self::Temporary | Self::Lock | Self::Unknown => None,
        }
    }
}

/// The name under which a file is set aside.
pub(super) fn set_aside(name: &str) -> String {
    format!("{name}{SET_ASIDE}")
}

/// The name under which a file is written.
pub(super) fn temporary(name: &str) -> String {
    format!(".{name}.tmp")
}

/// A new name for the sub-folder of a process.
pub(super) fn new_folder(destination: Destination) -> String {
    format!("{destination}-{}-{:08x}", std::process::id(), random_below(1 << 32))
}

/// The destination of a sub-folder, as it is written in its name.
pub(super) fn folder_destination(name: &str) -> Option<&str> {
    let mut parts = name.split('-');
    let (destination, process, random) = (parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_valid = parts.next().is_none()
        && (destination.len() == 32 && is_hex(destination))
        && (random.len() == 8 && is_hex(random))
        && !process.is_empty()
        && process.bytes().all(|byte| byte.is_ascii_digit());
    is_valid.then_some(destination)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parsed_as_they_are_written_and_sort_by_age() {
        let batch = BatchName { stamp: 1_700_000_000, sequence: 7, random: 0xAB };
        let segment = SegmentName { batch, is_failure: true, items: 12 };
        assert_eq!(segment.to_string(), "001700000000-00000007-000000ab-f-12.seg");
        assert_eq!(FileName::parse(&segment.to_string()), FileName::Segment(segment));
        assert_eq!(FileName::parse(&batch.journal()), FileName::Journal(batch));
        assert_eq!(FileName::parse(&temporary(&segment.to_string())), FileName::Temporary);
        assert_eq!(FileName::parse(&set_aside(&segment.to_string())), FileName::SetAside(1_700_000_000));
        assert!(batch < BatchName { sequence: 8, random: 0, ..batch });
    }

    #[test]
    fn other_names_are_unknown() {
        for text in [
            "001700000000-00000007-000000ab-f-12.seg\n",
            "001700000000-00000007-000000ab-f-012.seg",
            "001700000000-00000007-000000ab-f-+12.seg",
            "001700000000-00000007-000000AB-f-12.seg",
            "001700000000-00000007-000000ab-x-12.seg",
            "1700000000-00000007-000000ab-f-12.seg",
            "9001700000000-00000007-000000ab-f-12.seg",
            "../001700000000-00000007-000000ab-f-12.seg",
            "001700000000-00000007-000000ab-f-99999999999.seg",
            "notes.txt",
            "",
        ] {
            assert_eq!(FileName::parse(text), FileName::Unknown, "{text:?}");
        }
    }

    #[test]
    fn folders_have_a_destination() {
        let destination = Destination::new(["a"]);
        assert_eq!(folder_destination(&new_folder(destination)), Some(&*destination.to_string()));
        assert_eq!(folder_destination("notes"), None);
        assert_eq!(folder_destination(&format!("{destination}-1-xyz")), None);
    }
}
