//! Files and folders that only their owner may read (on Unix).

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

/// Creates a folder, and the folders above it, if they do not exist.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Options that create a new file; opening fails if the file exists.
pub(crate) fn new_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn only_the_owner_may_read_files_and_folders() {
        let folder = std::env::temp_dir().join(format!("opencensus-private-{}", std::process::id()));
        make_folder(&folder.join("deep")).unwrap();
        let path = folder.join("deep/file");
        new_file().open(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder.join("deep")), mode(&path)), (0o700, 0o600));
        fs::remove_dir_all(folder).unwrap();
    }
}
