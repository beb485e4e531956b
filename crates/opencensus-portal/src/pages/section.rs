//! The pages of the navigation.

/// A page of the navigation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Section {
    pub(super) path: &'static str,
    pub(super) title: &'static str,
    /// The key that opens it, after `g`.
    pub(super) key: char,
}

const fn section(path: &'static str, title: &'static str, key: char) -> Section {
    Section { path, title, key }
}

pub(super) const OVERVIEW: Section = section("/", "Overview", 'o');
pub(super) const SEARCH: Section = section("/search", "Search", 's');
pub(super) const MAP: Section = section("/map", "Map", 'm');
pub(super) const FAILURES: Section = section("/failures", "Failures", 'f');
pub(super) const PERFORMANCE: Section = section("/performance", "Performance", 'p');
pub(super) const AVAILABILITY: Section = section("/availability", "Availability", 'a');
pub(super) const REFUSED: Section = section("/refused", "Refused", 'r');
pub(super) const SETTINGS: Section = section("/settings", "Settings", 'e');

/// All sections, in the order of the navigation.
pub(super) const SECTIONS: [Section; 8] =
    [OVERVIEW, SEARCH, MAP, FAILURES, PERFORMANCE, AVAILABILITY, REFUSED, SETTINGS];
