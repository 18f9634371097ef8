//! The recipe of `docs/renaming.md`, with `order_queue` as `order_q`: what `dofs` knows of the renamed topology, and its files.

use std::collections::BTreeMap;

use infra_core::render;
use infra_gen::{config::Environment, topology};

use crate::elsewhere::topology as renamed;

/// Does the same as `infra_core::resource!`, except for the name of one queue.
macro_rules! resource {
    ($(#[doc = $doc:literal])+ "order_queue") => {
        ::infra_core::resource!($(#[doc = $doc])+ "order_q")
            .was(const { &[::infra_core::model::name::Was::named("order_queue")] })
    };
    ($($rest:tt)+) => {
        ::infra_core::resource!($($rest)+)
    };
}
pub(crate) use resource;

/// Returns the files of the root of dev, by their paths.
pub(crate) fn files() -> BTreeMap<String, String> {
    let backend = topology::backend(Environment::Dev.config());
    render::root(&renamed::dofs(Environment::Dev), Some(&backend))
}

/// With the renamed topology, `dofs` uses the same resources: their names in AWS do not change.
#[test]
fn a_renamed_queue_keeps_its_name_in_aws() {
    for environment in Environment::ALL {
        let (names, today) = (renamed::names(environment), topology::names(environment));
        assert_eq!(*names.queue, format!("dofs-{environment}-order-queue"));
        assert_eq!(format!("{names:?}"), format!("{today:?}"));
    }
    let files = files();
    let queues = &files["modules/sqs/main.tf.json"];
    assert!(queues.contains(r#""order_q": {"#) && !queues.contains(r#""order_queue": {"#));
}
