//! A deadline that is over at once.

use contracts::setting::Minutes;

const DEADLINE: Minutes = Minutes::new(0);

fn main() {}
