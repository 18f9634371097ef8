//! A batch that is gathered for longer than Lambda waits.

use infra_core::model::limits::BatchWindow;

const WINDOW: BatchWindow = BatchWindow::new(301);

fn main() {}
