//! Log groups.

use super::{
    expr::Body,
    limits::LogRetention,
    stack::{Handle, Kind, Meta, Module},
};

/// A CloudWatch log group.
pub(in crate::model) enum LogGroup {}

impl Kind for LogGroup {
    const TF_TYPE: &'static str = "aws_cloudwatch_log_group";
    const LABEL: &'static str = "log_group";
    type Facts = ();
}

impl Module<'_> {
    #[track_caller]
    pub(in crate::model) fn log_group(
        &mut self,
        name: &str,
        aws_name: String,
        retention: LogRetention,
        doc: String,
    ) -> Handle<LogGroup> {
        let body = Body::map([
            ("name", aws_name.into()),
            ("retention_in_days", u32::from(retention.get()).into()),
        ])
        .with("kms_key_id", self.stack.log_key().cloned());
        self.add_derived(name, doc, (), body, Meta::default())
    }
}
