//! A deadline that is over at once.

use function_contract::setting::Minutes;

const DEADLINE: Minutes = Minutes::new(0);

fn main() {}
