//! SDKs look up the app id of their key, which they exchange in headers.

use opencensus_portal::Portal;

use crate::support::{envelope, get, post};

#[tokio::test]
async fn app_id_of_a_key_is_the_same_in_the_look_up_and_in_the_ingestion_response() {
    let portal = Portal::start().unwrap();
    let mut item = envelope("a");
    item["iKey"] = "00000000-0000-4000-8000-00000000ABCD".into();
    let (_, response) = post(&portal, "/v2.1/track", "", item.to_string().as_bytes()).await;
    let app_id = response["appId"].as_str().unwrap().to_owned();
    assert_eq!(app_id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    for path in [
        "/api/profiles/00000000-0000-4000-8000-00000000abcd/appId",
        "//api/profiles/00000000-0000-4000-8000-00000000ABCD/appId",
    ] {
        let response = get(&portal, path).await;
        assert!(response.starts_with("HTTP/1.1 200"), "{response}");
        assert!(response.contains("\r\ncontent-type: text/plain"), "{response}");
        assert!(response.ends_with(&format!("\r\n\r\n{app_id}")), "{response}");
    }
    let (status, _) = post(&portal, "/api/profiles/some-key/appId", "", b"").await;
    assert_eq!(status, 405);
}

#[tokio::test]
async fn ingestion_response_names_the_app_id_in_a_header_even_if_it_refuses_the_items() {
    let portal = Portal::start().unwrap();
    for (item, status) in [(envelope("a").to_string(), 200), (r#"{"iKey":"any"}"#.to_owned(), 400)] {
        let address = portal.address();
        let request = format!(
            "POST /v2/track HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{item}",
            item.len()
        );
        let response = test_support::client::raw(address, &request).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status}")), "{response}");
        assert!(response.contains("\r\nrequest-context: appId=cid-v1:"), "{response}");
    }
}
