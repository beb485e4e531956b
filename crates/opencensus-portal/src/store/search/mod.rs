//! Searches: conditions of the language in SQL, the matching rows, and their counts by kind and by facet.

mod condition;
mod facets;
mod functions;
mod matches;
mod page;
mod properties;
mod text;

pub(crate) use facets::{Facet, FacetValue};
pub(super) use functions::register;
pub(crate) use page::{SearchPage, SearchScope, selected_kinds};
