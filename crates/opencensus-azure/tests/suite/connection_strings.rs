//! Connection strings, compared with Microsoft's exporters.

use opencensus_azure::ConnectionString;
use serde_json::Value;

use test_support::vectors::{self, Row};

fn check(passed: bool, fault: impl FnOnce() -> String) -> Row {
    if passed { Row::Passed } else { Row::Failed(fault()) }
}

/// The decisions for the rows in which Microsoft's exporters differ (`agreed` is null), with their
/// reasons.
const DECIDED: &[(&str, Result<&str, ()>, &str)] = &[
    ("c018", Ok("http://127.0.0.1:21200"), "`http` is kept for local endpoints"),
    ("c019", Ok("http://127.0.0.1:21200"), "`http` is kept for local endpoints"),
    ("c044", Ok("https://dc.ai.contoso.com"), "spaces around values are ignored"),
    ("c062", Err(()), "a part without `=` is a mistake that must be reported"),
    ("c061", Ok("https://westeurope-5.in.applicationinsights.azure.com"), "empty parts are ignored"),
    ("c060", Ok("https://dc.services.visualstudio.com"), "empty parts are ignored"),
    ("c059", Ok("https://dc.services.visualstudio.com"), "empty parts are ignored"),
    ("c065", Ok("https://dc.services.visualstudio.com"), "values may contain `=`"),
    ("c085", Ok("https://dc.services.visualstudio.com"), "spaces and line ends around values are ignored"),
    ("c092", Ok("https://dc.services.visualstudio.com"), "spaces around values are ignored"),
    ("c091", Ok("https://dc.services.visualstudio.com"), "an empty value counts as absent"),
    ("c103", Err(()), "sources are not combined: the environment does not supply a missing key"),
    ("c111", Ok("https://dc.ai.contoso.com"), "sources are not combined"),
    ("c098", Ok("https://dc.services.visualstudio.com"), "the older variable is supported"),
    ("c104", Err(()), "sources are not combined"),
    ("c107", Ok("https://dc.services.visualstudio.com"), "a source that is not used may be malformed"),
    ("c102", Ok("https://westeurope-5.in.applicationinsights.azure.com"), "sources are not combined"),
    ("c106", Err(()), "an empty string from code is present, and malformed"),
];

#[test]
fn connection_strings_are_parsed_as_by_microsofts_exporters() {
    let ours = vectors::read_bundled("azure/connection_strings.json");
    vectors::run("azure/connection_strings.json", "rows", |row| {
        let environment = |name: &str| row["env"][name].as_str().map(str::to_owned);
        let found = ConnectionString::from_sources(row["connection_string"].as_str(), environment);
        let fault = || format!("{}, but {found:?}: {}", row["agreed"], row["connection_string"]);
        if row["agreed"].is_null() {
            let same = |other: &&Value| ["connection_string", "env"].iter().all(|key| other[key] == row[key]);
            let id = ours["rows"].as_array().and_then(|rows| rows.iter().find(same)).map(|row| &row["id"]);
            let Some((_, decided, reason)) = DECIDED.iter().find(|(other, ..)| id.is_some_and(|id| id == other)) else {
                return Row::Undecided;
            };
            let endpoint = found.as_ref().map(ConnectionString::ingestion_endpoint).map_err(|_| ());
            return if endpoint == *decided { Row::Deliberate(reason) } else { Row::Failed(fault()) };
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
