//! Links between spans.

use crate::attribute::{Attribute, attributes_size};
use crate::propagation::TraceContext;

/// A link to another span that is related to this one but is not its parent, as in OpenTelemetry.
///
/// # Examples
///
/// ```
/// use opencensus_core::{Link, TraceContext};
///
/// let other = TraceContext::parse(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").expect("it is valid");
/// assert!(Link::new(other).attributes.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Link {
    /// The context of the other span.
    pub context: TraceContext,
    /// Its attributes. Default: none.
    pub attributes: Vec<Attribute>,
}

impl Link {
    /// Creates a link without attributes.
    #[must_use]
    pub fn new(context: TraceContext) -> Self {
        Self { context, attributes: Vec::new() }
    }

    /// Sets the attributes.
    #[must_use]
    pub fn with_attributes(mut self, attributes: Vec<Attribute>) -> Self {
        self.attributes = attributes;
        self
    }

    /// Bytes in memory.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + attributes_size(&self.attributes)
    }
}
