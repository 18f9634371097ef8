//! A variable with a name that is too short for Lambda.

use contracts::setting::Setting;

contracts::env_contract! {
    pub struct WrongEnv {
        N => size: Setting<u32>,
    }
}

fn main() {}
