//! `UseDevelopmentTelemetry=true` sends to the portal at the address that its program has by default.

use opencensus::Settings;
use opencensus_azure::{AzureExporter, ConnectionString};
use opencensus_core::{EventRecord, Origin, Resource};
use opencensus_portal::{DEFAULT_ADDRESS, Portal, PortalError, PortalOptions, events};
use test_support::TIMEOUT;

const CONNECTION: &str = "UseDevelopmentTelemetry=true";

#[test]
fn connection_string_of_development_names_the_default_address_of_the_portal() {
    let connection: ConnectionString = CONNECTION.parse().unwrap();
    let exporter = AzureExporter::new(&connection, &Resource::parse("service.name=shop").unwrap()).unwrap();
    assert_eq!(exporter.endpoint(), DEFAULT_ADDRESS.to_string());
}

/// A portal at the default address. `None` if another program uses it.
fn default_portal() -> Option<Portal> {
    match PortalOptions::default().with_listen(DEFAULT_ADDRESS).start() {
        Ok(portal) => Some(portal),
        Err(PortalError::Io(error)) if error.kind() == std::io::ErrorKind::AddrInUse => None,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn telemetry_of_development_arrives_at_the_default_portal() {
    let Some(portal) = default_portal() else { return };
    let settings = Settings::default().with_store(false).with_connection_string(CONNECTION.parse().unwrap());
    let telemetry = settings.start().unwrap();
    telemetry.track(EventRecord::new(Origin::at(std::time::SystemTime::now()), "placed on this machine"));
    assert!(telemetry.shutdown(TIMEOUT).await.complete);
    portal.wait_for_within(events().named("placed on this machine"), 1, TIMEOUT).await.unwrap();
}
