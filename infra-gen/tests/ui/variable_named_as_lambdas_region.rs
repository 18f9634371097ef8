//! A variable with a name that Lambda keeps for itself.

use function_contract::setting::Setting;

function_contract::env_contract! {
    pub struct WrongEnv {
        AWS_REGION => region: Setting<String>,
    }
}

fn main() {}
