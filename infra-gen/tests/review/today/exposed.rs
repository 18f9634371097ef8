//! Routes, limits, a firewall, buckets: what lets more in.

use serde_json::{Value, json};

use super::{Tree, between, check, remove};

#[test]
fn a_route_or_a_limit_that_opens_is_exposed() {
    let api = "api_gateway";
    let acl = "module.api_gateway.aws_wafv2_web_acl.orders";
    let exposed = |address: &str| format!("danger exposed prod module.api_gateway.{address}");
    let association = "aws_wafv2_web_acl_association.orders";
    check(|tree| tree.without("prod", api, association), &[&exposed(association)]);
    let firewall = |edit: fn(&mut Value)| {
        move |tree: &mut Tree| tree.block("prod", api, "aws_wafv2_web_acl.orders", edit)
    };
    let opened = format!("danger exposed prod {acl}");
    check(firewall(|it| it["rule"][0]["action"] = json!([{ "count": [{}] }])), &[&opened]);
    check(firewall(|it| it["rule"][0]["action"] = json!({ "allow": {} })), &[&opened]);
    check(firewall(|it| it["rule"][2]["override_action"] = json!([{ "count": [{}] }])), &[&opened]);
    check(firewall(|it| drop(it["rule"].as_array_mut().unwrap().remove(0))), &[&opened]);
    between(
        firewall(|it| it["default_action"] = json!([{ "block": [{}] }])),
        firewall(|it| it["default_action"] = json!([{ "allow": [{}] }])),
        &[&opened],
    );
    let looser = format!("warning exposed prod {acl}");
    check(
        firewall(|it| it["rule"][1]["statement"][0] = json!({ "geo_match_statement": {} })),
        &[&looser],
    );
    check(firewall(|it| it["rule"][0]["priority"] = 99.into()), &[&looser]);
    check(firewall(|it| remove(it, "data_protection_config")), &[&looser]);
    check(
        firewall(|it| {
            let protection = &mut it["data_protection_config"][0]["data_protection"][0];
            protection["field"][0]["field_keys"] = json!(["authorization"]);
        }),
        &[&looser],
    );
    check(
        firewall(|it| {
            let protection = &mut it["data_protection_config"][0]["data_protection"][0];
            protection["exclude_rate_based_details"] = true.into();
        }),
        &[&looser],
    );

    let route = "aws_api_gateway_method.post_order";
    let method = |value: &'static str| {
        move |tree: &mut Tree| {
            tree.block("prod", api, route, |it| it["authorization"] = value.into());
        }
    };
    between(method("AWS_IAM"), method("NONE"), &[&exposed(route)]);
    let settings = "aws_api_gateway_method_settings.orders";
    for name in ["throttling_rate_limit", "throttling_burst_limit"] {
        let set = |value: i64| {
            move |tree: &mut Tree| {
                tree.block("prod", api, settings, |it| it["settings"][0][name] = value.into());
            }
        };
        check(set(-1), &[&exposed(settings)]);
        check(
            |tree| tree.block("prod", api, settings, |it| remove(&mut it["settings"][0], name)),
            &[&exposed(settings)],
        );
        let stopped = format!("danger stopped prod module.api_gateway.{settings}");
        check(set(0), &[&stopped]);
    }
    check(|tree| tree.without("prod", api, settings), &[&exposed(settings)]);
    let looser = |address: &str| format!("warning exposed prod module.api_gateway.{address}");
    let plan = "aws_api_gateway_usage_plan.orders";
    for name in ["throttle_settings", "quota_settings"] {
        check(|tree| tree.block("prod", api, plan, |it| remove(it, name)), &[&looser(plan)]);
    }
    let validator = "aws_api_gateway_request_validator.orders";
    // The API does not check a body that the function checks: today it checks only parameters.
    for name in ["validate_request_body", "validate_request_parameters"] {
        let set = |on: bool| {
            move |tree: &mut Tree| tree.block("prod", api, validator, |it| it[name] = on.into())
        };
        between(set(true), set(false), &[&looser(validator)]);
    }
    for name in ["request_validator_id", "request_models"] {
        check(|tree| tree.block("prod", api, route, |it| remove(it, name)), &[&looser(route)]);
    }
    check(
        |tree| {
            tree.block("prod", api, "aws_api_gateway_model.order_request", |it| {
                it["schema"] = "{}".into()
            })
        },
        &[&looser("aws_api_gateway_model.order_request")],
    );
    // An output that shows a secret.
    check(
        |tree| {
            tree.file("prod/outputs.tf.json", |it| {
                it["output"]["api_key"]["sensitive"] = false.into()
            })
        },
        &["danger exposed prod output.api_key"],
    );
}

#[test]
fn an_object_owner_that_shares_and_a_lesser_cipher_are_exposed() {
    let root = "bootstrap/prod";
    let (_, module) = ("", "account");
    let owner = "aws_s3_bucket_ownership_controls.state";
    let exposed = format!("danger exposed {root} module.{module}.{owner}");
    check(
        |tree| {
            tree.block(root, module, owner, |it| {
                it["rule"][0]["object_ownership"] = "ObjectWriter".into();
            });
        },
        &[&exposed],
    );
    check(|tree| tree.without(root, module, owner), &[&exposed]);
    let versions = "aws_s3_bucket_versioning.state";
    let lost = format!("danger data-loss {root} module.{module}.{versions}");
    check(|tree| tree.without(root, module, versions), &[&lost]);
}
