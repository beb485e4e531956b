//! `/search`: items of all kinds, newest first, with the box, the counts by kind and the facets.

mod address;
mod chips;
mod facet_list;
mod kind_mark;
mod page;
mod result;
mod rows;

pub(super) use page::page;
