//! The routes on axum, as a program.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    test_servers::main(test_servers::axum_server::serve).await
}
