//! Other clients of the protocol reach the portal.

use std::process::{Command, Stdio};

use opencensus_portal::{Filter, ItemKind, Portal, exceptions};
use test_support::TIMEOUT;

/// The Python interpreter that has the exporter of OpenCensus.
fn python() -> &'static str {
    let has_exporter = |python: &&str| {
        let import = Command::new(python).args(["-c", "import opencensus.ext.azure"]).stderr(Stdio::null()).status();
        import.is_ok_and(|status| status.success())
    };
    let found = ["python3", "/usr/bin/python3"].into_iter().find(has_exporter);
    found.expect("this test needs a Python that has OpenCensus: `pip install opencensus-ext-azure`")
}

#[test]
#[ignore = "needs opencensus-ext-azure"]
fn opencensus_for_python_sends_every_kind_of_item_with_either_form_of_the_endpoint() {
    for slash in ["", "/"] {
        let portal = Portal::start().unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/clients/opencensus_python.py");
        let connection_string = format!("{}{slash}", portal.connection_string());
        let mut command = Command::new(python());
        // Otherwise it reports its use to its vendor.
        command.args([script, &connection_string]).env("APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL", "true");
        let output = command.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        for (kind, name) in [
            (ItemKind::Request, "GET /chairs"),
            (ItemKind::Dependency, "load chairs"),
            (ItemKind::Trace, "three chairs — ü"),
            (ItemKind::Event, "three chairs — ü"),
        ] {
            let found = portal.wait_for_blocking_within(Filter::default().of_kind(kind).named(name), 1, TIMEOUT);
            assert!(found.is_ok(), "{slash:?} {found:?}: {errors}");
        }
        let found = portal.wait_for_blocking(exceptions(), 1);
        assert!(found.is_ok(), "{slash:?} {found:?}: {errors}");
    }
}
