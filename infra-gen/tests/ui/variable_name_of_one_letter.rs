//! A variable with a name that is too short for Lambda.

use function_contract::setting::Setting;

function_contract::env_contract! {
    pub struct WrongEnv {
        N => size: Setting<u32>,
    }
}

fn main() {}
