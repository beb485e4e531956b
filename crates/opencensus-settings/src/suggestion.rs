//! Suggestions for unknown names.

/// The known name that resembles this one at least so much, from 0 (not at all) to 1 (equal). `None`: none does.
///
/// # Examples
///
/// ```
/// use opencensus_settings::suggestion::resembling;
///
/// assert_eq!(resembling("samplr", &["sampler", "edge"], 0.8), Some("sampler"));
/// assert_eq!(resembling("sample_size", &["sampler", "edge"], 0.8), None);
/// ```
#[must_use]
pub fn resembling<'a>(name: &str, known: &[&'a str], at_least: f64) -> Option<&'a str> {
    let likeness = |known: &str| strsim::normalized_damerau_levenshtein(name, known);
    let near = known.iter().copied().max_by(|one, other| likeness(one).total_cmp(&likeness(other)))?;
    (likeness(near) >= at_least).then_some(near)
}

/// Formats the remedy for an unknown name: the known name that resembles it, or all known names if none does.
///
/// # Examples
///
/// ```
/// use opencensus_settings::suggestion::nearest;
///
/// assert_eq!(nearest("samplr", &["sampler", "edge"]), "did you mean `sampler`?");
/// ```
#[must_use]
pub fn nearest(name: &str, known: &[&str]) -> String {
    let likeness = |known: &&str| strsim::normalized_damerau_levenshtein(name, known);
    match known.iter().copied().max_by(|one, other| likeness(one).total_cmp(&likeness(other))) {
        Some(near) if likeness(&near) >= 0.5 => format!("did you mean `{near}`?"),
        Some(near) => {
            let all = known.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            format!("the most similar name is `{near}`, of {all}")
        }
        None => "no name is known here".to_owned(),
    }
}
