//! The encryption keys for logs and schedules, which have no module of their own.

use super::{MONITORING, dynamodb};
use infra_core::model::Stack;

use crate::{
    config::{Config, Keys},
    resource,
};

/// Adds the keys for logs and schedules. They come first, because they encrypt the resources that are added after them.
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
