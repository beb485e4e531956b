//! Tests of the store on real files.

mod basics;
mod bed;
mod damage;
