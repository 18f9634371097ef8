use jsonata_core::parser;

use super::*;

#[test]
fn what_an_expression_reads_is_found() {
    check("1 + 1", "");
    check("$states.input", "input");
    check("$states.`input`.a[b = $states.result.c]", "input result");
    check(
        "$map($states.input, function($v) { $v & $states.errorOutput.Error })",
        "input errorOutput",
    );
    check("($a := $states.result; $a)", "result");
    check("$states.input.a@$b.c#$d.($b + $d)", "input");
    check("$states.input.orders[0]#$i.($i)", "input");
    check("$states.input ~> $string", "input");
    check("$states.context.Execution.Input.a", "context");
    check("{'a': [$states.context.State.RetryCount]}", "context");
    check("$toMillis($states.input.at)", "input");
    check("$states.input.($.a)", "input");
}

#[test]
fn unknown_fields_and_functions_are_refused() {
    check("$states", WHOLE);
    check("$string($states)", WHOLE);
    check("$states.*", WHOLE);
    check("$states.output", "reads `$states.output`, which does not exist here");
    check("$states.context", "reads `$states.context`, which is not supported");
    check("$states.context.Execution", "reads `$states.context.Execution`, which is not supported");
    check(
        "$states.context.Task.Token",
        "reads `$states.context.Task.Token`, which is not supported",
    );
    check("$$.a", "reads `$$`, which AWS does not have");
    check("$orderId", "uses `$orderId`, which is not supported");
    check("$random()", "uses `$random`, which is not supported");
    check("$map([1], $uuid)", "uses `$uuid`, which is not supported");
    check(
        "$eval('1') + $hash('a')",
        "uses `$eval`, which is not supported|uses `$hash`, which is not supported",
    );
    check("sum([1])", "calls `sum` without `$`; the name of a function begins with `$`");
    check("($states := 1; 2)", &format!("assigns a value to `$states`|{WHOLE}"));
    check("function($states) { 1 }", "assigns a value to `$states`");
    check("$states.input ?: 1", "uses `??` or `?:`, which AWS's JSONata 2.0.6 does not have");
    check("$toMillis('12:00', '[H]:[m]')", TO_MILLIS);
    check("$map(['1'], $toMillis)", TO_MILLIS);
}

fn check(expression: &str, expected: &str) {
    let ast = parser::parse(expression).expect(expression);
    let found = match vet(&ast, &Root::ALL) {
        Ok(reads) => reads.into_iter().map(Root::name).collect::<Vec<_>>().join(" "),
        Err(wrong) => wrong.join("|"),
    };
    assert_eq!(found, expected, "{expression}");
}

#[test]
fn fields_that_do_not_exist_in_a_place_are_refused() {
    let ast = parser::parse("$states.result & $states.input").expect("JSONata");
    let wrong = vet(&ast, &[Root::Input]).expect_err("a result is not there");
    assert_eq!(wrong, ["reads `$states.result`, which does not exist here"]);
}

/// Checks the deepest expression that the parser accepts, on a thread with a small stack.
#[test]
fn a_deep_expression_does_not_overflow_the_stack() {
    let run = || {
        for depth in [100, 500, 900, 3000] {
            let deep = [("(", "1", ")"), ("[", "1", "]"), ("", "1", "+1"), ("-(", "1", ")")];
            for (open, middle, close) in deep {
                let source = [&open.repeat(depth), middle, &close.repeat(depth)].concat();
                if let Ok(ast) = parser::parse(&source) {
                    assert_eq!(vet(&ast, &[]), Ok(Vec::new()));
                } else {
                    assert!(depth > 100);
                }
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(run);
    thread.expect("a thread").join().expect("no overflow");
}
