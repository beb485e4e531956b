//! The routes on hyper, as a program.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    test_servers::main(test_servers::hyper_server::serve).await
}
