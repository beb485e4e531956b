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

pub(super) const SEARCH: Section = section("/search", "Search", 's');

/// All sections, in the order of the navigation.
pub(super) const SECTIONS: [Section; 1] = [SEARCH];
