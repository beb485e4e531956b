//! The severity of a log record.

/// The level of Application Insights: 0 is verbose, 4 is critical. `None` if the record states no severity.
pub(super) fn level(number: i32, text: &str) -> Option<u8> {
    match number {
        1..=8 => Some(0),
        9..=12 => Some(1),
        13..=16 => Some(2),
        17..=20 => Some(3),
        21.. => Some(4),
        _ => named(text),
    }
}

fn named(text: &str) -> Option<u8> {
    const NAMES: [&[&str]; 5] = [
        &["trace", "debug", "verbose"],
        &["info", "information", "notice"],
        &["warn", "warning"],
        &["error"],
        &["fatal", "critical", "alert", "emergency"],
    ];
    let level = NAMES.iter().position(|names| names.iter().any(|name| name.eq_ignore_ascii_case(text.trim())))?;
    u8::try_from(level).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_before_names() {
        for (number, text, expected) in [
            (1, "", Some(0)),
            (8, "", Some(0)),
            (9, "ERROR", Some(1)),
            (12, "", Some(1)),
            (13, "", Some(2)),
            (17, "", Some(3)),
            (21, "", Some(4)),
            (24, "", Some(4)),
            (i32::MAX, "", Some(4)),
            (0, "Warning", Some(2)),
            (0, "CRITICAL", Some(4)),
            (0, "loud", None),
            (-1, "", None),
        ] {
            assert_eq!(level(number, text), expected, "{number} {text}");
        }
    }
}
