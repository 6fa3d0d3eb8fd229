//! Prints nights beside their optimum: both clock changes, planned and not.

use night::{Night, Rule, Scene, optimum, play, table};

/// Vehicles, unless the first argument says otherwise.
const VEHICLES: usize = 40;
const SEED: u64 = 11;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let vehicles = std::env::args().nth(1).map_or(Ok(VEHICLES), |text| text.parse())?;
    for night in Night::ALL {
        let scene = Scene::new(night, vehicles, SEED);
        let mut scores = Vec::new();
        for rule in [Rule::Planned, Rule::EqualShare, Rule::FirstCome] {
            scores.push(play(&scene, rule).await?);
        }
        println!("{}", table(&scene, &optimum(&scene)?, &scores));
    }
    Ok(())
}
