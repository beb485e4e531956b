//! `/map`: the roles, what they call, and how the calls end.

mod drawing;
mod graph;
mod layers;
mod layout;
mod lists;
mod order;
mod page;
mod panel;

pub(super) use page::page;
