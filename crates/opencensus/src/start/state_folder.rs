//! Chooses the folder of the store on this host, for settings that name none.

use std::path::{Path, PathBuf};

use opencensus_settings::interpolation::Lookup;

const NAME: &str = "opencensus";

/// What the choice depends on.
struct Host<'a> {
    lookup: Lookup<'a>,
    /// Whether a folder exists and belongs to the user of this process.
    owns: &'a dyn Fn(&Path) -> bool,
    /// The system's folder for temporary files.
    temporary: &'a Path,
    /// The id of the user, where users have one.
    user: Option<u32>,
    is_windows: bool,
}

/// The folder on this host. Nothing is created.
pub(super) fn state_folder() -> PathBuf {
    let lookup = |name: &str| std::env::var(name).ok();
    let temporary = std::env::temp_dir();
    let host =
        Host { lookup: &lookup, owns: &is_own_folder, temporary: &temporary, user: user(), is_windows: cfg!(windows) };
    choose(&host)
}

/// The first folder that the host has for the state of programs; else one for this user among the temporary files.
fn choose(host: &Host<'_>) -> PathBuf {
    systemd(host).or_else(|| app_service(host)).or_else(|| of_user(host)).unwrap_or_else(|| match host.user {
        Some(user) => host.temporary.join(format!("{NAME}-{user}")),
        None => host.temporary.join(NAME),
    })
}

/// An absolute path in a variable. By the rule of the XDG specification, a relative one counts as unset.
fn absolute(host: &Host<'_>, variable: &str) -> Option<PathBuf> {
    (host.lookup)(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// The first of the paths that systemd sets for `StateDirectory=`.
fn systemd(host: &Host<'_>) -> Option<PathBuf> {
    let paths = (host.lookup)("STATE_DIRECTORY").filter(|_| !host.is_windows)?;
    let first = PathBuf::from(paths.split(':').next()?);
    first.is_absolute().then(|| first.join(NAME))
}

/// On App Service and Functions, only `/home` (Windows: `%HOME%`) outlives the container. All instances share it over
/// the network, where the lock of a file may not reach another instance, so each instance has a folder of its name.
fn app_service(host: &Host<'_>) -> Option<PathBuf> {
    let is_set = |name| (host.lookup)(name).is_some_and(|value| !value.is_empty());
    if !is_set("WEBSITE_SITE_NAME") && !is_set("FUNCTIONS_WORKER_RUNTIME") {
        return None;
    }
    let is_name = |id: &String| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let instance = (host.lookup)("WEBSITE_INSTANCE_ID").filter(is_name)?;
    let home = if host.is_windows { absolute(host, "HOME")? } else { PathBuf::from("/home") };
    (host.owns)(&home).then(|| home.join("data").join(NAME).join(instance))
}

/// The folder for the state of this user's programs. Users of services often have a home that does not exist, or `/`.
fn of_user(host: &Host<'_>) -> Option<PathBuf> {
    if let Some(state) = absolute(host, "XDG_STATE_HOME") {
        return Some(state.join(NAME));
    }
    if host.is_windows {
        return absolute(host, "LOCALAPPDATA").map(|folder| folder.join(NAME));
    }
    let home = absolute(host, "HOME").filter(|home| (host.owns)(home))?;
    Some(home.join(".local").join("state").join(NAME))
}

#[cfg(unix)]
fn user() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn user() -> Option<u32> {
    None
}

#[cfg(unix)]
fn is_own_folder(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.is_dir() && Some(metadata.uid()) == user())
}

#[cfg(not(unix))]
fn is_own_folder(path: &Path) -> bool {
    path.is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: (&str, &str) = ("HOME", "/home/ann");
    const SITE: (&str, &str) = ("WEBSITE_SITE_NAME", "shop");
    const INSTANCE: (&str, &str) = ("WEBSITE_INSTANCE_ID", "4f2a");

    fn chosen(variables: &[(&str, &str)], is_windows: bool) -> String {
        let lookup =
            |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| value.to_string());
        // `/` and `/nonexistent` are not this user's.
        let owns = |path: &Path| path.starts_with("/home");
        let user = (!is_windows).then_some(1000);
        let host = Host { lookup: &lookup, owns: &owns, temporary: Path::new("/tmp"), user, is_windows };
        choose(&host).to_string_lossy().replace('\\', "/")
    }

    #[test]
    fn each_host_has_its_folder() {
        for (variables, expected) in [
            (&[("STATE_DIRECTORY", "/var/lib/shop"), SITE, INSTANCE, HOME][..], "/var/lib/shop/opencensus"),
            (&[("STATE_DIRECTORY", "/var/lib/a:/var/lib/b"), HOME], "/var/lib/a/opencensus"),
            (&[("STATE_DIRECTORY", "lib/shop"), HOME], "/home/ann/.local/state/opencensus"),
            (&[("STATE_DIRECTORY", ""), HOME], "/home/ann/.local/state/opencensus"),
            (&[SITE, INSTANCE, ("HOME", "/root")], "/home/data/opencensus/4f2a"),
            (&[("FUNCTIONS_WORKER_RUNTIME", "custom"), INSTANCE], "/home/data/opencensus/4f2a"),
            (&[SITE, HOME], "/home/ann/.local/state/opencensus"),
            (&[SITE, ("WEBSITE_INSTANCE_ID", "../../etc"), HOME], "/home/ann/.local/state/opencensus"),
            (&[INSTANCE, HOME], "/home/ann/.local/state/opencensus"),
            (&[("XDG_STATE_HOME", "/state"), HOME], "/state/opencensus"),
            (&[("XDG_STATE_HOME", "state"), HOME], "/home/ann/.local/state/opencensus"),
            (&[HOME], "/home/ann/.local/state/opencensus"),
            (&[("HOME", "/nonexistent")], "/tmp/opencensus-1000"),
            (&[("HOME", "/")], "/tmp/opencensus-1000"),
            (&[("HOME", "home/ann")], "/tmp/opencensus-1000"),
            (&[], "/tmp/opencensus-1000"),
        ] {
            assert_eq!(chosen(variables, false), expected, "{variables:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn windows_has_its_own_folders() {
        for (variables, expected) in [
            (&[("LOCALAPPDATA", "/users/ann/local"), HOME][..], "/users/ann/local/opencensus"),
            (&[SITE, INSTANCE, ("HOME", "/home"), ("LOCALAPPDATA", "/local")], "/home/data/opencensus/4f2a"),
            (&[("STATE_DIRECTORY", "/var/lib/shop"), ("LOCALAPPDATA", "/local")], "/local/opencensus"),
            (&[HOME], "/tmp/opencensus"),
        ] {
            assert_eq!(chosen(variables, true), expected, "{variables:?}");
        }
    }

    #[test]
    fn folder_of_this_process_is_absolute() {
        assert!(state_folder().is_absolute());
    }
}
