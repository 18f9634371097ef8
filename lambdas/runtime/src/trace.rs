//! Passes the X-Ray trace of an event on to other services, so that executions and messages belong to the same trace.
//!
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>

tokio::task_local! {
    static HEADER: Option<String>;
}

/// The longest trace header that Step Functions accepts. It refuses to start an execution with a longer one.
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>
const LONGEST: usize = 256;

/// Runs `work` as part of the trace in Lambda's header. A header that Step Functions would refuse is dropped: clients
/// can send any header, and an order is more important than its trace.
pub(crate) async fn within<F: Future>(header: Option<String>, work: F) -> F::Output {
    let header = header.filter(|it| it.is_ascii() && it.len() <= LONGEST);
    HEADER.scope(header, work).await
}

/// Returns the header of the current trace, or `None` if there is none.
pub(crate) fn header() -> Option<String> {
    HEADER.try_with(Clone::clone).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn headers_that_step_functions_would_refuse_are_dropped() {
        async fn check(header: String, is_kept: bool) {
            let kept = within(Some(header.clone()), async { super::header() }).await;
            assert_eq!(kept, is_kept.then_some(header));
        }
        check("Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1".to_owned(), true).await;
        check("a".repeat(256), true).await;
        check("a".repeat(257), false).await;
        check("ä".to_owned(), false).await;
    }
}
