//! A key that would be gone sooner than KMS lets it go.

use infra_core::model::limits::KeyDeletionWindow;

const WINDOW: KeyDeletionWindow = KeyDeletionWindow::new(6);

fn main() {}
