//! Where in an order its problems are. API Gateway refuses an order of the wrong shape before
//! `api_handler` sees it, and says what is wrong, but not where. The contract says it.

use contracts::{
    api::{ApiError, OrderRequest},
    read::read,
};

/// The API's answer to an order, with problems that the form can show at its fields.
pub(super) fn located(mut error: ApiError, order: &str) -> ApiError {
    if error.problems.iter().all(|it| it.pointer.is_empty())
        && let Err(problems) = read::<OrderRequest>(order.as_bytes())
    {
        error.problems = problems;
    }
    error
}

#[cfg(test)]
mod tests {
    use contracts::api::Problem;

    use super::*;

    #[test]
    fn problems_lead_to_fields() {
        fn check(said: &[&str], order: &str, expected: &[&str]) {
            let problem = |it: &&str| Problem { pointer: (*it).to_owned(), message: String::new() };
            let error = ApiError {
                error: "BAD_REQUEST_BODY".to_owned(),
                message: String::new(),
                problems: said.iter().map(problem).collect(),
                request_id: String::new(),
            };
            let problems = located(error, order).problems;
            let pointers: Vec<_> = problems.iter().map(|it| it.pointer.as_str()).collect();
            assert_eq!(pointers, expected, "{order}");
        }
        const GOOD: &str = crate::local::up::EXAMPLE;
        let bad = GOOD.replace("29.99", "\"x\"").replace("\"quantity\":2,", "");
        check(&[""], &bad, &["/quantity", "/price"]);
        check(&[], &bad, &["/quantity", "/price"]);
        // Who knows where, is believed.
        check(&["/customerId"], &bad, &["/customerId"]);
        // The shape is right: it is something else.
        check(&[], GOOD, &[]);
        check(&[""], GOOD, &[""]);
    }
}
