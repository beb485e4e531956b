//! The error of a record as text, its first cause on top as in Python.

use crate::error::ErrorLink;
use crate::formatters::escape::Escaping;
use crate::record::Record;

const BETWEEN: &str = "\n\nThe above exception was the direct cause of the following exception:\n\n";

/// Appends the record's error and its stack, each on its own lines.
pub(crate) fn write(out: &mut String, record: &Record, escaping: Escaping) {
    if let Some(error) = &record.error {
        begin_line(out);
        for (at, link) in error.chain().iter().rev().enumerate() {
            if at > 0 {
                out.push_str(BETWEEN);
            }
            write_link(out, link, escaping);
        }
        if let Some(backtrace) = error.backtrace() {
            begin_line(out);
            write_lines(out, backtrace, escaping);
        }
    }
    if let Some(stack) = &record.stack {
        begin_line(out);
        write_lines(out, stack, escaping);
    }
}

fn begin_line(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

fn write_link(out: &mut String, link: &ErrorLink, escaping: Escaping) {
    let type_name = link.type_name.as_deref();
    escaping.push(out, type_name.unwrap_or_default());
    if !link.message.is_empty() {
        if type_name.is_some() {
            out.push_str(": ");
        }
        escaping.push(out, &link.message);
    }
}

/// Line breaks of a backtrace stay: they come from the program and not from its users.
fn write_lines(out: &mut String, text: &str, escaping: Escaping) {
    for (at, line) in text.trim_end().lines().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        escaping.push(out, line);
    }
}
