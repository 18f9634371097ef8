//! Metrics in CloudWatch's embedded metric format: one log line for each count.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::{
    io,
    time::{Duration, SystemTime},
};

use metrique_writer_core::{Entry, EntryWriter, format::Format as _, unit::AsCount};
use metrique_writer_format_emf::Emf;

use crate::moment::Moment;

/// A count of one order or message. The metric has no dimensions. The id is a field of the line, so it can be searched
/// for; as a dimension, each id would create a metric of its own.
struct Counted<'a> {
    at: Moment,
    metric: &'static str,
    of: (&'static str, &'a str),
}

impl Entry for Counted<'_> {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        writer.timestamp(SystemTime::UNIX_EPOCH + Duration::from_millis(self.at.millis()));
        writer.value(self.metric, &AsCount::from(1_u64));
        let (field, id) = self.of;
        writer.value(field, id);
    }
}

/// Writes the line. `of` is the name of a field and its value, the id.
///
/// # Errors
///
/// If the line cannot be written.
pub(crate) fn write(
    to: &mut impl io::Write,
    namespace: &str,
    at: Moment,
    metric: &'static str,
    of: (&'static str, &str),
) -> io::Result<()> {
    // One empty set of dimensions.
    let mut emf = Emf::all_validations(namespace.to_owned(), vec![vec![]]);
    let mut line = Vec::new();
    emf.format(&Counted { at, metric, of }, &mut line).map_err(io::Error::other)?;
    // In one write, so that no other line gets in between.
    to.write_all(&line)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_count_is_one_line_that_cloudwatch_reads() {
        let of = ("order_id", "0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3");
        let mut out = Vec::new();
        let at = Moment::from_millis(1_753_016_788_324);
        write(&mut out, "dofs-dev/orders", at, "OrdersStuck", of).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["OrdersStuck"], 1);
        assert_eq!(line["order_id"], of.1);
        assert_eq!(line["_aws"]["Timestamp"], 1_753_016_788_324_u64);
        assert_eq!(
            line["_aws"]["CloudWatchMetrics"],
            json!([{
                "Namespace": "dofs-dev/orders",
                "Dimensions": [[]],
                "Metrics": [{ "Name": "OrdersStuck", "Unit": "Count" }],
            }])
        );
    }
}
