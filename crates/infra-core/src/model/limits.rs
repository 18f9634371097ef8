//! Numbers with a range that AWS defines.
//!
//! Every constructor is `const`. In a `const` item, a literal out of range does not compile, and the message has the
//! range.

/// Defines a whole number with a range.
macro_rules! bounded {
    ($($(#[doc = $doc:literal])* $name:ident($inner:ty), $min:literal..=$max:literal, $message:literal;)*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name($inner);

        impl $name {
            /// The smallest and the largest number that AWS accepts.
            pub const RANGE: std::ops::RangeInclusive<$inner> = $min..=$max;

            /// Use it in a `const` item, where a number out of range does not compile.
            ///
            /// # Panics
            ///
            /// If the number is out of range.
            #[track_caller]
            pub const fn new(number: $inner) -> Self {
                // For a range that starts at zero the first half is always true.
                #[allow(unused_comparisons)]
                {
                    assert!(number >= $min && number <= $max, $message);
                }
                $name(number)
            }

            /// The number.
            pub const fn get(self) -> $inner {
                self.0
            }
        }

        impl From<$name> for $crate::model::expr::Body {
            fn from(it: $name) -> Self {
                $crate::model::expr::Body::from(u64::from(it.0))
            }
        }
    )*};
}

bounded! {
    /// How many days an object is kept.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html>
    ObjectDays(u16), 1..=3650, "an object expires after 1 to 3650 days";

    /// How long a build may take, in minutes.
    /// <https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html>
    BuildTimeout(u16), 5..=2160, "a build may take 5 to 2160 minutes";

    /// Memory of a function in MB. CPU grows with it.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
    MemoryMb(u16), 128..=10240, "the memory of a Lambda function is 128 to 10240 MB";

    /// Timeout of a function in seconds.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html>
    FunctionTimeout(u16), 1..=900, "the timeout of a Lambda function is 1 to 900 seconds";

    /// The reserved concurrency of a function, which is taken from the account's quota.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>
    ReservedConcurrency(u16), 1..=1000, "reserved concurrency is 1 to 1000; 0 would switch the function off";

    /// The maximum concurrency of an event source: how many instances of a function one queue may invoke.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>
    MaximumConcurrency(u16), 2..=1000, "the maximum concurrency of an SQS event source is 2 to 1000";

    /// The batch size: how many messages one invocation may receive.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html>
    BatchSize(u16), 1..=10000, "the batch size of an SQS event source is 1 to 10000";

    /// How long Lambda gathers a batch, in seconds.
    BatchWindow(u16), 0..=300, "the batch window of an SQS event source is 0 to 300 seconds";

    /// How long a received message stays hidden, in seconds.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html>
    VisibilityTimeout(u32), 0..=43200, "the visibility timeout of a queue is 0 to 43200 seconds (12 hours)";

    /// How long a queue keeps a message, in seconds.
    MessageRetention(u32), 60..=1_209_600, "a queue keeps messages for 60 to 1209600 seconds (14 days)";

    /// After how many receives a message goes to the dead-letter queue.
    MaxReceiveCount(u16), 1..=1000, "the maximum receive count of a queue is 1 to 1000";

    /// How long a state may take, in seconds.
    StateTimeout(u32), 1..=99_999_999, "the timeout of a state is 1 to 99999999 seconds";

    /// How long a state machine may wait, in seconds.
    WaitSeconds(u32), 0..=99_999_999, "a Wait state waits 0 to 99999999 seconds";

    /// How often a retrier retries a state.
    MaxAttempts(u32), 0..=99_999_999, "a retrier makes 0 to 99999999 attempts";

    /// The delay of a retrier before the first retry, in seconds.
    RetryInterval(u32), 1..=99_999_999, "a retrier waits 1 to 99999999 seconds";

    /// The longest delay of a retrier, in seconds.
    MaxDelay(u32), 1..=31_622_400, "the longest delay of a retrier is 1 to 31622400 seconds";

    /// How many items a Map state processes at once.
    MapConcurrency(u16), 1..=1000, "the concurrency of a Map state is 1 to 1000";

    /// The rate limit of an API: the sustained number of requests in a second.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html>
    RateLimit(u32), 1..=10_000, "the rate limit of an API is 1 to 10000 requests a second";

    /// The burst limit of an API.
    BurstLimit(u32), 1..=5_000, "the burst limit of an API is 1 to 5000 requests";

    /// Requests a day that one key of an API may make.
    DailyQuota(u32), 1..=2_000_000_000, "the quota of a key is 1 to 2000000000 requests a day";

    /// Requests that a firewall lets through from one caller in five minutes.
    /// <https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html>
    CallerRate(u32), 10..=2_000_000_000, "the rate of a firewall is 10 to 2000000000 requests";

    /// How many periods an alarm evaluates.
    EvaluationPeriods(u16), 1..=1440, "an alarm looks at 1 to 1440 periods";

    /// The waiting period of a key's deletion, in days, in which the deletion can be canceled.
    KeyDeletionWindow(u8), 7..=30, "the deletion window of a key is 7 to 30 days";

    /// How many days a rejected order is kept.
    KeptDays(u16), 1..=3650, "records are kept for 1 to 3650 days";
}

impl KeptDays {
    /// The number of seconds.
    pub const fn seconds(self) -> u64 {
        self.0 as u64 * 86_400
    }
}

/// How long CloudWatch Logs keeps events, in days: one of its fixed steps.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogRetention(u16);

const LOG_RETENTION_STEPS: &[u16] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

impl LogRetention {
    /// Use it in a `const` item, where a retention that CloudWatch does not support does not compile.
    ///
    /// # Panics
    ///
    /// If CloudWatch does not support the retention.
    #[track_caller]
    pub const fn days(days: u16) -> Self {
        let mut i = 0;
        while i < LOG_RETENTION_STEPS.len() {
            if LOG_RETENTION_STEPS[i] == days {
                return LogRetention(days);
            }
            i += 1;
        }
        panic!(
            "CloudWatch Logs keeps events for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days"
        );
    }

    /// The number of days.
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// The length of one period of a metric, in seconds.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(u32);

impl Period {
    /// Use it in a `const` item, where a period that an alarm cannot have does not compile.
    ///
    /// # Panics
    ///
    /// If `seconds` is not a multiple of 60 from 60 to 86400.
    #[track_caller]
    pub const fn seconds(seconds: u32) -> Self {
        assert!(
            seconds >= 60 && seconds <= 86_400 && seconds.is_multiple_of(60),
            "the period of an alarm is a multiple of 60, from 60 to 86400 seconds"
        );
        Period(seconds)
    }

    /// The number of seconds.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// The factor by which a retrier's delay grows after each retry: 1.0 or more, in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BackoffRate(u16);

impl BackoffRate {
    /// Use it in a `const` item. `BackoffRate::hundredths(200)` doubles the delay each time.
    ///
    /// # Panics
    ///
    /// If the rate is below 1.00 or above 10.00.
    #[track_caller]
    pub const fn hundredths(rate: u16) -> Self {
        assert!(
            rate >= 100 && rate <= 1000,
            "a backoff rate is 1.00 to 10.00 (100 to 1000 hundredths)"
        );
        BackoffRate(rate)
    }

    /// The rate.
    pub fn get(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

/// When EventBridge Scheduler calls.
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule(Timing);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Timing {
    Minutes(u16),
    Cron(&'static str),
}

impl Schedule {
    /// A schedule with a fixed interval in minutes.
    ///
    /// # Panics
    ///
    /// If `minutes` is 0 or more than a day.
    #[track_caller]
    pub const fn every_minutes(minutes: u16) -> Self {
        assert!(minutes >= 1 && minutes <= 1440, "a rate expression is 1 to 1440 minutes");
        Schedule(Timing::Minutes(minutes))
    }

    /// A schedule with a cron expression: minutes, hours, day of month, month, day of week, year, in UTC.
    ///
    /// # Panics
    ///
    /// If there are not six fields, if a field has an invalid character, or if not exactly one of the two day fields is
    /// `?`.
    #[track_caller]
    pub const fn cron(expression: &'static str) -> Self {
        let bytes = expression.as_bytes();
        let (mut i, mut fields, mut in_field, mut open_day) = (0, 0, false, 0);
        while i < bytes.len() {
            let byte = bytes[i];
            if byte == b' ' {
                in_field = false;
            } else {
                if !in_field {
                    fields += 1;
                    in_field = true;
                }
                assert!(
                    byte.is_ascii_digit()
                        || byte.is_ascii_uppercase()
                        || matches!(byte, b'*' | b'/' | b',' | b'-' | b'?' | b'#'),
                    "a cron field has only digits, names in capitals and * / , - ? # L W"
                );
                if byte == b'?' {
                    assert!(
                        fields == 3 || fields == 5,
                        "only a day field of a cron expression may be ?"
                    );
                    open_day += 1;
                }
            }
            i += 1;
        }
        assert!(
            fields == 6,
            "a cron expression has six fields: minutes hours day-of-month month day-of-week year"
        );
        assert!(open_day == 1, "exactly one of day-of-month and day-of-week must be ?");
        Schedule(Timing::Cron(expression))
    }

    /// The time between two calls. `None` for a cron expression, which has no fixed interval.
    pub const fn interval(self) -> Option<Period> {
        match self.0 {
            Timing::Minutes(minutes) => Some(Period::seconds(minutes as u32 * 60)),
            Timing::Cron(_) => None,
        }
    }

    /// The schedule expression of EventBridge Scheduler.
    pub fn expression(self) -> String {
        match self.0 {
            Timing::Minutes(1) => "rate(1 minute)".to_owned(),
            Timing::Minutes(minutes) => format!("rate({minutes} minutes)"),
            Timing::Cron(fields) => format!("cron({fields})"),
        }
    }
}
