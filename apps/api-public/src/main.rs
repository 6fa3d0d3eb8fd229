//! api-public.
fn main() {}
