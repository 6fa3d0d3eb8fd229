//! api-internal.
fn main() {}
