//! Filters decide which records pass, and may change them.
//!
//! A filter of a logger receives the records that are logged there; a filter of a handler, all records that reach the
//! handler. Filters run in order, until one rejects the record. Later filters and handlers receive a changed record.
//!
//! | filter | `()` in a configuration |
//! | --- | --- |
//! | [`NameFilter`] | none, `name = "shop"`; `logging.Filter` |
//! | [`CallbackFilter`], any function | `callback`, `django.utils.log.CallbackFilter`, with `callback = "name"` |
//! | [`RequireDebugFalse`], [`RequireDebugTrue`] | `require_debug_false`, `require_debug_true`, and Django's names |

mod callback;
mod filter;
mod name;
mod require_debug;

pub use callback::{Callback, CallbackFilter};
pub use filter::Filter;
pub(crate) use filter::all_pass;
pub use name::NameFilter;
pub use require_debug::{RequireDebugFalse, RequireDebugTrue};
