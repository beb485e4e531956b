//! `${NAME}` in texts.

use crate::settings::environment::Lookup;
use crate::settings::fault::Fault;
use crate::settings::node::{Node, Text};

/// Puts variables into every text of the tree: `${NAME}`, `${NAME:-default}` (which also stands in for
/// an empty variable), `$${` for a plain `${`. Texts that cannot be filled in are left out, each with a
/// fault.
pub(crate) fn interpolate(node: Node, lookup: Lookup<'_>) -> (Node, Vec<Fault>) {
    match node {
        Node::Text(text) => match self::text(text.value, lookup) {
            Ok(text) => (Node::Text(text), Vec::new()),
            Err(fault) => (Node::Unfilled, vec![fault]),
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
                faults.extend(more.into_iter().map(|fault| fault.inside(&key)));
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

fn text(template: String, lookup: Lookup<'_>) -> Result<Text, Fault> {
    if !template.contains("${") {
        return Ok(Text { value: template, template: None });
    }
    let mut value = String::with_capacity(template.len());
    let mut rest = &*template;
    let mut is_filled = false;
    while let Some(at) = rest.find("${") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        if let Some(before) = before.strip_suffix('$') {
            value.extend([before, "${"]);
            rest = after;
            continue;
        }
        let Some(end) = after.find('}') else {
            return Err(Fault::new("`${` without `}`", "write `${NAME}`, or `$${` for a plain `${`"));
        };
        value.push_str(before);
        value.push_str(&variable(&after[..end], lookup)?);
        is_filled = true;
        rest = &after[end + 1..];
    }
    value.push_str(rest);
    Ok(Text { value, template: is_filled.then_some(template) })
}

fn variable(reference: &str, lookup: Lookup<'_>) -> Result<String, Fault> {
    let (name, default) = match reference.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (reference, None),
    };
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts_well || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        let remedy = "a variable is named by letters, digits and `_`: `${NAME}` or `${NAME:-default}`";
        return Err(Fault::new("`${…}` without the name of a variable", remedy));
    }
    let set = lookup(name).filter(|value| default.is_none() || !value.is_empty());
    set.or_else(|| default.map(str::to_owned)).ok_or_else(|| {
        let remedy = format!("set the environment variable `{name}`, or write `${{{name}:-default}}`");
        Fault::new(format!("`${{{name}}}`, which is not set"), remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str) -> Result<Text, Fault> {
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
        let fault = filled("${B}").unwrap_err();
        let wanted = "found `${B}`, which is not set; set the environment variable `B`, or write `${B:-default}`";
        assert_eq!(fault.to_string(), wanted);
        for template in ["${", "${A", "${}", "${1}", "${A B}", "${é}"] {
            assert!(filled(template).is_err(), "{template}");
        }
    }
}
