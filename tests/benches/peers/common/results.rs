//! The costs of all cases, to look up and to compare.

use crate::cases::{Case, Kind};
use crate::measure::Cost;
use crate::parents::Request;
use crate::share::Share;

/// The costs of all cases, above bare.
#[derive(Clone, Copy)]
pub(crate) struct Results<'a>(pub(crate) &'a [(Case, Cost)]);

impl<'a> Results<'a> {
    /// `called`: with a caller's trace, in whatever header the middleware reads.
    pub(crate) fn of(self, case: impl Fn(&Case) -> bool, share: Share, called: bool) -> Option<&'a Cost> {
        self.cases(share, called).find(|(found, _)| case(found)).map(|(_, cost)| cost)
    }

    pub(crate) fn ours(self, with_context: bool, share: Share, called: bool) -> Option<&'a Cost> {
        self.of(|case| case.middleware.kind() == Kind::Ours { with_context }, share, called)
    }

    /// The published crate that takes the least time of the request's thread.
    pub(crate) fn best_peer(self, share: Share, called: bool) -> Option<&'a (Case, Cost)> {
        self.cases(share, called)
            .filter(|(case, _)| case.middleware.kind() == Kind::Peer)
            .min_by(|(_, a), (_, b)| a.time.thread.total_cmp(&b.time.thread))
    }

    /// The time of the request's thread, as a share of the best peer's.
    pub(crate) fn ratio(self, with_context: bool, share: Share, called: bool) -> Option<f64> {
        let (_, peer) = self.best_peer(share, called)?;
        Some(self.ours(with_context, share, called)?.time.thread / peer.time.thread)
    }

    fn cases(self, share: Share, called: bool) -> impl Iterator<Item = &'a (Case, Cost)> {
        let matches = move |case: &Case| case.share == share && (case.request != Request::Plain) == called;
        self.0.iter().filter(move |(case, _)| matches(case))
    }
}
