//! A batch that is gathered for longer than Lambda waits.

use infra_gen::model::limits::BatchWindow;

const WINDOW: BatchWindow = BatchWindow::new(301);

fn main() {}
