//! Batches on disk belong to one endpoint and one resource, and disclose neither.

use opencensus_azure::AzureExporter;
use opencensus_core::exporter::Destination;
use opencensus_core::{Exporter as _, Resource};

const KEY: &str = "c0ffee00-1234-4abc-8def-0123456789ab";
const OTHER_KEY: &str = "c0ffee00-1234-4abc-8def-0123456789ac";

fn destination(key: &str, endpoint: &str, role: &str) -> Destination {
    let connection = format!("InstrumentationKey={key};IngestionEndpoint={endpoint}").parse().unwrap();
    let resource = Resource::parse(&format!("service.name={role}")).unwrap();
    AzureExporter::new(&connection, &resource).unwrap().destination().unwrap()
}

#[test]
fn another_key_or_endpoint_is_another_destination_and_another_role_is_not() {
    let shop = destination(KEY, "https://shop.example/", "shop");
    assert_eq!(shop, destination(KEY, "https://shop.example", "stock"));
    assert_ne!(shop, destination(OTHER_KEY, "https://shop.example/", "shop"));
    assert_ne!(shop, destination(KEY, "https://stock.example/", "shop"));
    assert_ne!(shop, destination(KEY, "http://shop.example/", "shop"));
}

#[test]
fn destination_shows_neither_key_nor_endpoint() {
    let text = format!("{0} {0:?}", destination(KEY, "https://shop.example/", "shop"));
    assert!(!text.contains("c0ffee00") && !text.contains("shop"), "{text}");
}
