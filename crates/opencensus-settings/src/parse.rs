//! Values from plain text, such as that of an environment variable.

/// A switch: `true`, `yes`, `on`, `1` or their opposites, in any letter case.
///
/// # Examples
///
/// ```
/// use opencensus_settings::parse::switch;
///
/// assert_eq!((switch("Yes"), switch("0"), switch("maybe")), (Some(true), Some(false), None));
/// ```
#[must_use]
pub fn switch(text: &str) -> Option<bool> {
    match &*text.trim().to_ascii_lowercase() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}
