//! Allocates the snapshot on standard input and prints the allocation: `manage allocate` without
//! the rest of manage.

use std::io::Read;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut snapshot = String::new();
    std::io::stdin().read_to_string(&mut snapshot)?;
    println!("{}", charging::allocation::allocate_json(&snapshot)?);
    Ok(())
}
