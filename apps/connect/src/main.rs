//! connect.
fn main() {}
