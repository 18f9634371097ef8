//! A function that is not in the list of functions, so that nothing would pack it.

use contracts::functions::ValidatorEnv;
use function_contract::{contract, error::NoError, event::Tick, functions::Listed};

contract! {
    /// Announces that an order is stored.
    pub enum AnnounceOrder = "announce_order":
    Tick => (), raises NoError, reads ValidatorEnv
}

fn configured<C: Listed>() {}

fn wrong() {
    configured::<AnnounceOrder>();
}

fn main() {}
