//! The routes on actix-web, as a program.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    test_servers::main(test_servers::actix_server::serve).await
}
