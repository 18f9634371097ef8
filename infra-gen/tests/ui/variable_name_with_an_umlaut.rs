//! A variable with a letter in its name that Lambda does not take.

use function_contract::setting::Setting;

function_contract::env_contract! {
    pub struct WrongEnv {
        GRÖSSE => size: Setting<u32>,
    }
}

fn main() {}
