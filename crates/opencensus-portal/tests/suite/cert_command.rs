//! The program prints where its certificate is and how clients trust it.

use std::path::Path;
use std::process::Command;

/// Runs `cert` to its end, and returns exit code, standard output and standard error.
fn cert(arguments: &[&str], state: Option<&Path>) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_opencensus-portal"));
    command.arg("cert").args(arguments).env_remove("HOME").env_remove("XDG_STATE_HOME");
    if let Some(state) = state {
        command.env(if cfg!(windows) { "LOCALAPPDATA" } else { "XDG_STATE_HOME" }, state);
    }
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn cert_prints_a_path_whose_file_has_the_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let (code, path, errors) = cert(&["--path"], Some(folder.path()));
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert_eq!(Path::new(path.trim_end()), folder.path().join("opencensus-portal").join("certificate.pem"));
    let (_, pem, _) = cert(&["--pem"], Some(folder.path()));
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----") && !pem.contains("PRIVATE"), "{pem}");
    assert_eq!(std::fs::read_to_string(path.trim_end()).unwrap(), pem);
    let (_, guide, _) = cert(&[], Some(folder.path()));
    assert!(guide.starts_with(&path) && guide.contains("NODE_EXTRA_CA_CERTS"), "{guide}");
}

#[test]
fn unusable_state_folder_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let (code, _, errors) = cert(&["--state-folder", file.to_str().unwrap()], None);
    assert_eq!(code, Some(1));
    assert!(errors.contains(file.to_str().unwrap()), "{errors}");
    let (code, _, errors) = cert(&[], None);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("--state-folder"), "{errors}");
}
