//! The vectors of connection strings.

use opencensus_azure::ConnectionString;
use serde_json::Value;

use test_support::vectors::{self, Row};

fn check(passed: bool, fault: impl FnOnce() -> String) -> Row {
    if passed { Row::Passed } else { Row::Failed(fault()) }
}

/// Where the two anchors differ (`agreed` is null) the project decides; the row says what it
/// decided, and why.
const DECIDED: &[(&str, Result<&str, ()>, &str)] = &[
    ("c018", Ok("http://127.0.0.1:21200"), "http stays http: local endpoints exist"),
    ("c019", Ok("http://127.0.0.1:21200"), "http stays http: local endpoints exist"),
    ("c044", Ok("https://dc.ai.contoso.com"), "blanks around values go"),
    ("c062", Err(()), "a part without `=` is a mistake that its writer wants to hear of"),
    ("c061", Ok("https://westeurope-5.in.applicationinsights.azure.com"), "empty parts are harmless"),
    ("c060", Ok("https://dc.services.visualstudio.com"), "empty parts are harmless"),
    ("c059", Ok("https://dc.services.visualstudio.com"), "empty parts are harmless"),
    ("c065", Ok("https://dc.services.visualstudio.com"), "values may hold `=`"),
    ("c085", Ok("https://dc.services.visualstudio.com"), "blanks around values go, line ends too"),
    ("c092", Ok("https://dc.services.visualstudio.com"), "blanks around values go"),
    ("c091", Ok("https://dc.services.visualstudio.com"), "an empty value counts as absent"),
    ("c103", Err(()), "one source as a whole: a string from code without a key is not mended by the environment"),
    ("c111", Ok("https://dc.ai.contoso.com"), "one source as a whole"),
    ("c098", Ok("https://dc.services.visualstudio.com"), "the older variable is read"),
    ("c104", Err(()), "one source as a whole"),
    ("c107", Ok("https://dc.services.visualstudio.com"), "what is not used need not make sense"),
    ("c102", Ok("https://westeurope-5.in.applicationinsights.azure.com"), "one source as a whole"),
    ("c106", Err(()), "an empty string from code is given, and malformed"),
];

#[test]
fn connection_strings() {
    let ours = vectors::read_bundled("azure/connection_strings.json");
    vectors::run("azure/connection_strings.json", "rows", |row| {
        let environment = |name: &str| row["env"][name].as_str().map(str::to_owned);
        let found = ConnectionString::from_sources(row["connection_string"].as_str(), environment);
        let fault = || format!("{}, but {found:?}: {}", row["agreed"], row["connection_string"]);
        if row["agreed"].is_null() {
            let same = |other: &&Value| ["connection_string", "env"].iter().all(|key| other[key] == row[key]);
            let id = ours["rows"].as_array().and_then(|rows| rows.iter().find(same)).map(|row| &row["id"]);
            let Some((_, decided, _)) = DECIDED.iter().find(|(other, ..)| id.is_some_and(|id| id == other)) else {
                // Rows of another set: whatever is decided, nothing may panic.
                return Row::Passed;
            };
            let endpoint = found.as_ref().map(ConnectionString::ingestion_endpoint).map_err(|_| ());
            return if endpoint == *decided { Row::Deliberate } else { Row::Failed(fault()) };
        }
        let agreed = &row["agreed"];
        let right = match &found {
            Err(_) => agreed["ok"] == false,
            Ok(found) => {
                agreed["ok"] == true
                    && found.instrumentation_key().expose() == agreed["ikey"]
                    && found.ingestion_endpoint() == agreed["ingestion"]
                    && found.live_endpoint() == agreed["live"]
                    && found.aad_audience() == agreed["aad_audience"].as_str()
            }
        };
        check(right, fault)
    });
}
