//! `${NAME}` in texts.

use crate::settings::environment::Lookup;
use crate::settings::node::Node;
use crate::settings::notation::{self, Call};
use opencensus_settings::Fault;
use opencensus_settings::redact;

/// Puts variables into every text of the tree: `${NAME}`, `${NAME:-default}` (which also stands in for
/// an empty variable), `$${` for a plain `${`. Texts that cannot be filled in are left out, each with a
/// fault.
pub(crate) fn interpolate(node: Node, lookup: Lookup<'_>) -> (Node, Vec<Fault>) {
    match node {
        Node::Text(text) => match call(&text.value) {
            // First taken apart, then filled in: no variable can change which arguments there are.
            Some(call) => fill_call(call, lookup),
            None => match opencensus_settings::interpolation::fill(&text.value, lookup) {
                Ok(text) => (Node::Text(text), Vec::new()),
                Err(faults) => (Node::Unfilled, faults),
            },
        },
        Node::List(items) => {
            let (mut filled, mut faults) = (Vec::with_capacity(items.len()), Vec::new());
            for (at, item) in items.into_iter().enumerate() {
                let (item, more) = interpolate(item, lookup);
                filled.push(item);
                faults.extend(more.into_iter().map(|fault| fault.inside(&format!("[{at}]"))));
            }
            (Node::List(filled), faults)
        }
        Node::Table(entries) => {
            let (mut filled, mut faults) = (Vec::with_capacity(entries.len()), Vec::new());
            for (key, value) in entries {
                let (value, more) = interpolate(value, lookup);
                faults.extend(more.into_iter().map(|fault| fault.inside(&redact::key(&key))));
                filled.push((key, value));
            }
            (Node::Table(filled), faults)
        }
        other => (other, Vec::new()),
    }
}

/// The call that a template is, if it has arguments and something to fill in.
fn call(template: &str) -> Option<Call> {
    let call = if template.contains("${") { notation::parse(template)? } else { return None };
    call.arguments.is_some().then_some(call)
}

fn fill_call(mut call: Call, lookup: Lookup<'_>) -> (Node, Vec<Fault>) {
    let mut faults = Vec::new();
    for argument in call.arguments.iter_mut().flatten() {
        let (value, more) = interpolate(std::mem::replace(&mut argument.value, Node::Null), lookup);
        argument.value = value;
        let name = argument.name.as_deref().unwrap_or_default();
        faults.extend(more.into_iter().map(|fault| fault.inside(name)));
    }
    (Node::Call(call), faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_cannot_change_a_calls_arguments() {
        let lookup = |_: &str| Some("x', timeout='1".to_owned());
        let (node, faults) = interpolate(Node::text("A(path='${P}', n=${P})"), &lookup);
        assert!(faults.is_empty());
        let Node::Call(call) = node else { panic!("{node:?}") };
        let values: Vec<_> = call.arguments.unwrap().into_iter().map(|argument| argument.value).collect();
        let filled = opencensus_settings::Text { value: "x', timeout='1".to_owned(), variables: vec!["P".to_owned()] };
        assert_eq!(values, [Node::Text(filled.clone()), Node::Text(filled)]);
    }
}
