//! A variable with a name that begins as only Lambda's own may.

use contracts::setting::Setting;

contracts::env_contract! {
    pub struct WrongEnv {
        _HANDLER => handler: Setting<String>,
    }
}

fn main() {}
