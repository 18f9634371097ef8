//! Thumbnails of images: a topology other than DOFS, built with the same model.
//!
//! ```text
//! originals (S3) -> uploads (SQS) -> start -> thumbnails (Step Functions):
//!     for each size, with limited concurrency: resize -> thumbnails (S3)
//! ```
//!
//! The example needs no change of the generator: `infra_core::model` provides buckets, queues, functions and the Map
//! state, with their permissions, logs and dead-letter queues.

pub mod contracts;

use function_contract::{
    event::ObjectCreated,
    kind::{DeadLetterQueue, Function, StateMachine},
};
use infra_core::{
    model::{
        Handle, Id, ModuleName, Scope, Stack,
        bucket::{Bucket, Expiry},
        expr::RootVariable,
        flow::{self, Ended, Flow, Retry, TaskSpec},
        function::{Architecture, FunctionSpec},
        key::Encryption,
        limits::{
            BackoffRate, BatchSize, BatchWindow, FunctionTimeout, KeyDeletionWindow, LogRetention,
            MapConcurrency, MaxAttempts, MaxDelay, MaxReceiveCount, MaximumConcurrency, MemoryMb,
            MessageRetention, ObjectDays, RetryInterval, StateTimeout, VisibilityTimeout,
        },
        machine::MachineSpec,
        place::{AccountId, Region},
        queue::{DeadLetterQueueSpec, DeadLetters},
        stack::Finished,
        trigger::EventSourceSpec,
        upload::UploadQueueSpec,
    },
    resource,
};

use self::contracts::{
    Image, Originals, Resize, ResizeEnv, ResizeError, Start, StartEnv, Thumbnail, Thumbnails,
};

const STORAGE: ModuleName = ModuleName::new("storage");
const WORK: ModuleName = ModuleName::new("work");
const ALARMS: ModuleName = ModuleName::new("alarms");

/// The name of the Terraform root. Its files are in the folder `generated/thumbnails` of the example.
pub const ROOT: &str = "thumbnails";

/// The account of everything.
pub const ACCOUNT: AccountId = AccountId::new("123456789012");
/// The region of everything.
pub const REGION: Region = Region::EuCentral1;
const PACKAGES: RootVariable = RootVariable::packages("zips");

const MONTH: LogRetention = LogRetention::days(30);
const SHORT: FunctionTimeout = FunctionTimeout::new(10);
/// A large image needs time, and memory for its pixels.
const LONG: FunctionTimeout = FunctionTimeout::new(60);
const LARGE: MemoryMb = MemoryMb::new(1769);
const SMALL: MemoryMb = MemoryMb::new(256);
const AT_ONCE: MapConcurrency = MapConcurrency::new(4);

/// The retries of an error that may be temporary.
const CALL: TaskSpec = TaskSpec {
    timeout: StateTimeout::new(70),
    heartbeat: None,
    retry: Retry {
        interval: RetryInterval::new(1),
        max_attempts: MaxAttempts::new(4),
        backoff: BackoffRate::hundredths(200),
        max_delay: MaxDelay::new(30),
    },
};

/// Returns the complete stack.
pub fn thumbnails() -> Finished {
    let mut stack = Stack::new(Scope::of(ROOT, None, ACCOUNT, REGION));
    let originals = bucket(
        &mut stack,
        resource!(
            /// Images as they were uploaded.
            "originals"
        ),
    );
    let small = bucket(
        &mut stack,
        resource!(
            /// Thumbnails, by the key of their image and their width.
            "thumbnails"
        ),
    );
    let resize = resize(&mut stack, &originals, &small);
    let machine = machine(&mut stack, &resize);
    let dead = start(&mut stack, &originals, &machine);
    alarm(&mut stack, &dead);
    stack.finish()
}

fn bucket<O: 'static>(stack: &mut Stack, id: Id) -> Handle<Bucket<O>> {
    const OLD: ObjectDays = ObjectDays::new(30);
    let name = format!("{ROOT}-{}-{}-{}", id.name(), ACCOUNT.as_str(), REGION.as_str());
    stack.module(STORAGE).private_bucket(id, &name, Expiry::OldVersions(OLD))
}

fn resize(
    stack: &mut Stack,
    originals: &Handle<Bucket<Originals>>,
    thumbnails: &Handle<Bucket<Thumbnails>>,
) -> Handle<Function<Resize>> {
    let env = ResizeEnv { originals: originals.access(), thumbnails: thumbnails.access() };
    stack.module(WORK).function(
        resource!(
            /// Makes one thumbnail.
            "resize"
        ),
        FunctionSpec {
            env,
            memory: LARGE,
            timeout: LONG,
            architecture: Architecture::Arm64,
            reserved_concurrency: None,
            log_retention: MONTH,
            packages: PACKAGES,
        },
    )
}

fn machine(stack: &mut Stack, resize: &Handle<Function<Resize>>) -> Handle<StateMachine<Image>> {
    const HOUR: StateTimeout = StateTimeout::new(3600);
    stack.module(WORK).state_machine(
        resource!(
            /// Makes all thumbnails of an image.
            "thumbnails"
        ),
        MachineSpec { timeout: HOUR, log_retention: MONTH },
        all_sizes(resize),
    )
}

fn all_sizes(resize: &Handle<Function<Resize>>) -> Flow<Image, Ended> {
    let no_image = flow::fail("NoImage", "the file is not a readable image");
    let given_up = flow::fail("GivenUp", "a thumbnail could not be made");
    let unread = flow::fail("NotMade", "not all thumbnails could be made");

    let one_size = flow::invoke("Resize", resize, CALL).catching(
        |error| match error {
            ResizeError::NoImage => flow::leave(Thumbnail::caught(), &no_image),
        },
        flow::leave(Thumbnail::caught(), &given_up),
    );
    flow::map("EachSize", &Image::at().thumbnails, one_size, AT_ONCE)
        .catching(|never| match never {}, flow::leave(Image::caught(), &unread))
        .then(flow::succeed("AllMade"))
}

/// Returns the dead letters.
fn start(
    stack: &mut Stack,
    originals: &Handle<Bucket<Originals>>,
    machine: &Handle<StateMachine<Image>>,
) -> Handle<DeadLetterQueue<ObjectCreated>> {
    const HIDDEN: VisibilityTimeout = VisibilityTimeout::new(60);
    const DAYS: MessageRetention = MessageRetention::new(4 * 86_400);
    const TWO_WEEKS: MessageRetention = MessageRetention::new(14 * 86_400);
    const ATTEMPTS: MaxReceiveCount = MaxReceiveCount::new(5);
    const BATCH: BatchSize = BatchSize::new(10);
    const NO_WINDOW: BatchWindow = BatchWindow::new(0);
    const FEW: MaximumConcurrency = MaximumConcurrency::new(5);

    let mut module = stack.module(WORK);
    let dead = module.dead_letter_queue(
        resource!(
            /// Uploads for which no execution could be started.
            "uploads_dlq"
        ),
        DeadLetterQueueSpec { encryption: Encryption::Aws, retention: TWO_WEEKS },
    );
    let uploads = module.upload_queue(
        resource!(
            /// Hears of every image that is uploaded.
            "uploads"
        ),
        originals,
        UploadQueueSpec { visibility: HIDDEN, retention: DAYS },
        DeadLetters { to: &dead, after: ATTEMPTS },
    );
    let start: Handle<Function<Start>> = module.function(
        resource!(
            /// Starts an execution for each image.
            "start"
        ),
        FunctionSpec {
            env: StartEnv { machine: machine.access() },
            memory: SMALL,
            timeout: SHORT,
            architecture: Architecture::Arm64,
            reserved_concurrency: None,
            log_retention: MONTH,
            packages: PACKAGES,
        },
    );
    module.on_messages(
        resource!(
            /// Feeds uploads to start.
            "uploads"
        ),
        &uploads,
        &start,
        EventSourceSpec { batch_size: BATCH, batch_window: NO_WINDOW, maximum_concurrency: FEW },
    );
    dead
}

fn alarm(stack: &mut Stack, dead: &Handle<DeadLetterQueue<ObjectCreated>>) {
    const MONTH: KeyDeletionWindow = KeyDeletionWindow::new(30);
    let mut module = stack.module(ALARMS);
    let key = module.key(
        resource!(
            /// Encrypts the alarms' topic.
            "alarms"
        ),
        MONTH,
    );
    let topic = module.alarm_topic(
        resource!(
            /// Receives the alarms.
            "alarms"
        ),
        &key,
        &[],
    );
    module.watch(dead, &topic);
}
