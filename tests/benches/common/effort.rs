//! How many cases and requests a measurement takes.

/// The number of cases, rounds and requests. Less effort: more noise in the times, the same counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Effort {
    Full,
    /// Checks every case, but measures only the main ones.
    Quick,
}

#[allow(dead_code, reason = "not every benchmark times several processes and counts")]
impl Effort {
    /// The argument that selects [`Effort::Quick`].
    pub(crate) const QUICK: &'static str = "--quick";

    pub(crate) fn of_arguments() -> Self {
        if std::env::args().any(|argument| argument == Self::QUICK) { Self::Quick } else { Self::Full }
    }

    /// Processes in which a case is timed: the addresses of code and memory differ between them.
    pub(crate) fn processes(self) -> usize {
        match self {
            Self::Full => 3,
            Self::Quick => 1,
        }
    }

    /// Pairs of chunks in each process.
    pub(crate) fn rounds(self) -> usize {
        match self {
            Self::Full => 21,
            Self::Quick => 5,
        }
    }

    /// Requests in the two counted runs: their difference excludes start and end of the process.
    pub(crate) fn counted(self) -> (usize, usize) {
        match self {
            Self::Full => (1_000, 3_000),
            Self::Quick => (200, 600),
        }
    }
}
