//! The program `opencensus-portal`.

use std::process::ExitCode;

fn main() -> ExitCode {
    opencensus_portal::run_command(std::env::args_os().skip(1))
}
