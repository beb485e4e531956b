//! Names and messages of items that have none: the service refuses an item without them.

use opencensus_core::Attribute;

/// The most UTF-8 bytes that a placeholder is made of.
const LONGEST: usize = 512;

/// The name of an item without one: the keys of its attributes, which are the same for all items of a kind.
pub(crate) fn name_of(attributes: &[Attribute]) -> String {
    let mut name = String::from("unnamed");
    let mut separator = " (";
    for attribute in attributes.iter().filter(|attribute| !attribute.key.is_empty()) {
        if name.len() + attribute.key.len() > LONGEST {
            break;
        }
        name.extend([separator, &attribute.key]);
        separator = ", ";
    }
    if separator == ", " {
        name.push(')');
    }
    name
}

/// The message of an item without one: its attributes, as `key=value`.
pub(crate) fn message_of(attributes: &[Attribute], write_value: impl Fn(&mut String, &Attribute)) -> String {
    let (mut message, mut value) = (String::new(), String::new());
    for attribute in attributes.iter().filter(|attribute| !attribute.key.is_empty()) {
        write_value(&mut value, attribute);
        if message.len() + attribute.key.len() + value.len() > LONGEST {
            continue;
        }
        let separator = if message.is_empty() { "" } else { ", " };
        message.extend([separator, &attribute.key, "=", &value]);
    }
    if message.trim_start().is_empty() { "(no message)".to_owned() } else { message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn placeholders_are_made_of_the_attributes() {
        let attributes = [Attribute::new("chairs", 3), Attribute::new("", 1), Attribute::new("color", "red")];
        let plain = |text: &mut String, attribute: &Attribute| {
            text.clear();
            let _ = write!(text, "{}", attribute.value);
        };
        assert_eq!(message_of(&attributes, plain), "chairs=3, color=red");
        assert_eq!(message_of(&[], plain), "(no message)");
        assert_eq!(message_of(&[Attribute::new("a", "x".repeat(600)), Attribute::new("b", 1)], plain), "b=1");
        assert_eq!(name_of(&attributes), "unnamed (chairs, color)");
        assert_eq!(name_of(&[]), "unnamed");
    }
}
