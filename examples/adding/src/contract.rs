//! The addition to `lambdas/contracts/src/functions.rs`.

use contracts::order::{OrderRecord, OrderStored};
use function_contract::{
    contract,
    env::Access,
    env_contract,
    error::NoError,
    event::{SqsBatchResponse, SqsEvent},
    kind::{GetItem, Table},
    setting::{LogLevel, Setting},
};

// guide: contract
contract! {
    /// Announces that an order is stored.
    pub enum AnnounceOrder = "announce_order":
    SqsEvent<OrderStored> => SqsBatchResponse, raises NoError, reads AnnounceOrderEnv
}

env_contract! {
    /// Environment of [`AnnounceOrder`].
    pub struct AnnounceOrderEnv {
        /// Says whose order it is.
        ORDERS_TABLE => orders: Access<Table<OrderRecord>, GetItem>,
        /// The log level.
        LOG_LEVEL => log_level: Setting<LogLevel>,
    }
}
// end
