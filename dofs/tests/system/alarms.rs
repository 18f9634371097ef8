//! Alarms reach the subscribers of their topic.

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::json;

use crate::{
    support::{eventually, scenario},
    trouble::query,
};

#[test]
fn an_alarm_reaches_the_subscribers_of_its_topic() {
    scenario(|local| async move {
        let account = &local.up.running.account;
        let region = &local.up.running.region;
        let made = local.system.sqs.create_queue().queue_name("on-call").send().await.unwrap();
        let queue = made.queue_url.unwrap();
        let topic = format!("arn:aws:sns:{region}:{account}:dofs-dev-alarms");
        let endpoint = format!("arn:aws:sqs:{region}:{account}:on-call");
        // https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": "sns.amazonaws.com" },
                "Action": "sqs:SendMessage",
                "Resource": endpoint,
                "Condition": { "ArnEquals": { "aws:SourceArn": topic } },
            }],
        });
        let call = local.system.sqs.set_queue_attributes().queue_url(&queue);
        let call = call.attributes(QueueAttributeName::Policy, policy.to_string());
        call.send().await.unwrap();
        query(
            local,
            "sns",
            &[
                ("Action", "Subscribe"),
                ("Version", "2010-03-31"),
                ("TopicArn", &topic),
                ("Protocol", "sqs"),
                ("Endpoint", &endpoint),
            ],
        )
        .await;
        let alarms =
            query(local, "monitoring", &[("Action", "DescribeAlarms"), ("Version", "2010-08-01")])
                .await;
        let name = alarms.split("<AlarmName>").skip(1).find_map(|it| {
            let (name, _) = it.split_once("</AlarmName>")?;
            name.contains("unreadable").then(|| name.to_owned())
        });
        let name = name.unwrap_or_else(|| panic!("no alarm on unreadable messages in {alarms}"));
        query(
            local,
            "monitoring",
            &[
                ("Action", "SetAlarmState"),
                ("Version", "2010-08-01"),
                ("AlarmName", &name),
                ("StateValue", "ALARM"),
                ("StateReason", "a test sets the state"),
            ],
        )
        .await;
        let message = eventually("the alarm's message", || async {
            let call = local.system.sqs.receive_message().queue_url(&queue);
            call.send().await.unwrap().messages?.pop()?.body
        })
        .await;
        assert!(message.contains(&name), "{message}");
    });
}
