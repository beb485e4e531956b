//! The URL of every row is present and holds no secret and no malformed host.

use opencensus::Settings;
use opencensus_portal::{Filter, Portal};

use crate::support::SettingsExt as _;
use crate::support::server::{Framework, Server};
use test_support::TIMEOUT;
use test_support::client::raw;

/// Sends these requests, and returns the texts of the items, in any order, as the endpoint received them.
async fn sent(framework: Framework, settings: &Settings, requests: &[String]) -> Vec<serde_json::Value> {
    let portal = Portal::start().unwrap();
    let settings =
        settings.clone().with_store(false).with_connection_string(portal.connection_string().parse().unwrap());
    let telemetry = settings.start().unwrap();
    let server = Server::start(framework, telemetry.clone()).await;
    for request in requests {
        raw(server.address, request).await;
    }
    server.stop().await;
    telemetry.shutdown(TIMEOUT).await;
    let items = portal.items(Filter::requests(), 1000).await.unwrap();
    items.iter().map(|item| serde_json::from_str(&item.envelope().to_string()).unwrap()).collect()
}

async fn url(framework: Framework, request: &str) -> String {
    let items = sent(framework, &Settings::default(), &[request.to_owned()]).await;
    let [item] = &*items else { panic!("{framework:?}: {request}: {items:?}") };
    item["data"]["baseData"]["url"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_without_a_host_has_a_relative_url() {
    for framework in Framework::ALL {
        let found = url(framework, "GET /stream?page=2&token=x HTTP/1.0\r\n\r\n").await;
        assert_eq!(found, "/stream?page=2&token=REDACTED", "{framework:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn malformed_host_is_no_part_of_the_url() {
    for framework in Framework::ALL {
        for host in ["shop.example/x?sig=SECRET", "shop example", "shop.example:80:81", "a,b", "shop.example#x"] {
            let request = format!("GET /users/7 HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
            assert_eq!(url(framework, &request).await, "/users/7", "{framework:?}: {host}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn authority_of_the_target_is_the_host() {
    for framework in Framework::ALL {
        let request = "GET http://target.example/users/7 HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n\r\n";
        assert_eq!(url(framework, request).await, "http://target.example/users/7", "{framework:?}");
    }
}

/// Spellings that real applications use.
const SECRETS: [&str; 20] = [
    "auth_token",
    "sessionid",
    "jwt",
    "pwd",
    "X-API-Key",
    "csrfmiddlewaretoken",
    "access-token",
    "SAMLResponse",
    "refreshToken",
    "api.key",
    "user%5Bpassword%5D",
    "%70assword",
    "client_secret",
    "X-Amz-Signature",
    "Signature",
    "sig",
    "code",
    "idToken",
    "PHPSESSID_SESSION",
    "Tax-ID",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_sent_under_any_spelling() {
    let names = opencensus::settings::SecretNames::new(["tax_id"]);
    let settings = Settings::default().with(|settings| settings.privacy.secret_names = names);
    for framework in Framework::ALL {
        let target = |name: &str| format!("/users/7?page=1&{name}=hunter2;{name}=hunter2");
        let requests = SECRETS.map(|name| {
            format!(
                "GET {} HTTP/1.1\r\nhost: shop.example\r\nreferer: http://h{}\r\n{}: hunter2\r\nconnection: close\r\n\r\n",
                target(name),
                target(name),
                name.replace(['%', '.'], "-")
            )
        });
        let items = sent(framework, &settings, &requests).await;
        assert_eq!(items.len(), SECRETS.len(), "{framework:?}");
        for item in items {
            assert!(!item.to_string().contains("hunter2"), "{framework:?}: {item}");
            assert!(item["data"]["baseData"]["url"].as_str().unwrap().contains("page=1&"), "{framework:?}: {item}");
        }
    }
}

#[test]
fn no_secret_of_a_dependency_is_sent_under_any_spelling() {
    use opencensus::core::{SpanKind, SpanRecord, TraceContext};

    let portal = Portal::start().unwrap();
    let names = opencensus::settings::SecretNames::new(["tax_id"]);
    let settings = Settings::default().with(|settings| settings.privacy.secret_names = names);
    let settings = settings.with_store(false).with_connection_string(portal.connection_string().parse().unwrap());
    let telemetry = settings.start().unwrap();
    for name in SECRETS {
        let mut call = SpanRecord::new(TraceContext::root(), SpanKind::Client, "GET");
        let url = format!("https://anna:hunter2@stock.example/chairs?page=1&{name}=hunter2;{name}=hunter2");
        call.attributes.push(opencensus::core::Attribute::new("url.full", url));
        call.attributes.push(opencensus::core::Attribute::new("http.request.method", "GET"));
        telemetry.track(call);
    }
    telemetry.shutdown(TIMEOUT).wait();
    let items = futures_executor::block_on(portal.items(Filter::default(), 1000)).unwrap();
    assert_eq!(items.len(), SECRETS.len());
    for item in items {
        let text = item.envelope().to_string();
        assert!(!text.contains("hunter2") && text.contains("page=1"), "{text}");
    }
}
