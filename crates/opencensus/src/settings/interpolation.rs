//! `${NAME}` in texts.

use crate::settings::environment::Lookup;
use crate::settings::fault::Fault;
use crate::settings::node::{Node, Text};
use crate::settings::notation::{self, Call};
use crate::settings::shown;

/// Puts variables into every text of the tree: `${NAME}`, `${NAME:-default}` (which also stands in for
/// an empty variable), `$${` for a plain `${`. Texts that cannot be filled in are left out, each with a
/// fault.
pub(crate) fn interpolate(node: Node, lookup: Lookup<'_>) -> (Node, Vec<Fault>) {
    match node {
        Node::Text(text) => match call(&text.value) {
            // First taken apart, then filled in: no variable can change which arguments there are.
            Some(call) => fill_call(call, lookup),
            None => match self::text(text.value, lookup) {
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
                faults.extend(more.into_iter().map(|fault| fault.inside(&shown::key(&key))));
                filled.push((key, value));
            }
            (Node::Table(filled), faults)
        }
        other => (other, Vec::new()),
    }
}

/// The text that interpolation turns into `text`.
pub(crate) fn escape(text: &str) -> String {
    text.replace("${", "$${")
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

fn text(template: String, lookup: Lookup<'_>) -> Result<Text, Vec<Fault>> {
    let (mut value, mut variables, mut faults) = (String::with_capacity(template.len()), Vec::new(), Vec::new());
    let mut rest = &*template;
    while let Some(at) = rest.find("${") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        if let Some(before) = before.strip_suffix('$') {
            value.extend([before, "${"]);
            rest = after;
            continue;
        }
        value.push_str(before);
        let Some(end) = after.find('}') else {
            faults.push(Fault::new("`${` without `}`", "write `${NAME}`, or `$${` for a plain `${`"));
            rest = "";
            break;
        };
        match variable(&after[..end], lookup) {
            Ok((name, set)) => {
                value.push_str(&set);
                variables.push(name.to_owned());
            }
            Err(fault) => faults.push(fault),
        }
        rest = &after[end + 1..];
    }
    value.push_str(rest);
    if faults.is_empty() { Ok(Text { value, variables }) } else { Err(faults) }
}

fn variable<'a>(reference: &'a str, lookup: Lookup<'_>) -> Result<(&'a str, String), Fault> {
    let (name, default) = match reference.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (reference, None),
    };
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts_well || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        let remedy = "a variable is named by letters, digits and `_`: `${NAME}` or `${NAME:-default}`";
        return Err(Fault::new("`${…}` without the name of a variable", remedy));
    }
    if default.is_some_and(|default| default.contains("${")) {
        let remedy = "write a plain default: a default cannot hold a variable";
        return Err(Fault::new(format!("`${{{name}:-…}}` with a variable in its default"), remedy));
    }
    let set = lookup(name).filter(|value| default.is_none() || !value.is_empty());
    set.or_else(|| default.map(str::to_owned)).map(|value| (name, value)).ok_or_else(|| {
        let remedy = format!("set the environment variable `{name}`, or write `${{{name}:-default}}`");
        Fault::new(format!("`${{{name}}}`, which is not set"), remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str) -> Result<Text, Vec<Fault>> {
        text(template.to_owned(), &|name| match name {
            "A" => Some("1".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        })
    }

    #[test]
    fn variables_and_defaults_are_put_in() {
        for (template, value) in [
            ("plain $ } text", "plain $ } text"),
            ("${A}", "1"),
            ("x${A}y${A}z", "x1y1z"),
            ("${B:-b}", "b"),
            ("${B:-}", ""),
            ("${B:-a:-b}", "a:-b"),
            ("${A:-b}", "1"),
            ("${EMPTY}", ""),
            ("${EMPTY:-e}", "e"),
            ("$${A}", "${A}"),
            ("$$${A}", "$${A}"),
        ] {
            assert_eq!(filled(template).unwrap().value, value, "{template}");
        }
    }

    #[test]
    fn unset_and_malformed_variables_are_faults() {
        let faults = filled("${B}${C}").unwrap_err();
        assert_eq!(faults.len(), 2);
        let wanted = "found `${B}`, which is not set; set the environment variable `B`, or write `${B:-default}`";
        assert_eq!(faults[0].to_string(), wanted);
        for template in ["${", "${A", "${}", "${1}", "${A B}", "${é}", "${A:-${B:-c}}"] {
            assert!(filled(template).is_err(), "{template}");
        }
    }

    #[test]
    fn variables_cannot_change_a_calls_arguments() {
        let lookup = |_: &str| Some("x', timeout='1".to_owned());
        let (node, faults) = interpolate(Node::text("A(path='${P}', n=${P})"), &lookup);
        assert!(faults.is_empty());
        let Node::Call(call) = node else { panic!("{node:?}") };
        let values: Vec<_> = call.arguments.unwrap().into_iter().map(|argument| argument.value).collect();
        let filled = Text { value: "x', timeout='1".to_owned(), variables: vec!["P".to_owned()] };
        assert_eq!(values, [Node::Text(filled.clone()), Node::Text(filled)]);
    }
}
