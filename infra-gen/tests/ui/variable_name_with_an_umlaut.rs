//! A variable with a letter in its name that Lambda does not take.

use contracts::setting::Setting;

contracts::env_contract! {
    pub struct WrongEnv {
        GRÖSSE => size: Setting<u32>,
    }
}

fn main() {}
