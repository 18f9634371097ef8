//! An alarm reaches whoever subscribes to its topic.

use std::time::Duration;

use crate::{
    support::{eventually, scenario},
    trouble::query,
};

#[test]
fn an_alarm_tells_its_subscribers() {
    scenario(|local| async move {
        let account = &local.up.running.account;
        let region = &local.up.running.region;
        let made = local.system.sqs.create_queue().queue_name("on-call").send().await.unwrap();
        let queue = made.queue_url.unwrap();
        let topic = format!("arn:aws:sns:{region}:{account}:dofs-dev-alarms");
        let endpoint = format!("arn:aws:sqs:{region}:{account}:on-call");
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
                ("StateReason", "a test says so"),
            ],
        )
        .await;
        let message = eventually("the alarm's message", Duration::from_secs(30), || async {
            let call = local.system.sqs.receive_message().queue_url(&queue);
            call.send().await.unwrap().messages?.pop()?.body
        })
        .await;
        assert!(message.contains(&name), "{message}");
    });
}
