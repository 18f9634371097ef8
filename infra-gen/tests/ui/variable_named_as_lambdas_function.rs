//! A variable with a name that Lambda sets to the function's name.

use function_contract::setting::Setting;

function_contract::env_contract! {
    pub struct WrongEnv {
        AWS_LAMBDA_FUNCTION_NAME => function: Setting<String>,
    }
}

fn main() {}
