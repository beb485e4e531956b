//! Connection strings, compared with Microsoft's exporters.

use opencensus_azure::ConnectionString;

use test_support::vectors::{self, Row};

fn check(passed: bool, fault: impl FnOnce() -> String) -> Row {
    if passed { Row::Passed } else { Row::Failed(fault()) }
}

const KEY: &str = "1234abcd-5678-4efa-8abc-1234567890ab";
const OF_VARIABLE: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
const DEFAULT: &str = "https://dc.services.visualstudio.com";

#[test]
fn connection_strings_are_parsed_as_by_microsofts_exporters() {
    vectors::run("azure/connection_strings.json", "rows", |row| {
        let environment = |name: &str| row["env"][name].as_str().map(str::to_owned);
        let found = ConnectionString::from_sources(row["connection_string"].as_str(), environment);
        let fault = || format!("{}, but {found:?}: {}", row["agreed"], row["connection_string"]);
        if row["agreed"].is_null() {
            return Row::Undecided;
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

/// The endpoint of a connection string from code and of variables of the environment.
fn endpoint(code: Option<&str>, variables: &[(&str, &str)]) -> Result<String, String> {
    let environment = |name: &str| {
        let found = variables.iter().find(|(other, _)| *other == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let found = ConnectionString::from_sources(code, environment);
    found.map(|found| found.ingestion_endpoint().to_owned()).map_err(|error| error.to_string())
}

#[test]
fn where_microsofts_exporters_differ_a_string_is_read_as_it_was_meant() {
    for (rest, expected, reason) in [
        (";IngestionEndpoint=http://127.0.0.1:21200/", "http://127.0.0.1:21200", "`http` is kept for local endpoints"),
        (";EndpointSuffix= ai.contoso.com ", "https://dc.ai.contoso.com", "spaces around values are ignored"),
        (";;IngestionEndpoint=https://a.example/", "https://a.example", "empty parts are ignored"),
        (";", DEFAULT, "empty parts are ignored"),
        (";Foo=a=b", DEFAULT, "values may contain `=`"),
        ("\n", DEFAULT, "a line end after the text is ignored"),
        (";Authorization= ikey", DEFAULT, "spaces around values are ignored"),
        (";Authorization=", DEFAULT, "an empty value counts as absent"),
    ] {
        let found = endpoint(Some(&format!("InstrumentationKey={KEY}{rest}")), &[]);
        assert_eq!(found.as_deref(), Ok(expected), "{rest:?}: {reason}");
    }
    let no_value = endpoint(Some(&format!("InstrumentationKey={KEY};Foo")), &[]);
    assert!(no_value.is_err(), "a part without `=` is a mistake that must be reported");
}

#[test]
fn sources_are_never_combined() {
    let text = format!("InstrumentationKey={OF_VARIABLE};IngestionEndpoint=https://env.example/");
    let variable = &[("APPLICATIONINSIGHTS_CONNECTION_STRING", &*text)][..];
    let legacy = &[("APPINSIGHTS_INSTRUMENTATIONKEY", OF_VARIABLE)][..];
    let rubbish = &[("APPLICATIONINSIGHTS_CONNECTION_STRING", "rubbish")][..];
    let code = format!("InstrumentationKey={KEY}");
    for (code, variables, expected) in [
        (Some(&*code), variable, Some(DEFAULT)),
        (Some("IngestionEndpoint=https://a.example/"), variable, None),
        (Some("IngestionEndpoint=https://a.example/"), legacy, None),
        (Some(""), variable, None),
        (Some(&*code), rubbish, Some(DEFAULT)),
        (None, rubbish, None),
        (None, variable, Some("https://env.example")),
        (None, legacy, Some(DEFAULT)),
    ] {
        let found = endpoint(code, variables);
        assert_eq!(found.as_deref().ok(), expected, "{code:?} {variables:?}: {found:?}");
    }
}
