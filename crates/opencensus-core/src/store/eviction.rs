//! Which files are deleted when the store is full.

use crate::store::file_name::FileName;
use crate::store::scan::Found;

/// The files to delete to free this many bytes: damaged ones, then the oldest successes of all folders. `None` if they
/// are not enough, in which case nothing is to be deleted.
///
/// `is_held` holds for segments whose items are in this process's memory. What another living process has in memory is
/// not known here, and its file may be deleted. That loses nothing: the other process sends the items, or writes them
/// again because the file is no longer there, and counts them as in memory until then. Only if it is killed before, they
/// are lost as any evicted success is.
pub(super) fn plan(files: Vec<Found>, deficit: u64, is_held: impl Fn(&Found) -> bool) -> Option<Vec<Found>> {
    let is_evictable = |found: &Found| match found.name {
        FileName::SetAside(_) | FileName::Temporary => found.size > 0,
        FileName::Segment(name) => !name.is_failure && !is_held(found),
        FileName::Journal(_) | FileName::Lock | FileName::Unknown => false,
    };
    let mut evictable: Vec<_> = files.into_iter().filter(is_evictable).collect();
    evictable.sort_by_key(|found| (matches!(found.name, FileName::Segment(_)), found.name));
    let mut freed = 0_u64;
    let enough = evictable.iter().position(|found| {
        freed += found.size;
        freed >= deficit
    })?;
    evictable.truncate(enough + 1);
    Some(evictable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::file_name::{BatchName, SegmentName};

    fn segment(stamp: u64, is_failure: bool) -> Found {
        let name = SegmentName { batch: BatchName { stamp, sequence: 1, random: 0 }, is_failure, items: 1 };
        Found { folder: String::new(), name: FileName::Segment(name), path: name.to_string().into(), size: 10 }
    }

    #[test]
    fn damaged_files_and_the_oldest_successes_go_first_and_failures_never() {
        let bad = Found { name: FileName::SetAside(9), ..segment(9, true) };
        let files = vec![segment(3, false), segment(1, true), bad.clone(), segment(2, false)];
        assert_eq!(plan(files.clone(), 10, |_| false), Some(vec![bad.clone()]));
        assert_eq!(plan(files.clone(), 11, |_| false), Some(vec![bad.clone(), segment(2, false)]));
        assert_eq!(plan(files.clone(), 31, |_| false), None);
        let is_held = |found: &Found| *found == segment(2, false);
        assert_eq!(plan(files, 11, is_held), Some(vec![bad, segment(3, false)]));
    }
}
