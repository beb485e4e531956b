//! The command line: one file per subcommand.
//!
//! `program` finds the subcommand by its name. A subcommand is a constant with name, usage and function; its options are
//! those that its usage lists, so that misspelled ones can be suggested.

mod cert;
mod client;
mod client_error;
mod error;
mod export;
mod import;
mod output;
mod portal_arguments;
mod portal_choice;
mod program;
mod quantity;
mod run;
mod running_portal;
mod serve;
mod signal;
mod subcommand;
mod suggestion;
mod tail;
mod token_file;

pub use program::run_command;
