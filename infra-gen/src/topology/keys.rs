//! Keys of what has no module of its own.

use super::{MONITORING, dynamodb};
use crate::{
    config::{Config, Keys},
    model::Stack,
    resource,
};

/// Keys for what runs and writes beside the orders. They come first: what is added after them is
/// encrypted with them.
pub(super) fn operation_keys(stack: &mut Stack, config: &Config) {
    if config.keys == Keys::Aws {
        return;
    }
    let mut module = stack.module(MONITORING);
    let logs = module.key(
        resource!(
            /// Encrypts the logs.
            "logs"
        ),
        dynamodb::KEY_DELETION_WINDOW,
    );
    let schedules = module.key(
        resource!(
            /// Encrypts what the schedules say.
            "schedules"
        ),
        dynamodb::KEY_DELETION_WINDOW,
    );
    stack.encrypt_logs(&logs);
    stack.encrypt_schedules(&schedules);
}
