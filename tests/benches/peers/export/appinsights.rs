//! The crate `appinsights`, which brings its own HTTP client and so needs a server.

use std::time::Duration;

use appinsights::telemetry::{RequestTelemetry, Telemetry as _};
use appinsights::{TelemetryClient, TelemetryConfig};
use opencensus_core::RequestRecord;

use crate::cases::{Cost, Run};
use crate::cpu_time::CpuTime;
use crate::items::record;
use crate::sink::Server;

/// Creates the input of one batch. The cost is the processor time of the process, which includes connecting, without that
/// of the server's thread.
pub(crate) fn prepare(size: usize) -> Run {
    let server = Server::start();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let config = TelemetryConfig::builder()
        .i_key("00000000-0000-0000-0000-000000000001")
        .endpoint(format!("http://{}/v2/track", server.address))
        // Sends when it is closed only.
        .interval(Duration::from_secs(3600));
    let mut client = runtime.block_on(async { TelemetryClient::from_config(config.build()) });
    client.context_mut().tags_mut().cloud_mut().set_role("shop".into());
    client.context_mut().tags_mut().application_mut().set_version("1.2.3".into());
    let requests: Vec<_> = (0..size).map(|n| telemetry(&record(n))).collect();
    Box::new(move || {
        let (begun, of_server) = (CpuTime::now().process, server.nanos());
        runtime.block_on(async {
            requests.into_iter().for_each(|request| client.track(request));
            client.close_channel().await;
        });
        let nanos = CpuTime::now().process - begun;
        Cost { nanos: nanos - (server.nanos() - of_server), bytes: server.bytes() }
    })
}

fn telemetry(record: &RequestRecord) -> RequestTelemetry {
    let url = format!("https://shop.example{}?page=2", record.path());
    let method = "GET".parse().expect("a method");
    let mut request = RequestTelemetry::new(method, url.parse().expect("a URL"), record.duration(), "200");
    request.set_id(record.context().span_id().to_string());
    let tags = request.tags_mut();
    tags.operation_mut().set_id(record.context().trace_id().to_string());
    tags.operation_mut().set_parent_id(record.parent().expect("a parent").to_string());
    tags.operation_mut().set_name("GET /users/{id}".into());
    tags.location_mut().set_ip("203.0.113.7".into());
    // The crate has no method for this tag.
    tags.insert("ai.user.userAgent".into(), record.user_agent().expect("a user agent").into_owned());
    request
}
