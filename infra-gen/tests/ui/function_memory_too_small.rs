//! A function with less memory than Lambda gives.

use infra_core::model::limits::MemoryMb;

const MEMORY: MemoryMb = MemoryMb::new(64);

fn main() {}
