//! The application's own TLS, and the exporter's, under the choice of this build.

#![cfg(test)]

use std::panic::{catch_unwind, set_hook, take_hook};

use opencensus::Settings;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};

const CONNECTION: &str =
    "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=https://127.0.0.1:1/";

#[test]
fn own_configuration_of_rustls_works_beside_each_choice_but_two_providers() {
    let is_ring = cfg!(feature = "tls-ring");
    let is_no_provider = cfg!(feature = "tls-no-provider");

    // The exporter installs no provider for the process and needs none, unless it is built without one.
    match start() {
        Ok(()) => assert!(!is_no_provider),
        Err(error) => assert!(is_no_provider && error.contains("TLS has no crypto provider"), "{error}"),
    }
    assert!(CryptoProvider::get_default().is_none());

    // rustls 0.23 cannot choose between two providers that are built in: the README says so.
    let hook = take_hook();
    set_hook(Box::new(|_| {}));
    let panicked = catch_unwind(ServerConfig::builder).is_err();
    set_hook(hook);
    assert_eq!(panicked, is_ring, "the application's own configuration");

    // With a provider of the process all choices work. A choice that worked has made rustls install one.
    if CryptoProvider::get_default().is_none() {
        aws_lc_rs::default_provider().install_default().unwrap();
    }
    let _builder = ServerConfig::builder();
    start().unwrap();
}

fn start() -> Result<(), String> {
    let telemetry = Settings::default().with_store(false).with_connection_string(CONNECTION.parse().unwrap()).start();
    match telemetry {
        Ok(telemetry) => drop(telemetry),
        // A machine without certificates: the provider was found.
        Err(error) if error.to_string().contains("ca-certificates") => {}
        Err(error) => return Err(error.to_string()),
    }
    Ok(())
}
