//! Parsing the body of an order, with every problem that it can have.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use contracts::api::OrderRequest;
use function_contract::read::*;

#[track_caller]
fn problems(text: impl AsRef<[u8]>) -> Vec<(String, String)> {
    let problems = read::<OrderRequest>(text.as_ref()).err().unwrap_or_default();
    problems.into_iter().map(|it| (it.pointer, it.message)).collect()
}

#[track_caller]
fn check(text: impl AsRef<[u8]>, expected: &[(&str, &str)]) {
    let problems = problems(text);
    assert_eq!(problems.len(), expected.len(), "{problems:?}");
    for ((pointer, message), (at, says)) in problems.iter().zip(expected) {
        assert!(pointer == at && message.contains(says), "{problems:?}");
    }
}

const GOOD: &str = r#""customerId":"CUST-1234","productId":"PROD-1234","quantity":2"#;

#[test]
fn every_problem_is_named() {
    check(format!(r#"{{{GOOD},"price":29.99}}"#), &[]);
    check(format!(r#"{{{GOOD},"price":29.99,"metadata":null}}"#), &[]);
    check(format!(r#"{{{GOOD},"price":29.99,"metadata":{{"a":"b"}}}}"#), &[]);
    check(
        "{}",
        &[
            ("/customerId", "is missing"),
            ("/productId", "is missing"),
            ("/quantity", "is missing"),
            ("/price", "is missing"),
        ],
    );
    check(
        r#"{"customerId":7,"productId":null,"quantity":"2","price":true,"metadata":[],"a/b~":1}"#,
        &[
            ("/customerId", "must be text"),
            ("/productId", "must be text"),
            ("/quantity", "must be a whole number"),
            ("/price", "must be a number"),
            ("/metadata", "must be an object whose values are text"),
            ("/a~1b~0", "is an unknown field; the fields are customerId,"),
        ],
    );
    check(format!(r#"{{{GOOD},"price":1e300}}"#), &[("/price", "must be between")]);
    check(format!(r#"{{{GOOD},"price":1e-300}}"#), &[("/price", "must be between")]);
    check(format!(r#"{{{GOOD},"price":0.30000000000000004}}"#), &[("/price", "15 significant")]);
    for (quantity, says) in [
        ("2.0", "without a fraction or an exponent"),
        ("2e0", "without a fraction or an exponent"),
        ("2E0", "without a fraction or an exponent"),
        ("1000000001", "must be between -1000000000 and 1000000000"),
        ("99999999999999999999", "must be between -1000000000 and 1000000000"),
    ] {
        let body = format!(r#"{{{GOOD},"price":1}}"#);
        let body = body.replace(r#""quantity":2"#, &format!(r#""quantity":{quantity}"#));
        check(body, &[("/quantity", says)]);
    }
    let metadata = |json: &str| format!(r#"{{{GOOD},"price":1,"metadata":{json}}}"#);
    check(
        metadata(&format!(r#"{{"a":1,"b":{{}},"c":"{}","":"x"}}"#, "x".repeat(257))),
        &[
            ("/metadata/a", "must be text"),
            ("/metadata/b", "must be text"),
            ("/metadata/c", "must have at most 256 bytes"),
            ("/metadata/", "must have a key of 1 to 64 bytes"),
        ],
    );
    let many: Vec<_> = (0..21).map(|it| format!(r#""{it}":"x""#)).collect();
    check(metadata(&format!("{{{}}}", many.join(","))), &[("/metadata", "at most 20 pairs")]);
    check(metadata(r#"{"\ud800":"x"}"#), &[("/metadata", "half a surrogate pair")]);
    check(metadata(r#"{"a":"\ud800"}"#), &[("/metadata/a", "half a surrogate pair")]);
}

#[test]
fn repeated_fields_are_refused_at_any_depth() {
    check(format!(r#"{{{GOOD},"price":1,"price":2}}"#), &[("/price", "more than once")]);
    check(format!(r#"{{{GOOD},"price":1,"pr\u0069ce":1}}"#), &[("/price", "more than once")]);
    check(
        format!(r#"{{{GOOD},"price":1,"metadata":{{"a":"b","c":"d","a":"b"}}}}"#),
        &[("/metadata/a", "more than once")],
    );
    // There is one problem for each place, however often the field is repeated.
    let often = r#","x":1"#.repeat(2_700);
    check(format!(r#"{{{GOOD},"price":1{often}}}"#), &[("/x", "more than once")]);
}

#[test]
fn a_body_that_is_not_an_object_has_one_problem() {
    check("", &[("", "is not JSON: it ends too early, at line 1, column 0")]);
    check("[]", &[("", "must be a JSON object")]);
    check("7", &[("", "must be a JSON object")]);
    check("{\"a\":1", &[("", "is not JSON: it ends too early, at line 1, column 6")]);
    check("{\n\"a\" 1}", &[("", "is not JSON: there is an error at line 2, column 5")]);
    check("{} {}", &[("", "is not JSON")]);
    check("{\"\\ud800\":1}", &[("", "half a surrogate pair")]);
    check("{\"a\":01}", &[("", "is not JSON")]);
    check([b'{', 0xff, b'}'], &[("", "after byte 1 it is not UTF-8")]);
    check("[".repeat(100_000), &[("", "is not JSON")]);
    check(format!("{{\"a\":{}", "[".repeat(100_000)), &[("", "is not JSON")]);
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    check(format!(r#"{{{GOOD},"price":{deep}}}"#), &[("/price", "must be a number")]);
}

/// Problems use the terms of JSON, are short, and repeat nothing from the request except the beginning of a field name.
#[test]
fn problems_are_plain_and_short() {
    #[track_caller]
    fn plain(text: &str) {
        let problems = problems(text);
        assert!(!problems.is_empty() && problems.len() <= 21, "{problems:?}");
        for (pointer, message) in &problems {
            assert!(pointer.chars().count() <= 140 && message.len() < 200, "{pointer}: {message}");
            assert!(!pointer.contains(char::is_control), "{pointer:?}");
            for word in ["i64", "f64", "map", "expected", "invalid type", "struct", "EOF", "secret"]
            {
                assert!(!message.contains(word), "{message}");
            }
        }
    }
    for value in ["null", "true", "-1.5", "1e999", "\"secret\"", "[\"secret\"]", "{\"secret\":1}"] {
        for name in OrderRequest::NAMES {
            let body = format!(r#"{{"{name}":{value}}}"#);
            plain(&body);
        }
        plain(value);
        plain(&value[..value.len() - 1]);
    }
    plain(&format!(r#"{{{GOOD},"price":"{}"}}"#, "secret".repeat(50_000)));
    plain(&format!(r#"{{{GOOD},"price":1,"{}":1}}"#, "x\\u001b".repeat(5_000)));
    let unknown: Vec<_> = (0..2_700).map(|it| format!(r#""{it}":1"#)).collect();
    plain(&format!("{{{}}}", unknown.join(",")));
    let last = problems(format!("{{{}}}", unknown.join(","))).pop().unwrap();
    assert_eq!(last, (String::new(), "has more problems; these are the first 20".to_owned()));
}

/// Returns a text with every character as an escape of six bytes.
fn escaped(text: &str) -> String {
    text.bytes().map(|it| format!("\\u{it:04x}")).collect()
}

/// The longest body is written here independently of the types. It has exactly the length that the types compute, and
/// is accepted. One more byte in any field is refused.
#[test]
fn the_longest_order_is_taken() {
    let body = |text: usize, key: usize, price: &str| {
        let pairs: Vec<_> = (b'a'..=b't')
            .map(|it| {
                let key = escaped(&char::from(it).to_string().repeat(key));
                format!(r#""{key}":"{}""#, escaped(&"\u{1}".repeat(256)))
            })
            .collect();
        format!(
            r#"{{"{}":"{}","{}":"{}","{}":-1000000000,"{}":{price},"{}":{{{}}}}}"#,
            escaped("customerId"),
            escaped(&"x".repeat(256)),
            escaped("productId"),
            escaped(&"x".repeat(text)),
            escaped("quantity"),
            escaped("price"),
            escaped("metadata"),
            pairs.join(","),
        )
    };
    let price = "-0.000000123456789012345000000000";
    let longest = body(256, 64, &price[..32]);
    check(&longest, &[]);
    assert_eq!(longest.len(), OrderRequest::MOST_BYTES);
    assert!(longest.len() <= OrderRequest::LARGEST_BYTES);
    check(body(257, 64, "1"), &[("/productId", "at most 256 bytes")]);
    check(body(256, 64, price), &[("/price", "at most 32 characters")]);
    assert_eq!(problems(body(256, 65, "1")).len(), 20);
}

/// An optional field can be `null`, even if the longest text of its type is shorter than that.
#[test]
fn an_optional_field_has_room_for_null() {
    struct Digit;

    impl Written for Digit {
        const MOST_BYTES: usize = 1;

        fn read(_: Json<'_>, _: &str, _: &mut Problems) -> Option<Self> {
            None
        }
    }

    assert_eq!(<Option<Digit> as Written>::MOST_BYTES, "null".len());
}

/// Every response 413 contains the limit, from the function, API Gateway or the firewall.
#[test]
fn the_error_for_a_large_body_contains_the_limit() {
    assert_eq!(OrderRequest::too_large(), "The body has more than 49152 bytes.");
}
