//! Arbitrary items of every kind are encoded such that the service refuses none.

mod any_item;
mod facts;
mod rules;
