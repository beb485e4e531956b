//! Where telemetry goes.
//!
//! An [`Exporter`] has two halves. [`encode`](Exporter::encode) puts one item into the open
//! [`Batch`], at once and on the worker's thread; [`send`](Exporter::send) delivers a whole batch
//! and says what became of it. Format and transport are the exporter's; batching, retry, bisection
//! and counting are the pipeline's, so every exporter has them.
//!
//! # Examples
//!
//! An exporter that writes one line a request:
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
//!             Delivery::Delivered
//!         })
//!     }
//! }
//! ```

mod batch;
mod console;
mod delivery;
mod drop_reason;
mod export;
mod in_memory;

pub use batch::Batch;
pub use console::ConsoleExporter;
pub use delivery::{Delivery, ItemOutcome};
pub use drop_reason::DropReason;
pub use export::{BoxError, EncodeError, Exporter, SendFuture};
pub use in_memory::InMemoryExporter;
