//! A share that is more than the whole.

use function_contract::setting::Percent;

const SHARE: Percent = Percent::new(101);

fn main() {}
