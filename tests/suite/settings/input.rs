//! Temporary files and environments that the tests read settings from.

use std::io::Write as _;

/// A temporary file with this content, deleted when the value is dropped.
pub(super) fn file(extension: &str, content: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(&format!(".{extension}")).tempfile().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file
}

/// The lookup of an environment with these variables.
pub(super) fn environment<'a>(variables: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
    |name| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
}
