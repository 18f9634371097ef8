//! A variable with a name that Lambda keeps for itself.

use contracts::setting::Setting;

contracts::env_contract! {
    pub struct WrongEnv {
        AWS_REGION => region: Setting<String>,
    }
}

fn main() {}
