//! Outgoing calls, dependencies, and work in other tasks.

mod body;
mod clients;
mod decisions;
mod shop;
