//! Benchmarks of others' middleware beside ours; nothing else depends on them.
//!
//! ```text
//! cargo bench -p peers --bench actix
//! ```
