//! Finds the event source mappings of a queue or a stream.

use super::{block::Block, identity::alike, root::Root};

const TYPE: &str = "aws_lambda_event_source_mapping";

/// Whether a mapping receives messages. A disabled one does not.
pub(super) fn runs(mapping: &Block) -> bool {
    mapping.tf_type == TYPE && mapping.truth(&["enabled"]) != Some(false)
}

/// Whether another mapping in `root` receives from the same source as `mapping`, which is from the tree `of`.
pub(super) fn is_shared(root: &Root, mapping: &Block, of: &Root) -> bool {
    others(root, mapping, of).any(runs)
}

/// The mappings in `root` that have the same source and another address.
pub(super) fn others<'r>(
    root: &'r Root,
    mapping: &'r Block,
    of: &'r Root,
) -> impl Iterator<Item = &'r Block> {
    const SOURCE: &str = "event_source_arn";
    let is_other = |it: &&Block| {
        mapping.tf_type == TYPE
            && it.address != mapping.address
            && alike((&it.body[SOURCE], root), (&mapping.body[SOURCE], of))
    };
    root.of_type(TYPE).filter(is_other)
}
