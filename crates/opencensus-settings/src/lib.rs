#![doc = include_str!("../README.md")]

pub mod fault;
pub mod shown;
pub mod template;

pub use fault::{Fault, InvalidSettings};
