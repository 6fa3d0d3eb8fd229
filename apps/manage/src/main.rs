//! manage.
fn main() {}
