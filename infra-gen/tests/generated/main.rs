//! What is generated, held against what must be true of it.

mod broken;
mod invariants;
mod rights;
mod root;
mod traps;
