//! What happened to stored items.

/// What happened to items on disk since the last look.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Changes {
    /// Items found in the folders of earlier processes.
    pub(crate) recovered: usize,
    /// Items evicted because the store was full.
    pub(crate) evicted: usize,
    /// Items older than the retention.
    pub(crate) expired: usize,
    /// Items of damaged files.
    pub(crate) corrupt: usize,
    /// Files that were set aside because they are damaged or foreign.
    pub(crate) set_aside: usize,
}
