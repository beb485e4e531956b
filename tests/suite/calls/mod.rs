//! Outgoing calls, dependencies, and work in other tasks.

mod body;
mod clients;
mod decisions;
mod dependencies;
mod hand_made;
mod reqwest;
mod shop;
mod spawned;
