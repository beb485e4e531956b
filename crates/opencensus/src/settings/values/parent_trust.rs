//! What a caller's "I keep it" counts for.

use opencensus_core::ParentTrust;

use crate::settings::node::Node;
use crate::settings::values::fits;
use opencensus_settings::Checked;
use opencensus_settings::checked::{fault, inside};

/// `trust`, `if_rate_told`, `limited(10)`, `never`.
pub(crate) fn parent_trust(node: &Node) -> Checked<ParentTrust> {
    const REMEDY: &str = "write `trust`, `if_rate_told`, `never`, or `limited(10)` for ten requests a second";
    if let Node::Table(entries) = node
        && let [(key, value)] = &**entries
        && key.eq_ignore_ascii_case("limited")
    {
        return inside(key, per_second(value, REMEDY));
    }
    let Some(call) = node.call().filter(|call| call.module.is_empty()) else { return fault(node.shown(), REMEDY) };
    match (&*call.name.to_ascii_lowercase(), call.arguments.as_deref()) {
        ("trust", None) => Ok(ParentTrust::Trust),
        ("if_rate_told", None) => Ok(ParentTrust::IfRateTold),
        ("never", None) => Ok(ParentTrust::Never),
        ("limited", Some([argument])) if fits(argument, &["per_second"]) => per_second(&argument.value, REMEDY),
        _ => fault(node.shown(), REMEDY),
    }
}

fn per_second(node: &Node, remedy: &str) -> Checked<ParentTrust> {
    let number = match node {
        Node::Integer(number) => u32::try_from(*number).ok(),
        Node::Text(text) => text.value.trim().parse().ok(),
        _ => None,
    };
    match number {
        Some(per_second) => Ok(ParentTrust::Limited { per_second }),
        None => fault(node.shown(), remedy),
    }
}
