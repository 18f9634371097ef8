//! The X-Ray trace that an event belongs to, so that what it causes in another service belongs to it, too.
//!
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>

tokio::task_local! {
    static HEADER: Option<String>;
}

/// The longest header that Step Functions takes. It refuses an execution with a longer one.
/// <https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>
const LONGEST: usize = 256;

/// Does `work` as a part of the trace that Lambda's header names. A header that Step Functions would refuse names none: a
/// client may send one of its own, and an order counts more than its trace.
pub(crate) async fn within<F: Future>(header: Option<String>, work: F) -> F::Output {
    let header = header.filter(|it| it.is_ascii() && it.len() <= LONGEST);
    HEADER.scope(header, work).await
}

/// The header of the trace that the current work belongs to; `None` where Lambda named none.
pub(crate) fn header() -> Option<String> {
    HEADER.try_with(Clone::clone).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_step_functions_would_refuse_is_no_trace() {
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
