//! Every request that is kept is one row, however it ends.

use std::time::Duration;

use opencensus::{Outcome, OutcomeKind, Settings};
use test_servers::Shop;

use crate::support::server::{Framework, Server};
use crate::support::{ended, in_memory};
use test_support::client::{disconnect_midway, disconnect_when, get, request};

#[tokio::test]
async fn row_has_route_status_url_and_client() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        request(server.address, "GET", "/users/7?q=1&token=hush", "user-agent: test\r\n").await;
        let row = &ended(&telemetry, &exporter, 1).await[0];
        assert_eq!(row.name(), "GET /users/{id}", "{framework:?}");
        assert_eq!((row.status(), row.path().as_ref()), (Some(200), "/users/7"));
        assert_eq!(row.query().as_deref(), Some("q=1&token=REDACTED"));
        assert_eq!(row.host().as_deref(), Some("shop.example"));
        assert_eq!(row.user_agent().as_deref(), Some("test"));
        assert!(row.peer().unwrap().ip().is_loopback());
        assert_eq!(row.parent(), None);
        server.stop().await;
    }
}

#[tokio::test]
async fn every_response_is_one_row_with_its_status() {
    let routes = [
        ("GET", "/", 200),
        ("POST", "/", 200),
        ("HEAD", "/", 200),
        ("DELETE", "/users/7", 200),
        ("GET", "/forbidden", 403),
        ("GET", "/bad", 400),
        ("GET", "/fail", 500),
        ("GET", "/unavailable", 503),
        ("GET", "/redirect", 302),
        ("GET", "/slow", 200),
        ("GET", "/stream", 200),
        ("PATCH", "/users/7", 405),
        ("GET", "/no/such/path", 404),
    ];
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        for (at, (method, path, status)) in routes.into_iter().enumerate() {
            request(server.address, method, path, "").await;
            let rows = ended(&telemetry, &exporter, at + 1).await;
            let row = &rows[at];
            assert_eq!(row.status(), Some(status), "{framework:?} {method} {path}");
            assert_eq!(*row.outcome(), Outcome::Completed, "{framework:?} {method} {path}");
        }
        let last = exporter.requests().pop().unwrap();
        assert_eq!(last.name(), "GET", "a path without a route is not part of the name");
        server.stop().await;
    }
}

#[tokio::test]
async fn request_dropped_before_its_response_is_cancelled() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        // The handler calls a server that never responds, so it runs as long as the client waits.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let out_url = Some(format!("http://{}/", silent.local_addr().unwrap()));
        let server = Server::start_shop(framework, telemetry.clone(), Shop { out_url, ..Shop::default() }).await;
        disconnect_when(server.address, "/out", async { drop(silent.accept().await.map(std::mem::forget)) }).await;
        let row = &ended(&telemetry, &exporter, 1).await[0];
        assert_eq!((row.status(), row.outcome().kind()), (Some(499), OutcomeKind::Cancelled), "{framework:?}");
        assert_eq!(row.name(), "GET /out");
        server.stop().await;
    }
}

#[tokio::test]
async fn request_dropped_during_its_response_is_aborted() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        disconnect_midway(server.address, "/stream").await;
        let row = &ended(&telemetry, &exporter, 1).await[0];
        assert_eq!((row.status(), row.outcome().kind()), (Some(200), OutcomeKind::Aborted), "{framework:?}");
        server.stop().await;
    }
}

#[tokio::test]
async fn duration_lasts_until_the_last_byte() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        let response = get(server.address, "/stream").await;
        assert_eq!(response.matches("chunk\n").count(), 4);
        let row = &ended(&telemetry, &exporter, 1).await[0];
        assert!(row.duration() >= Duration::from_millis(3 * 60), "{framework:?}: {:?}", row.duration());
        server.stop().await;
    }
}

#[tokio::test]
async fn panic_is_recorded_as_500_and_propagates() {
    for framework in Framework::ALL {
        let (telemetry, exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        assert_eq!(get(server.address, "/boom").await, "", "the connection breaks, since the panic propagates");
        let row = &ended(&telemetry, &exporter, 1).await[0];
        assert_eq!(row.status(), Some(500), "{framework:?}");
        assert_eq!(*row.outcome(), Outcome::Panicked("the shop is on fire".into()));
        assert_eq!(row.name(), "GET /boom", "{framework:?}");
        server.stop().await;
    }
}

#[tokio::test]
async fn length_of_a_body_stays_known() {
    for framework in Framework::ALL {
        let (telemetry, _exporter) = in_memory(Settings::default());
        let server = Server::start(framework, telemetry.clone()).await;
        let response = get(server.address, "/users/7").await.to_ascii_lowercase();
        assert!(response.contains("content-length: 6\r\n"), "{framework:?}: {response}");
        server.stop().await;
    }
}
