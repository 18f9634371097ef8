//! A variable with a name that Lambda sets to the function's name.

use contracts::setting::Setting;

contracts::env_contract! {
    pub struct WrongEnv {
        AWS_LAMBDA_FUNCTION_NAME => function: Setting<String>,
    }
}

fn main() {}
