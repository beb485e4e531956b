//! The fault bed: the endpoint, and the program that is killed.
#![allow(dead_code, unused_imports, reason = "the scenarios use them next")]

mod endpoint;
mod folder_watch;
mod program;
mod report;

use std::process::ExitCode;

fn main() -> ExitCode {
    program::app::main()
}
