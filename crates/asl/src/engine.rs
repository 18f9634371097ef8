//! The JSONata engine, without its own clock.
//!
//! With `jsonata-core`, threads can share a parsed expression, `$now` and `$millis` can be replaced, and numbers are
//! written as in JavaScript.

use jsonata_core::{
    ast::AstNode,
    evaluator::{Context, Evaluator, EvaluatorError},
    parser,
    value::JValue,
};

use crate::clock::Now;

/// Evaluates an expression with this value of `$states`.
pub(crate) fn evaluate(ast: &AstNode, states: JValue, now: Now) -> Result<JValue, EvaluatorError> {
    let mut context = Context::new();
    context.bind("states".to_owned(), states);
    let mut evaluator = Evaluator::with_context(context);
    evaluator.register_fn_override("millis", move |_: &[JValue]| Ok(millis(now)))?;
    evaluator.register_fn_override("now", move |it: &[JValue]| text(now, it))?;
    evaluator.evaluate(ast, &JValue::Undefined)
}

fn millis(now: Now) -> JValue {
    // A double represents the milliseconds of the next 280000 years exactly.
    JValue::Number(now.millis as f64)
}

/// Implements `$now(picture, timezone)` with `$fromMillis`, which does not read a clock.
fn text(now: Now, arguments: &[JValue]) -> Result<JValue, EvaluatorError> {
    if arguments.is_empty() {
        return Ok(JValue::string(now.to_string()));
    }
    let ast = parser::parse("$fromMillis($millis, $picture, $timezone)")
        .map_err(|it| EvaluatorError::EvaluationError(it.to_string()))?;
    let mut context = Context::new();
    context.bind("millis".to_owned(), millis(now));
    for (name, argument) in ["picture", "timezone"].into_iter().zip(arguments) {
        context.bind(name.to_owned(), argument.clone());
    }
    Evaluator::with_context(context).evaluate(&ast, &JValue::Undefined)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000_123;

    #[test]
    fn numbers_are_written_as_javascript_does() {
        check("$string(29.99)", r#""29.99""#);
        check("$string(60)", r#""60""#);
        check("$string(60.0)", r#""60""#);
        check("$string(1e20)", r#""100000000000000000000""#);
        check("$string(1e21)", r#""1e+21""#);
        check("$string(1e-7)", r#""1e-7""#);
        check("$string(-0)", r#""0""#);
    }

    #[test]
    fn now_and_millis_use_the_callers_time() {
        check("$millis()", "1700000000123");
        check("$now()", r#""2023-11-14T22:13:20.123Z""#);
        check("$now('[Y]-[M01]')", r#""2023-11""#);
        check("$now('[H01]:[m01] [z]', '+0100')", r#""23:13 GMT+01:00""#);
        check("$map([1], function() { $now() })", r#""2023-11-14T22:13:20.123Z""#);
        check("($clock := $millis; $clock())", "1700000000123");
        check("[1] ~> $map(function() { $millis() })", "1700000000123");
        check("$toMillis($now()) = $millis()", "true");
        check("$fromMillis($millis()) = $now()", "true");
    }

    fn check(expression: &str, expected: &str) {
        let ast = parser::parse(expression).expect(expression);
        let value = evaluate(&ast, JValue::Null, Now::from_millis(NOW)).expect(expression);
        assert_eq!(value.to_json_string().expect("JSON"), expected, "{expression}");
    }

    #[test]
    fn every_day_is_written_as_the_engine_writes_it() {
        let ast = parser::parse("$fromMillis($millis())").expect("JSONata");
        for day in (0..60_000_u64).step_by(13) {
            let now = Now::from_millis(day * 86_400_000 + day * 1439);
            let text = evaluate(&ast, JValue::Null, now).expect("JSONata");
            assert_eq!(text.as_str(), Some(now.to_string().as_str()));
        }
    }

    #[test]
    fn an_expression_can_be_shared_by_threads() {
        fn is_shared<T: Send + Sync>() {}
        is_shared::<AstNode>();
    }
}
