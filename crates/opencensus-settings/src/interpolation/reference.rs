//! Replaces references in one text.

use crate::checked::Checked;
use crate::fault::Fault;
use crate::text::Text;

/// Looks up an environment variable by its name.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Replaces the references to variables in a text: `${NAME}`, and `${NAME:-default}`, whose default also replaces an
/// empty variable. `$${` is a literal `${`.
///
/// # Errors
///
/// A reference is malformed, or its variable is not set and it has no default.
///
/// # Examples
///
/// ```
/// use opencensus_settings::interpolation::fill;
///
/// let lookup = |name: &str| (name == "TEAM").then(|| "red".to_owned());
/// assert_eq!(fill("${TEAM}-${SERVICE:-shop}", &lookup).unwrap().value, "red-shop");
/// ```
pub fn fill(template: &str, lookup: Lookup<'_>) -> Checked<Text> {
    let (mut value, mut variables, mut faults) = (String::with_capacity(template.len()), Vec::new(), Vec::new());
    let mut rest = template;
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

/// The name of the variable that `${reference}` names, and its value.
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

/// Escapes a text, so that [`fill`] returns it unchanged.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace("${", "$${")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str) -> Checked<Text> {
        fill(template, &|name| match name {
            "A" => Some("1".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        })
    }

    #[test]
    fn references_are_replaced_by_variables_and_defaults() {
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
    fn unset_variables_and_malformed_references_are_faults() {
        let faults = filled("${B}${C}").unwrap_err();
        assert_eq!(faults.len(), 2);
        let expected = "found `${B}`, which is not set; set the environment variable `B`, or write `${B:-default}`";
        assert_eq!(faults[0].to_string(), expected);
        for template in ["${", "${A", "${}", "${1}", "${A B}", "${é}", "${A:-${B:-c}}"] {
            assert!(filled(template).is_err(), "{template}");
        }
    }
}
