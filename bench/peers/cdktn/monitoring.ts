// The alarms, their SNS topic with its key, and the dashboard.
import { Construct } from "constructs";
import { CloudwatchDashboard } from "@cdktn/provider-aws/lib/cloudwatch-dashboard";
import { CloudwatchMetricAlarm } from "@cdktn/provider-aws/lib/cloudwatch-metric-alarm";
import { KmsAlias } from "@cdktn/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktn/provider-aws/lib/kms-key";
import { SnsTopic } from "@cdktn/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktn/provider-aws/lib/sns-topic-policy";
import { document, ofThisAccount, overPlainText } from "./policies";
import { Alarm, alarms, dashboard, Metric, PERIOD, Row, Watched } from "../topology/monitoring";
import { ACCOUNT, KEY, REGION } from "../topology/settings";

const root = { AWS: `arn:aws:iam::${ACCOUNT}:root` };
const KEY_POLICY = document(
  {
    Sid: "AccountKeepsTheKeyThroughIam",
    Effect: "Allow",
    Action: KEY.adminActions,
    Principal: root,
    Resource: "*",
  },
  {
    Sid: "UsedThroughItsServiceAlone",
    Effect: "Allow",
    Action: KEY.useActions,
    Principal: root,
    Resource: "*",
    Condition: {
      StringEquals: { "kms:CallerAccount": ACCOUNT, "kms:ViaService": `sns.${REGION}.amazonaws.com` },
    },
  },
  {
    Sid: "AlarmsMayPublish",
    Effect: "Allow",
    Action: KEY.publishActions,
    Principal: { Service: "cloudwatch.amazonaws.com" },
    Resource: "*",
    Condition: ofThisAccount,
  },
);

/// The metrics of an alarm.
const watched = ({ metric, math }: Alarm) => {
  if (math)
    return {
      metricQuery: [
        { id: "result", expression: math.expression, label: math.label, returnData: true },
        ...math.metrics.map((it, i) => ({
          id: `m${i + 1}`,
          metric: {
            namespace: it.namespace,
            metricName: it.name,
            dimensions: it.dimensions,
            period: it.period ?? PERIOD,
            stat: it.stat,
          },
        })),
      ],
    };
  const { namespace, name, dimensions, stat, period } = metric!;
  return {
    namespace,
    metricName: name,
    dimensions,
    period: period ?? PERIOD,
    [stat.startsWith("p") ? "extendedStatistic" : "statistic"]: stat,
  };
};

const inGraph = ({ namespace, name, dimensions, stat }: Metric) => [
  namespace,
  name,
  ...Object.entries(dimensions ?? {}).flat(),
  { stat },
];
const widgets = ({ title, graphs }: Row, row: number) => {
  const y = row * 7;
  const width = 24 / graphs.length;
  return [
    { type: "text", x: 0, y, width: 24, height: 1, properties: { markdown: `## ${title}` } },
    ...graphs.map((it, i) => ({
      type: "metric",
      x: i * width,
      y: y + 1,
      width,
      height: 6,
      properties: {
        title: it.title,
        metrics: it.metrics.map(inGraph),
        period: PERIOD,
        region: REGION,
        view: "timeSeries",
      },
    })),
  ];
};

export class Monitoring extends Construct {
  readonly topic: SnsTopic;

  constructor(scope: Construct, id: string, of: Watched) {
    super(scope, id);
    const key = new KmsKey(this, "key", {
      description: KEY.description,
      enableKeyRotation: true,
      deletionWindowInDays: KEY.deletionDays,
      policy: KEY_POLICY,
    });
    new KmsAlias(this, "alias", { name: `alias/${of.prefix}-alarms`, targetKeyId: key.keyId });
    this.topic = new SnsTopic(this, "topic", { name: `${of.prefix}-alarms`, kmsMasterKeyId: key.arn });
    new SnsTopicPolicy(this, "topic-policy", {
      arn: this.topic.arn,
      policy: document(
        {
          Sid: "AlarmsMayPublish",
          Effect: "Allow",
          Action: "sns:Publish",
          Resource: this.topic.arn,
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Condition: ofThisAccount,
        },
        overPlainText("sns:Publish", this.topic.arn),
      ),
    });
    const actions = [this.topic.arn];
    for (const alarm of alarms(of))
      new CloudwatchMetricAlarm(this, alarm.name, {
        alarmName: `${of.prefix}-${alarm.name}`,
        alarmDescription: alarm.description,
        comparisonOperator: alarm.silent ? "LessThanThreshold" : "GreaterThanThreshold",
        threshold: alarm.threshold,
        datapointsToAlarm: alarm.datapoints,
        evaluationPeriods: alarm.of,
        treatMissingData: alarm.silent ? "breaching" : "notBreaching",
        alarmActions: actions,
        okActions: actions,
        ...watched(alarm),
      });
    new CloudwatchDashboard(this, "dashboard", {
      dashboardName: `${of.prefix}-dofs`,
      dashboardBody: JSON.stringify({ widgets: dashboard(of).flatMap(widgets) }),
    });
  }
}
