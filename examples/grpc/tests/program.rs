//! Runs the example as a program, calls it with a gRPC client, and stops it with a signal.

use std::process::Command;
use std::time::Duration;

use opencensus_portal::{Portal, requests};
use test_support::process::{Program, Signal};

use helloworld::greeter_client::GreeterClient;
use messages::HelloRequest;

#[allow(unreachable_pub, reason = "the generated traits are public")]
#[path = "../src/messages.rs"]
mod messages;

#[allow(missing_docs, unreachable_pub, unused, reason = "generated")]
mod helloworld {
    include!(concat!(env!("OUT_DIR"), "/helloworld.Greeter.rs"));
}

const LIMIT: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn every_call_before_a_signal_is_a_row_with_its_name_and_status() {
    let portal = Portal::start().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_example-grpc"));
    command.env("PORT", "0").env("OPENCENSUS_STORE", "false");
    command.env("APPLICATIONINSIGHTS_CONNECTION_STRING", portal.connection_string());
    let mut example = Program::start(&mut command);
    let address = example.wait_for_address();
    let mut client = GreeterClient::connect(format!("http://{address}")).await.unwrap();
    for name in ["Ada", ""] {
        let reply = client.say_hello(HelloRequest { name: name.to_owned() }).await;
        assert_eq!(reply.is_ok(), name == "Ada", "{reply:?}");
    }
    drop(client);
    example.signal(Signal::Terminate);
    let (status, output) = example.wait(LIMIT);
    assert!(status.success(), "{output:?}");
    let rows = portal.wait_for_within(requests(), 2, LIMIT).await.unwrap();
    let mut rows: Vec<_> = rows.iter().map(|row| (&*row.name, row.code.as_deref(), row.success)).collect();
    rows.sort_unstable();
    let name = "helloworld.Greeter/SayHello";
    assert_eq!(rows, [(name, Some("0"), Some(true)), (name, Some("3"), Some(false))], "{output:?}");
}
