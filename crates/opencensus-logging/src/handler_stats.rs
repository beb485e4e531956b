//! Counts of a handler's records and mails.

/// Counts of a handler's records.
///
/// # Examples
///
/// ```
/// use opencensus_logging::handlers::NullHandler;
/// use opencensus_logging::{Level, Logging};
///
/// let logging = Logging::builder().build();
/// logging.add_handler("shop", "null", Level::INFO, NullHandler);
/// logging.get_logger("shop").warning("no chairs left");
/// let stats = logging.stats().handlers["null"];
/// assert_eq!((stats.handled, stats.lost()), (1, 0));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct HandlerStats {
    /// Records that the handler handled, or handed on as mails.
    pub handled: u64,
    /// Of the handled records, those whose values did not fit their message, or that lacked a field of the format: they
    /// were written with the placeholders. In [Python's dialect](crate::Dialect::Python) they are lost instead.
    pub unfilled: u64,
    /// Records that were dropped because the handler's queue was full.
    pub full: u64,
    /// Records that the handler failed to write. In a child that a process forks while the handler is busy, records that
    /// found no thread count as well, together with those of the parent at that time: at most 16.
    pub failed: u64,
    /// Records that arrived after the handler was closed.
    pub closed: u64,
    /// Records in the handler's queue, with the one that is being written. After a
    /// [`shutdown`](crate::Logging::shutdown) that took too long, these are lost when the process ends.
    pub waiting: u64,
    /// The handler's mails, if it sends any.
    pub mails: MailStats,
}

/// Counts of a handler's mails. Always `accepted + recovered = delivered + waiting + stored + lost`. Mails that are
/// sent at once (`spool = false`) are in none of these counts: their records count as handled or failed.
///
/// # Examples
///
/// ```
/// for (name, handler) in opencensus_logging::Logging::global().stats().handlers {
///     assert!(handler.mails.balances());
///     println!("{name}: {} mails wait, {} are lost", handler.mails.waiting, handler.mails.lost);
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct MailStats {
    /// Mails of this process. A mail that is refused for some of its recipients becomes several mails.
    pub accepted: u64,
    /// Mails of an earlier process, or of an earlier handler of the same name.
    pub recovered: u64,
    /// Mails that the mail backend accepted, such as the mail server.
    pub delivered: u64,
    /// Mails that wait for the mail backend.
    pub waiting: u64,
    /// Mails that were left in the spool folder, for the next process.
    pub stored: u64,
    /// Mails that were given up.
    pub lost: u64,
    /// Files of the spool folder that are not taken for mails: links, pipes, files of other users, and files that are
    /// torn or too large. They stay in the folder. This counts files, not mails.
    pub refused_files: u64,
    /// Records whose summary found no room among the waiting mails. This counts records, not mails.
    pub unsummarized: u64,
}

impl MailStats {
    /// Whether each mail is counted once: `accepted + recovered = delivered + waiting + stored + lost`.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.accepted + self.recovered == self.delivered + self.waiting + self.stored + self.lost
    }
}

impl HandlerStats {
    /// Records and mails that are lost.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.full + self.failed + self.closed + self.mails.lost + self.mails.unsummarized
    }

    /// Adds the counts of another handler of the same name, such as that of an earlier configuration.
    pub(crate) fn add(&mut self, other: Self) {
        let sums = [
            (&mut self.handled, other.handled),
            (&mut self.unfilled, other.unfilled),
            (&mut self.full, other.full),
            (&mut self.failed, other.failed),
            (&mut self.closed, other.closed),
            (&mut self.waiting, other.waiting),
            (&mut self.mails.accepted, other.mails.accepted),
            (&mut self.mails.recovered, other.mails.recovered),
            (&mut self.mails.delivered, other.mails.delivered),
            (&mut self.mails.waiting, other.mails.waiting),
            (&mut self.mails.stored, other.mails.stored),
            (&mut self.mails.lost, other.mails.lost),
            (&mut self.mails.refused_files, other.mails.refused_files),
            (&mut self.mails.unsummarized, other.mails.unsummarized),
        ];
        sums.into_iter().for_each(|(sum, more)| *sum += more);
    }
}
