// The alarms, their SNS topic with its key, and the dashboard.
import { Duration } from "aws-cdk-lib";
import { Construct } from "constructs";
import * as cw from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import * as iam from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import * as sns from "aws-cdk-lib/aws-sns";
import { Alarm, alarms, dashboard, Metric, PERIOD, Row, Watched } from "../topology/monitoring";
import { ACCOUNT, KEY, REGION } from "../topology/settings";

const root = new iam.ArnPrincipal(`arn:aws:iam::${ACCOUNT}:root`);
const alarming = new iam.ServicePrincipal("cloudwatch.amazonaws.com");
const ofThisAccount = { StringEquals: { "aws:SourceAccount": ACCOUNT } };

const keyPolicy = () =>
  new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement({
        sid: "AccountKeepsTheKeyThroughIam",
        actions: KEY.adminActions,
        principals: [root],
        resources: ["*"],
      }),
      new iam.PolicyStatement({
        sid: "UsedThroughItsServiceAlone",
        actions: KEY.useActions,
        principals: [root],
        resources: ["*"],
        conditions: {
          StringEquals: { "kms:CallerAccount": ACCOUNT, "kms:ViaService": `sns.${REGION}.amazonaws.com` },
        },
      }),
      new iam.PolicyStatement({
        sid: "AlarmsMayPublish",
        actions: KEY.publishActions,
        principals: [alarming],
        resources: ["*"],
        conditions: ofThisAccount,
      }),
    ],
  });

const metric = ({ namespace, name, dimensions, stat, period }: Metric) =>
  new cw.Metric({
    namespace,
    metricName: name,
    dimensionsMap: dimensions,
    statistic: stat,
    period: Duration.seconds(period ?? PERIOD),
  });
/// The metrics of an alarm. An expression has the period of its metrics.
const watched = ({ metric: one, math }: Alarm) =>
  math
    ? new cw.MathExpression({
        expression: math.expression,
        label: math.label,
        usingMetrics: Object.fromEntries(math.metrics.map((it, i) => [`m${i + 1}`, metric(it)])),
        period: Duration.seconds(math.metrics[0].period ?? PERIOD),
      })
    : metric(one!);

const widgets = ({ title, graphs }: Row): cw.IWidget[][] => [
  [new cw.TextWidget({ markdown: `## ${title}`, width: 24, height: 1 })],
  graphs.map(
    (it) =>
      new cw.GraphWidget({
        title: it.title,
        left: it.metrics.map(metric),
        width: 24 / graphs.length,
        height: 6,
        period: Duration.seconds(PERIOD),
      }),
  ),
];

export const monitoring = (scope: Construct, of: Watched) => {
  const key = new kms.Key(scope, "key", {
    description: KEY.description,
    alias: `${of.prefix}-alarms`,
    enableKeyRotation: true,
    pendingWindow: Duration.days(KEY.deletionDays),
    policy: keyPolicy(),
  });
  const topic = new sns.Topic(scope, "alarms", {
    topicName: `${of.prefix}-alarms`,
    masterKey: key,
    enforceSSL: true,
  });
  topic.addToResourcePolicy(
    new iam.PolicyStatement({
      sid: "AlarmsMayPublish",
      actions: ["sns:Publish"],
      principals: [alarming],
      resources: [topic.topicArn],
      conditions: ofThisAccount,
    }),
  );
  const action = new SnsAction(topic);
  for (const it of alarms(of)) {
    const alarm = new cw.Alarm(scope, it.name, {
      alarmName: `${of.prefix}-${it.name}`,
      alarmDescription: it.description,
      metric: watched(it),
      comparisonOperator: it.silent
        ? cw.ComparisonOperator.LESS_THAN_THRESHOLD
        : cw.ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: it.threshold,
      datapointsToAlarm: it.datapoints,
      evaluationPeriods: it.of,
      treatMissingData: it.silent ? cw.TreatMissingData.BREACHING : cw.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
  new cw.Dashboard(scope, "dashboard", {
    dashboardName: `${of.prefix}-dofs`,
    widgets: dashboard(of).flatMap(widgets),
  });
  return topic;
};
