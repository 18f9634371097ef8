//! Policies for encryption keys and tables.

use serde_json::Value;

use super::{Block, Blocks, Broken, Policy, Severity, each, is_set, many};
use crate::model::policy::{Posture, Rule};

pub(super) const RULES: &[Policy] = &[
    Policy {
        rule: Rule::KeyRotation,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "key material that leaks once would decrypt all past and future data",
        fix: "set enable_key_rotation",
        page: "CIS AWS Foundations 3.0.0, 3.6",
        also: &["CKV_AWS_7", "KMS5"],
        find: |blocks| {
            each(blocks, "aws_kms_key", "it is never rotated", |it| {
                it.body["enable_key_rotation"] == true
            })
        },
    },
    Policy {
        rule: Rule::KeyEnabled,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "data that is encrypted with a disabled key cannot be read",
        fix: "remove is_enabled",
        page: "https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html",
        also: &["CKV_AWS_227"],
        find: |blocks| {
            each(blocks, "aws_kms_key", "it is disabled", |it| it.body["is_enabled"] != false)
        },
    },
    Policy {
        rule: Rule::KeyAccountWide,
        severity: Severity::High,
        from: Posture::Development,
        reason: "every role of the account with kms:* in its own policy could decrypt the data, \
                 without the service that the key is for",
        fix: "allow named actions for administration, and restrict the use with kms:ViaService",
        page: "https://docs.aws.amazon.com/kms/latest/developerguide/least-privilege.html",
        also: &["CKV2_AWS_64", "CKV2_AWS_75"],
        find: key_account_wide,
    },
    Policy {
        rule: Rule::TableRecovery,
        severity: Severity::High,
        from: Posture::Development,
        reason: "wrong writes could not be undone",
        fix: "enable point_in_time_recovery",
        page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html",
        also: &["CKV_AWS_28", "DDB3"],
        find: |blocks| {
            each(blocks, "aws_dynamodb_table", "it has no point-in-time recovery", |it| {
                it.body["point_in_time_recovery"][0]["enabled"] == true
            })
        },
    },
    Policy {
        rule: Rule::TableDeletion,
        severity: Severity::High,
        from: Posture::Production,
        reason: "one wrong `terraform apply` would delete all items",
        fix: "set deletion_protection_enabled",
        page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html",
        also: &[],
        find: |blocks| {
            each(blocks, "aws_dynamodb_table", "it has no deletion protection", |it| {
                it.body["deletion_protection_enabled"] == true
            })
        },
    },
    Policy {
        rule: Rule::TableEncryption,
        severity: Severity::Medium,
        from: Posture::Production,
        reason: "with a key of AWS, no log shows who reads the data, and access cannot be withdrawn",
        fix: "encrypt it with a customer managed key (Keys::Customer)",
        page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html",
        also: &["CKV_AWS_119"],
        find: |blocks| {
            each(
                blocks,
                "aws_dynamodb_table",
                "it is not encrypted with a customer managed key",
                |it| {
                    let encryption = &it.body["server_side_encryption"][0];
                    encryption["enabled"] == true && is_set(&encryption["kms_key_arn"])
                },
            )
        },
    },
    Policy {
        rule: Rule::TableCapacity,
        severity: Severity::Medium,
        from: Posture::Development,
        reason: "a fixed capacity throttles writes at a peak of the load",
        fix: "set billing_mode to PAY_PER_REQUEST",
        page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html",
        also: &["CKV2_AWS_16"],
        find: |blocks| {
            each(blocks, "aws_dynamodb_table", "it has a fixed capacity", |it| {
                it.body["billing_mode"] == "PAY_PER_REQUEST"
            })
        },
    },
];

/// Finds keys that the whole account may use. A key without a policy gets the default policy of AWS, which allows that.
fn key_account_wide(blocks: &Blocks) -> Vec<Broken> {
    let wide = |it: &Block| {
        let policy = it.body.policy();
        if policy.is_null() {
            return true;
        }
        many(&policy["Statement"]).iter().any(|it| {
            let everything = |it: &Value| it.as_str().is_some_and(|it| it.contains('*'));
            it["Effect"] == "Allow"
                && many(&it["Action"]).iter().any(everything)
                && it["Condition"].is_null()
        })
    };
    each(blocks, "aws_kms_key", "its policy lets the whole account use it", |it| !wide(it))
}
