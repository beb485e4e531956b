//! What observers and loggers receive of a call.

use std::sync::{Arc, Mutex};

use opencensus::observers::GrpcStatus;
use opencensus::settings::CustomObserver;
use opencensus::{EndEvent, Observer, ResponseEvent, Settings};
use opencensus_logging::Logging;
use opencensus_logging::handlers::Stream;
use serde_json::json;
use test_support::captured::Captured;

use super::greeter::SAY_HELLO;
use super::server::{PLACES, Place, connect, start};
use crate::support::{SettingsExt as _, ended, in_memory};

/// Keeps what it receives.
#[derive(Clone, Debug, Default)]
struct Received(Arc<Mutex<Vec<String>>>);

impl Observer for Received {
    fn observes_success(&self) -> bool {
        true
    }

    fn observes_end(&self) -> bool {
        true
    }

    fn on_response(&self, response: &ResponseEvent<'_>) {
        let code = response.grpc_status.map(GrpcStatus::code);
        self.0.lock().unwrap().push(format!("response {} {code:?} {}", response.status, response.message()));
    }

    fn on_end(&self, end: &EndEvent<'_>) {
        let code = end.grpc_status.map(GrpcStatus::code);
        self.0.lock().unwrap().push(format!("end {:?} {code:?}", end.status));
    }
}

#[tokio::test]
async fn observers_receive_a_call_with_its_status_once_it_is_known() {
    for place in PLACES {
        let received = Received::default();
        let settings = Settings::default().with(|s| s.trace.observers.push(CustomObserver::new(received.clone())));
        let (telemetry, exporter) = in_memory(settings);
        let mut client = connect(start(place, &telemetry).await).await;
        for name in ["Ada", "13 db down", "5 "] {
            let _ = client.call(SAY_HELLO, name).await;
        }
        ended(&telemetry, &exporter, 3).await;
        let expected = [
            "response 200 Some(0) OK: /helloworld.Greeter/SayHello",
            "end Some(200) Some(0)",
            "response 500 Some(13) INTERNAL (db down): /helloworld.Greeter/SayHello",
            "end Some(500) Some(13)",
            "response 404 Some(5) NOT_FOUND: /helloworld.Greeter/SayHello",
            "end Some(404) Some(5)",
        ];
        assert_eq!(*received.0.lock().unwrap(), expected, "{place:?}");
    }
}

#[tokio::test]
async fn failed_calls_are_logged_as_failed_requests() {
    let text = Captured::default();
    let logging = Logging::builder().with_stderr(Stream::new(text.clone())).build();
    let configuration = json!({
        "version": 1,
        "formatters": { "short": { "format": "%(levelname)s %(name)s %(status_code)s %(message)s" } },
        "handlers": { "console": { "class": "console", "formatter": "short", "background": false } },
        "loggers": { "opencensus.request": { "handlers": ["console"], "propagate": false } },
    });
    logging.configure(&configuration).unwrap();
    let (telemetry, exporter) = in_memory(Settings::default().with_logging(&logging));
    let mut client = connect(start(Place::Server, &telemetry).await).await;
    for name in ["Ada", "13 db\ndown", "5 no such chair"] {
        let _ = client.call(SAY_HELLO, name).await;
    }
    ended(&telemetry, &exporter, 3).await;
    let expected = "ERROR opencensus.request 500 INTERNAL (db\\\\ndown): /helloworld.Greeter/SayHello\n\
                    WARNING opencensus.request 404 NOT_FOUND (no such chair): /helloworld.Greeter/SayHello\n";
    assert_eq!(text.text(), expected);
}

#[tokio::test]
async fn call_that_failed_through_the_servers_fault_is_an_exception_below_its_request() {
    for place in PLACES {
        let (telemetry, exporter) = in_memory(Settings::default());
        let mut client = connect(start(place, &telemetry).await).await;
        for name in ["Ada", "13 db down", "5 no such chair"] {
            let _ = client.call(SAY_HELLO, name).await;
        }
        let requests = ended(&telemetry, &exporter, 3).await;
        let errors = exporter.exceptions();
        assert_eq!(errors.len(), 1, "{place:?}: {errors:?}");
        let texts = (errors[0].type_name.as_deref(), errors[0].message.as_deref());
        assert_eq!(texts, (Some("INTERNAL"), Some("db down")), "{place:?}");
        assert_eq!(errors[0].origin.context, Some(requests[1].context()), "{place:?}");
        let has_type = |request: &opencensus::RequestRecord| {
            request
                .attributes()
                .iter()
                .any(|attribute| attribute.key == "error.type" && attribute.value == "INTERNAL".into())
        };
        assert_eq!(requests.iter().map(has_type).collect::<Vec<_>>(), [false, true, false], "{place:?}");
    }
}

#[tokio::test]
async fn causes_of_a_handlers_status_are_those_of_the_exception() {
    let (telemetry, exporter) = in_memory(Settings::default());
    let mut client = connect(start(Place::Server, &telemetry).await).await;
    let _ = client.call(SAY_HELLO, "caused").await;
    ended(&telemetry, &exporter, 1).await;
    let error = exporter.exceptions().remove(0);
    assert_eq!(error.message.as_deref(), Some("no chairs"));
    assert_eq!(error.causes[0].message, "the disk is gone");
}
