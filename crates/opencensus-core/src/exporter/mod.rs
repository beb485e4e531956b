//! Exporters send telemetry to an endpoint.
//!
//! An [`Exporter`] has two halves: [`encode`](Exporter::encode) puts one item into the open [`Batch`], and
//! [`send`](Exporter::send) sends a whole batch and returns its [`Delivery`], with the
//! [cause](FailureCause) if it failed. The exporter owns format and
//! transport; the pipeline owns batching, retry, bisection and counting, so that every exporter has them.
//!
//! # Examples
//!
//! An exporter that prints the name of every request:
//!
//! ```
//! use opencensus_core::exporter::{Batch, Delivery, Exporter, SendFuture, EncodeError};
//! use opencensus_core::TelemetryItem;
//! use std::sync::Arc;
//!
//! struct Lines;
//!
//! impl Exporter for Lines {
//!     fn encode(&mut self, item: TelemetryItem, batch: &mut Batch) -> Result<(), EncodeError> {
//!         if let TelemetryItem::Request(request) = item {
//!             batch.push_bytes(|bytes| bytes.extend_from_slice(request.name().as_bytes()));
//!         }
//!         Ok(())
//!     }
//!
//!     fn send(&mut self, batch: Arc<Batch>) -> SendFuture {
//!         Box::pin(async move {
//!             for line in batch.chunks() {
//!                 println!("{}", String::from_utf8_lossy(line));
//!             }
//!             Delivery::Delivered.into()
//!         })
//!     }
//! }
//! ```

mod batch;
mod console;
mod delivery;
mod destination;
mod drop_reason;
mod export;
mod failure_cause;
mod in_memory;
mod mark;

pub use batch::Batch;
#[allow(unused_imports, reason = "the store uses it next")]
pub(crate) use batch::FileId;
pub use console::ConsoleExporter;
pub use delivery::{Delivery, ItemOutcome, SendOutcome};
pub use destination::Destination;
pub use drop_reason::DropReason;
pub use export::{BoxError, EncodeError, Exporter, SendFuture};
pub use failure_cause::FailureCause;
pub use in_memory::InMemoryExporter;
#[allow(unused_imports, reason = "the store uses it next")]
pub(crate) use mark::Mark;
