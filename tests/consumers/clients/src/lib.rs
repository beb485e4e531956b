//! Each check fails if a feature of `opencensus` or of its dependencies changes another crate.

#![cfg(test)]

use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use lettre::{AsyncSmtpTransport, Tokio1Executor};
use opencensus::Settings;
use opencensus::core::{EventRecord, Origin};

/// With `reqwest/rustls-no-provider` this panics: "No provider set".
#[test]
fn reqwest_without_tls_builds_a_client() {
    let _client = reqwest::Client::new();
}

/// With `serde_json/preserve_order` the keys keep their order.
#[test]
fn objects_of_serde_json_are_sorted() {
    let value: serde_json::Value = serde_json::from_str(r#"{"b":1,"a":2}"#).unwrap();
    assert_eq!(value.to_string(), r#"{"a":2,"b":1}"#);
}

/// With `serde_json/float_roundtrip` this number is parsed to its last bit, and every number more slowly.
#[test]
fn numbers_of_serde_json_are_parsed_by_its_default() {
    let parsed: f64 = serde_json::from_str("4.1059846201523375e-13").unwrap();
    assert_ne!(parsed, 4.1059846201523375e-13);
}

/// With `flate2/zlib-rs` the bytes are those of another compressor.
#[test]
fn flate2_has_its_default_backend() {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(&text()).unwrap();
    let compressed = encoder.finish().unwrap();
    assert_eq!(compressed.len(), 1_795, "the default backend, miniz_oxide, has another length");
    let mut decompressed = Vec::new();
    flate2::read::DeflateDecoder::new(&*compressed).read_to_end(&mut decompressed).unwrap();
    assert_eq!(decompressed, text());
}

fn text() -> Vec<u8> {
    (0..4000u32).flat_map(|n| format!("{} ", n.wrapping_mul(2_654_435_761) >> 24).into_bytes()).collect()
}

/// lettre refuses to compile with `rustls` and `tokio1`, but without `tokio1-rustls`.
#[test]
fn lettre_with_tokio_compiles() {
    let _mailer: AsyncSmtpTransport<Tokio1Executor> =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").build();
}

/// A program that reads the events of `tracing` with a logger of `log` still does so while telemetry is exported.
/// `tracing` passes events on only as long as no thread of the process has ever had a subscriber.
#[test]
fn tracing_passes_events_on_to_log() {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    struct Counter;
    impl log::Log for Counter {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &log::Record<'_>) {
            COUNT.fetch_add(usize::from(record.args().to_string() == "a chair"), Ordering::Relaxed);
        }
        fn flush(&self) {}
    }
    log::set_logger(&Counter).unwrap();
    log::set_max_level(log::LevelFilter::Info);
    tracing::info!("a chair");
    let connection = "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:1/";
    let telemetry =
        Settings::default().with_store(false).with_connection_string(connection.parse().unwrap()).start().unwrap();
    telemetry.track(EventRecord::new(Origin::at(SystemTime::now()), "a table"));
    let _report = telemetry.flush(Duration::from_millis(300)).wait();
    tracing::info!("a chair");
    assert_eq!(COUNT.load(Ordering::Relaxed), 2);
    drop(telemetry.shutdown(Duration::ZERO));
}
