//! List prices of AWS, from a data file with the page and the date of each price.

use std::{collections::BTreeMap, sync::OnceLock};

use serde::{Deserialize, Serialize};

const TEXT: &str = include_str!("../../prices/us-east-1.json");

/// Defines the prices: their variants, their labels, and their keys in the data file.
macro_rules! prices {
    ($($name:ident $doc:literal)*) => {
        /// Something that AWS charges for.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum Price {
            $(
                #[doc = $doc]
                $name,
            )*
        }

        impl Price {
            /// All prices.
            pub const ALL: &[Price] = &[$(Price::$name),*];

            /// For people.
            pub const fn label(self) -> &'static str {
                match self {
                    $(Price::$name => $doc,)*
                }
            }
        }
    };
}

prices! {
    GatewayRequest "requests of the API"
    FunctionRequest "calls of the function"
    FunctionGbSecondX86 "time of the function"
    FunctionGbSecondArm "time of the function, on Graviton"
    MachineTransition "transitions between states"
    TableWrite "writes"
    TableRead "reads"
    TableStorage "what is kept"
    TableBackup "backups"
    QueueRequest "requests of the queue"
    ScheduleCall "calls of the schedule"
    CustomerKey "the key itself"
    KeyRequest "use of the key"
    Firewall "the firewall itself"
    FirewallRule "rules of the firewall"
    FirewallRequest "requests that the firewall looks at"
    AlarmMetric "metrics that the alarm watches"
    Dashboard "the dashboard"
    LogIngestion "what is logged"
    LogStorage "logs that are kept"
    Trace "traces"
}

/// A price.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Entry {
    /// The price in USD,
    pub usd: f64,
    /// for this number
    pub per: f64,
    /// of this unit.
    pub unit: String,
    /// The day on which the page had this price.
    pub as_of: String,
    /// The page with the price.
    pub source: String,
}

/// The prices of a region.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PriceList {
    /// The region.
    pub region: String,
    prices: BTreeMap<Price, Entry>,
}

impl PriceList {
    /// The vendored prices.
    pub fn vendored() -> &'static PriceList {
        static LIST: OnceLock<PriceList> = OnceLock::new();
        LIST.get_or_init(|| {
            serde_json::from_str(TEXT)
                .expect("the prices are a file of this crate, and a test parses it")
        })
    }

    /// The day of the oldest price.
    pub fn oldest(&self) -> &str {
        let days = self.prices.values().map(|it| it.as_of.as_str());
        days.min().expect("the file has every price: a test asks for all of them")
    }

    /// A price.
    pub fn of(&self, what: Price) -> &Entry {
        self.prices.get(&what).expect("the file has every price: a test asks for all of them")
    }
}
