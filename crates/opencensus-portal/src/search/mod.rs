//! The language of searches, such as `status:500 op:"GET /x" dur:>200ms -path`. Pure: nothing here reads the store.
//!
//! `word` cuts a text into words, `value` reads the values of a key, `query` makes terms of them, and `edit` changes a
//! text for the links of a page.

mod edit;
mod field;
mod hint;
mod query;
mod test;
mod value;
mod word;

pub(crate) use edit::{Switch, term, toggle, with_values};
pub(crate) use field::Field;
pub(crate) use query::{Clause, Query, RESOURCE_METRIC};
pub(crate) use test::{Comparison, Test};
