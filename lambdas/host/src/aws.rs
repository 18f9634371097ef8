//! An AWS for the functions to call: the emulator with the tables, the queue and the state machines in their
//! environment variables.

mod json;
mod machine;
mod queue;
mod tables;

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_credential_types::Credentials;
use contracts::order::{FailedOrder, OrderRecord};
use local_aws::{Account, Emulator, Tools};
use tokio::runtime::Runtime;

pub use machine::Ending;
pub use queue::{Message, event};
pub use tables::Items;

use crate::Function;

const REGION: &str = "ap-south-1";

/// A separate account in the emulator, so that tests do not see each other's orders. Its methods panic if a call fails.
pub struct Aws {
    account: String,
    endpoint: &'static str,
    threads: Runtime,
    dynamodb: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
    sfn: aws_sdk_sfn::Client,
    queue: String,
    machine: String,
}

/// Creates an SDK client that calls the emulator with the credentials of an account.
macro_rules! client {
    ($sdk:ident, $account:expr, $endpoint:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::latest())
                .region($sdk::config::Region::from_static(REGION))
                .credentials_provider(Credentials::new($account, "test", None, None, "a test"))
                .http_client(aws_smithy_http_client::Builder::new().build_http())
                .endpoint_url($endpoint)
                .build(),
        )
    };
}

impl Aws {
    /// Creates an account with all its resources. All accounts of a test process share one emulator, which ends with
    /// the process. `folder` is `env!("CARGO_TARGET_TMPDIR")`.
    pub fn new(folder: &str) -> Self {
        static ACCOUNTS: AtomicU64 = AtomicU64::new(111_111_111_111);
        let endpoint = endpoint(Path::new(folder));
        let account = ACCOUNTS.fetch_add(1, Ordering::Relaxed).to_string();
        let threads = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let mut aws = Aws {
            dynamodb: client!(aws_sdk_dynamodb, &account, endpoint),
            sqs: client!(aws_sdk_sqs, &account, endpoint),
            sfn: client!(aws_sdk_sfn, &account, endpoint),
            threads: threads.unwrap_or_else(|err| panic!("starting tokio failed: {err}")),
            account,
            endpoint,
            queue: String::new(),
            machine: String::new(),
        };
        tables::create(&aws);
        aws.queue = queue::create(&aws);
        aws.machine = machine::create(&aws, Ending::Never);
        aws
    }

    /// Starts a function in this account. Its environment variables come from the account, except for those in `but`.
    #[track_caller]
    pub fn start(&self, binary: &str, but: &[(&str, &str)]) -> Function {
        let mut variables = vec![
            ("AWS_ENDPOINT_URL", self.endpoint),
            ("AWS_ACCESS_KEY_ID", &self.account),
            ("AWS_REGION", REGION),
            ("ORDERS_TABLE", tables::ORDERS),
            ("FAILED_ORDERS_TABLE", tables::FAILED_ORDERS),
            ("ORDER_QUEUE_URL", &self.queue),
            ("ORDER_MACHINE_ARN", &self.machine),
            ("CORS_ORIGIN", "https://shop.example.com"),
            ("FULFILLMENT_RATE", "50"),
            ("PROCESSING_DEADLINE_MINUTES", "30"),
            ("LOG_LEVEL", "info"),
            ("METRICS_NAMESPACE", "dofs-dev/orders"),
        ];
        variables.extend(but);
        Function::start(binary, &variables)
    }

    /// Returns the address of the emulator, and the account of the calls to it.
    pub fn called_by(&self) -> (&str, Account) {
        let account = Account { id: self.account.clone(), region: REGION.to_owned() };
        (self.endpoint, account)
    }

    /// Returns the table `orders`.
    pub fn orders(&self) -> Items<'_, OrderRecord> {
        Items::of(self, tables::ORDERS)
    }

    /// Returns the table `failed_orders`.
    pub fn failed_orders(&self) -> Items<'_, FailedOrder> {
        Items::of(self, tables::FAILED_ORDERS)
    }

    /// Runs a call, and panics if it fails.
    #[track_caller]
    fn run<T, E: std::fmt::Debug>(&self, call: impl Future<Output = Result<T, E>>) -> T {
        self.threads
            .block_on(call)
            .unwrap_or_else(|err| panic!("a call to the emulator of AWS failed: {err:?}"))
    }
}

/// Returns the name of this test program, of which cargo runs one process at a time.
fn program() -> OsString {
    let path = std::env::current_exe()
        .unwrap_or_else(|err| panic!("the path of this test program is not known: {err}"));
    path.file_stem().map(OsStr::to_owned).unwrap_or_default()
}

/// Returns the address of this process's emulator, and starts the emulator on the first call.
fn endpoint(folder: &Path) -> &'static str {
    static EMULATOR: OnceLock<(Emulator, String)> = OnceLock::new();
    let (_, endpoint) = EMULATOR.get_or_init(|| {
        let tools = Tools::prepare(&folder.with_file_name("tools"));
        let tools = tools.unwrap_or_else(|err| panic!("installing the emulator failed: {err}"));
        let account = Account { id: "111111111111".to_owned(), region: REGION.to_owned() };
        let work = folder.join("functions").join(program());
        // Files of the last run: Rust does not drop static values at the end of a process, so nothing has removed them.
        let _ = fs::remove_dir_all(&work);
        let emulator = Emulator::start(&tools, &work, &account)
            .unwrap_or_else(|err| panic!("starting the emulator failed: {err}"));
        let endpoint = emulator.endpoint();
        (emulator, endpoint)
    });
    endpoint
}
