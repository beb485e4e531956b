//! The crate's public types against test vectors: one binary, one module per kind of vectors.

mod header_vectors;
mod sampling_vectors;
