//! A compressor for batches: deflate (RFC 1951) for texts in which every item resembles the one before it.
//!
//! A general compressor searches for the longest repetition at every position. In a batch, the repetition is nearly always
//! at the same place of the previous item and begins at the bound of a word, so `matcher` looks there only. On batches of
//! requests that takes less time than `zlib-rs` at level 1, for as few bytes as at level 5: the benchmark `export` has the
//! curve.
//!
//! `matcher` finds repetitions, `symbol` numbers their lengths and distances as the format does, `code` finds the shortest
//! codes for these numbers, `block` writes codes and symbols, and `bits` packs them.

mod bits;
mod block;
mod code;
mod matcher;
mod symbol;

pub(crate) use bits::BitWriter;
pub(crate) use block::Block;
pub(crate) use matcher::Matcher;
pub(crate) use symbol::MAX_DISTANCE;
