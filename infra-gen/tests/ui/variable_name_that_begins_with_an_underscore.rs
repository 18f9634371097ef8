//! A variable with a name that begins as only Lambda's own may.

use function_contract::setting::Setting;

function_contract::env_contract! {
    pub struct WrongEnv {
        _HANDLER => handler: Setting<String>,
    }
}

fn main() {}
