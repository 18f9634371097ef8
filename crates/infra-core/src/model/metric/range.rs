//! The range of a metric's values. An alarm whose threshold no value exceeds never fires; one that every value exceeds always
//! does.

use std::borrow::Cow;

use super::{Faults, FaultyCalls, Level, Values};
use crate::model::unit::{Count, Milliseconds, Seconds};

/// The range of a metric's values, as numbers in the metric's unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// The largest possible value, and why.
    pub(in crate::model) most: Option<(f64, Cow<'static, str>)>,
    /// A value that regular work reaches, and why.
    pub(in crate::model) usual: Option<(f64, Cow<'static, str>)>,
}

impl Range {
    const ANY: Range = Range { most: None, usual: None };

    /// Regular work exceeds 0.
    const fn above_zero(why: &'static str) -> Self {
        Range { usual: Some((0.0, Cow::Borrowed(why))), ..Range::ANY }
    }

    /// With a largest value.
    pub(in crate::model) fn most(self, most: impl Into<f64>, why: String) -> Self {
        Range { most: Some((most.into(), why.into())), ..self }
    }

    /// With a value that regular work reaches.
    pub(in crate::model) fn usual(self, usual: impl Into<f64>, why: String) -> Self {
        Range { usual: Some((usual.into(), why.into())), ..self }
    }

    /// Without a value that regular work reaches.
    pub(in crate::model) fn unusual(self) -> Self {
        Range { usual: None, ..self }
    }

    /// The range of the metric's share in a whole.
    pub(in crate::model) fn of_a_share(self) -> Self {
        self.most(1.0, "a share is at most 1".to_owned())
    }
}

impl Values for Count {
    const RANGE: Range = Range::above_zero("the metric counts regular work");
}

impl Values for Faults {
    const RANGE: Range = Range::ANY;
}

impl Values for FaultyCalls {
    const RANGE: Range = Range::ANY;
}

impl Values for Level {
    const RANGE: Range = Range::above_zero("there are some whenever there is work");
}

impl Values for Seconds {
    const RANGE: Range = Range::above_zero("whatever waits has an age");
}

impl Values for Milliseconds {
    const RANGE: Range = Range::above_zero("every call takes some time");
}
