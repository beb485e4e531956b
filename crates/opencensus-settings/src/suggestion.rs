//! Suggestions for unknown names.

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
