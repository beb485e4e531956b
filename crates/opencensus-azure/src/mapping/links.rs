//! Links of a span.

use std::fmt::Write as _;

use opencensus_core::Link;

use crate::envelope::fields;

/// The property `_MS.links`: the JSON of Microsoft's exporters without spaces, with as many links as
/// fit into a property.
pub(crate) fn links(links: &[Link]) -> String {
    let mut text = String::from("[");
    for link in links {
        // A link has 83 characters at most, so 98 of them fit.
        if text.len() + 84 > fields::PROPERTY_VALUE.limit {
            break;
        }
        let comma = if text.len() > 1 { "," } else { "" };
        let (trace, span) = (link.context.trace_id(), link.context.span_id());
        let _ = write!(text, "{comma}{{\"operation_Id\":\"{trace}\",\"id\":\"{span}\"}}");
    }
    text.push(']');
    text
}
