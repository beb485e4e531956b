//! Compression of batches: gzip (RFC 1952).
//!
//! `fast` uses this crate's own compressor (`deflate`), `best` a general one.

mod best;
mod deflate;
mod fast;

pub(crate) use best::best;
pub(crate) use fast::FastGzip;
