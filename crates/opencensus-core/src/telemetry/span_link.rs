//! Links between spans.

use crate::attribute::Attribute;
use crate::propagation::TraceContext;

/// Another span that has to do with this one.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The other span.
    pub context: TraceContext,
    /// More about the relation.
    pub attributes: Vec<Attribute>,
}
