//! Suggests what a misspelled name may stand for.

/// The candidate that differs least from the name: by two letters at most, and by less than half of them.
pub(super) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let with_distance = candidates.into_iter().map(|candidate| (strsim::osa_distance(name, candidate), candidate));
    let (distance, candidate) = with_distance.min_by_key(|(distance, _)| *distance)?;
    (distance <= 2 && distance * 2 < candidate.len()).then_some(candidate)
}

/// The options that a usage text lists, such as `--listen`.
pub(super) fn options_of(usage: &str) -> impl Iterator<Item = &str> {
    let words = usage.split(|character: char| !character.is_ascii_alphanumeric() && character != '-');
    words.filter(|word| word.starts_with("--") && word.len() > 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_find_the_option_and_others_find_none() {
        let usage = "  --listen ADDRESS  the address\n  [--format=human|json] -- COMMAND\n";
        assert_eq!(options_of(usage).collect::<Vec<_>>(), ["--listen", "--format"]);
        for (name, found) in
            [("--listne", Some("--listen")), ("--formt", Some("--format")), ("--port", None), ("--", None)]
        {
            assert_eq!(nearest(name, options_of(usage)), found, "{name}");
        }
        assert_eq!(nearest("tial", ["tail", "run"]), Some("tail"));
        assert_eq!(nearest("x", ["run"]), None);
    }
}
