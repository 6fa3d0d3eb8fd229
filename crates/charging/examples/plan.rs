//! Plans the problem on standard input and prints the plan: `manage plan` without the rest of
//! manage. With `--exact`, slots below a charger's minimum are left as the optimum has them.

use std::io::Read;

use charging::plan::{Settings, plan_json_with};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut problem = String::new();
    std::io::stdin().read_to_string(&mut problem)?;
    let exact = std::env::args().any(|argument| argument == "--exact");
    println!("{}", plan_json_with(&problem, Settings { merge_slivers: !exact })?);
    Ok(())
}
