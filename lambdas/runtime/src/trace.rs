//! The X-Ray trace that an event belongs to, so that what it causes in another service belongs to it, too.
//!
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>

tokio::task_local! {
    static HEADER: Option<String>;
}

/// Does `work` as a part of the trace that Lambda's header names.
pub(crate) async fn within<F: Future>(header: Option<String>, work: F) -> F::Output {
    HEADER.scope(header, work).await
}

/// The header of the trace that the current work belongs to; `None` where Lambda named none.
pub(crate) fn header() -> Option<String> {
    HEADER.try_with(Clone::clone).ok().flatten()
}
