//! The start of a function, from `main` to the first event.

use std::process::ExitCode;

use function_contract::{
    Contract,
    env::{EnvContract, Live as LiveEnv},
    setting::LogLevel,
};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use tracing::Instrument as _;

use crate::{
    handler::{Handler, Invocation, answer},
    live::Live,
    logs,
    moment::Moment,
    trace,
};

/// The parsed environment of a function.
pub type EnvOf<C> = <<C as Contract>::Env as EnvContract>::In<LiveEnv>;

/// Reads the environment, opens connections, and handles events until Lambda ends the process.
///
/// The `main` of each function calls this and nothing else. `level` returns the function's log level, and `make`
/// creates its handler.
pub fn main<C, H>(
    level: impl FnOnce(&EnvOf<C>) -> LogLevel,
    make: impl FnOnce(EnvOf<C>, Live) -> H,
) -> ExitCode
where
    C: Contract<Input: DeserializeOwned, Output: Serialize>,
    H: Handler<C>,
{
    let env = match <C::Env as EnvContract>::from_process() {
        Ok(env) => env,
        Err(errors) => {
            logs::begin(LogLevel::Info, C::BIN);
            for (variable, problem) in errors.iter() {
                tracing::error!(
                    function = C::BIN,
                    variable,
                    problem,
                    "an environment variable is not what the function's contract says; \
                     apply what infra-gen generated"
                );
            }
            return ExitCode::FAILURE;
        }
    };
    logs::begin(level(&env), C::BIN);
    // One thread is enough: a function handles one event at a time, and waits for AWS most of the time.
    let threads = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(threads) => threads,
        Err(err) => return failed(C::BIN, &err),
    };
    let outcome = threads.block_on(async {
        let live = Live::connect::<C::Env>().await?;
        let handler = make(env, live);
        let handler = &handler;
        lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
            self::event::<C, H>(handler, event).await
        }))
        .await
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => failed(C::BIN, &*err),
    }
}

fn failed(function: &str, err: &(dyn std::error::Error + 'static)) -> ExitCode {
    tracing::error!(function, error = err, "the function cannot start");
    ExitCode::FAILURE
}

async fn event<C, H>(
    handler: &H,
    event: LambdaEvent<Box<RawValue>>,
) -> Result<C::Output, Diagnostic>
where
    C: Contract<Input: DeserializeOwned, Output: Serialize>,
    H: Handler<C>,
{
    let context = event.context;
    let span = tracing::info_span!(
        "invocation",
        request_id = context.request_id,
        trace_id = context.xray_trace_id.as_deref().unwrap_or_default(),
    );
    let invocation = Invocation {
        request_id: context.request_id,
        deadline: Moment::from_millis(context.deadline),
    };
    // On the heap, because rustc fails on a future that contains as many others as those of the AWS SDK and
    // lambda_runtime together.
    let work = Box::pin(answer(handler, event.payload.get(), &invocation)).instrument(span);
    let answered = trace::within(context.xray_trace_id, work).await;
    answered.map_err(|raised| Diagnostic {
        error_type: raised.name.to_owned(),
        error_message: raised.cause.into(),
    })
}
