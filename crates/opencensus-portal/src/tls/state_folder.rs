//! Where the program keeps its certificate.

use std::ffi::OsString;
use std::path::PathBuf;

/// `$XDG_STATE_HOME/opencensus-portal` or `~/.local/state/opencensus-portal`; on Windows
/// `%LOCALAPPDATA%\opencensus-portal`. `None` if the variables are not set.
pub(crate) fn default_state_folder() -> Option<PathBuf> {
    state_folder(|name| std::env::var_os(name), cfg!(windows))
}

fn state_folder(variable: impl Fn(&str) -> Option<OsString>, is_windows: bool) -> Option<PathBuf> {
    // Variables of this kind are ignored if their path is relative.
    let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = if is_windows {
        folder("LOCALAPPDATA")
    } else {
        folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")))
    };
    Some(base?.join("opencensus-portal"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn folder(variables: &[(&str, &str)], is_windows: bool) -> Option<PathBuf> {
        let variable = |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| value.into());
        state_folder(variable, is_windows)
    }

    #[test]
    fn state_folder_follows_the_conventions_of_the_system() {
        let home = ("HOME", "/home/a");
        for (variables, is_windows, expected) in [
            (vec![home], false, Some("/home/a/.local/state/opencensus-portal")),
            (vec![home, ("XDG_STATE_HOME", "/state")], false, Some("/state/opencensus-portal")),
            (vec![home, ("XDG_STATE_HOME", "state")], false, Some("/home/a/.local/state/opencensus-portal")),
            (vec![home, ("XDG_STATE_HOME", "")], false, Some("/home/a/.local/state/opencensus-portal")),
            (vec![home, ("LOCALAPPDATA", "/local")], true, Some("/local/opencensus-portal")),
            (vec![home], true, None),
            (vec![], false, None),
        ] {
            assert_eq!(folder(&variables, is_windows), expected.map(PathBuf::from), "{variables:?}");
        }
    }
}
