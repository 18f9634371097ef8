//! Faults in requests, each through the recorder.

use crate::sent::Recording;

const LAMBDA: &str = "/2015-03-31/functions";
const SCHEDULES: &str = "/schedules";
const PUT_ITEM: &str = "DynamoDB_20120810.PutItem";
const ALARM: &str = "Action=PutMetricAlarm&Version=2010-08-01&AlarmName=a&EvaluationPeriods=1";
const ROLE: &str = "Action=CreateRole&Version=2010-05-08";

/// A fault of each kind and each protocol: the request, and the expected finding.
#[test]
fn a_fault_in_a_request_is_found() {
    let recording = Recording::start("faults");
    let mut expected: Vec<(&str, &str, &str)> = Vec::new();
    let mut found = |issue, what, kind| expected.push((issue, what, kind));

    // JSON.
    recording.json("dynamodb", PUT_ITEM, r#"{"TableName": "t", "Itm": {}}"#);
    found("unknown member", "Itm", "dynamodb.PutItem.Itm");
    found("required", "no Item", "dynamodb.PutItem.Item");
    recording.json(
        "dynamodb",
        PUT_ITEM,
        r#"{"TableName": "t", "Item": {"a": {"S": 1}}, "ReturnValues": "SOME"}"#,
    );
    found("type", "StringAttributeValue: 1", "dynamodb.PutItem.Item{}.S");
    found("enum", "ReturnValue: 'SOME'", "dynamodb.PutItem.ReturnValues");
    recording.json("dynamodb", "DynamoDB_20120810.PutThing", "{}");
    found("unknown request", "dynamodb has no operation PutThing", "dynamodb");
    recording.json("dynamodb", "AWSEvents.PutEvents", "{}");
    found("unknown request", "the target AWSEvents.PutEvents is none of dynamodb", "dynamodb");
    recording.json("dynamodb", PUT_ITEM, "{");
    found("body", "it is not JSON", "dynamodb.PutItem");
    recording.json(
        "logs",
        "Logs_20140328.PutIntegration",
        r#"{"integrationName": "n", "integrationType": "OPENSEARCH", "resourceConfig": {}}"#,
    );
    found("union", "ResourceConfig: 0 of its members", "logs.PutIntegration.resourceConfig");
    let machine = "arn:aws:states:ap-south-1:111111111111:stateMachine:m";
    recording.json(
        "states",
        "AWSStepFunctions.StartExecution",
        &format!(r#"{{"stateMachineArn": "{machine}", "traceHeader": "Röot=1"}}"#),
    );
    found("pattern", "TraceHeader: 'Röot=1'", "stepfunctions.StartExecution.traceHeader");

    // Query.
    let name = "r".repeat(65);
    recording.form("iam", &format!("{ROLE}&RoleName={name}&AssumeRolePolicyDocument=%7B%7D"));
    found("length", &name, "iam.CreateRole.RoleName");
    recording.form("iam", &format!("{ROLE}&RoleName=r"));
    found("required", "no AssumeRolePolicyDocument", "iam.CreateRole.AssumeRolePolicyDocument");
    recording.form("iam", "Action=GetRole&Version=2010-05-09&RoleName=r");
    found("unknown request", "'2010-05-09' is not a version of iam", "iam");
    recording.form("monitoring", &format!("{ALARM}&ComparisonOperator=Bigger&Period=0&Periods=1"));
    found("enum", "'Bigger'", "cloudwatch.PutMetricAlarm.ComparisonOperator");
    found("range", "Period: 0", "cloudwatch.PutMetricAlarm.Period");
    found("unknown member", "Periods", "cloudwatch.PutMetricAlarm.Periods");
    recording.form(
        "monitoring",
        &format!(
            "{ALARM}&ComparisonOperator=LessThanThreshold&Dimensions.member.2.Name=a&Threshold=x"
        ),
    );
    found("type", "Dimensions: ", "cloudwatch.PutMetricAlarm.Dimensions");
    found("type", "Threshold: 'x'", "cloudwatch.PutMetricAlarm.Threshold");

    // REST with JSON: the path, the query and the body.
    let variables = r#""Environment": {"Variables": {"TOKEN": 12345}}"#;
    let package = r#""Code": {"ZipFile": "UEs="}"#;
    recording.rest(
        "lambda",
        "POST",
        LAMBDA,
        &format!(
            r#"{{"FunctionName": "f", "Role": "admin", "MemorySize": 64, {package}, {variables}}}"#
        ),
    );
    found("pattern", "RoleArn: 'admin'", "lambda.CreateFunction.Role");
    found("range", "MemorySize: 64", "lambda.CreateFunction.MemorySize");
    found("type", "(a secret)", "lambda.CreateFunction.Environment.Variables{}");
    recording.rest("lambda", "GET", &format!("{LAMBDA}/f/aliases?MaxItems=10001&Marked=1"), "");
    found("range", "MaxListItems: 10001", "lambda.ListAliases.MaxItems");
    found("unknown member", "?Marked", "lambda.ListAliases.?Marked");
    recording.rest("lambda", "GET", &format!("{LAMBDA}/f/nicknames"), "");
    found("unknown request", "it is not an operation of lambda", "lambda");
    let target = r#""Target": {"Arn": "a", "RoleArn": "arn:aws:iam::111111111111:role/r"}"#;
    let window = r#""FlexibleTimeWindow": {"Mode": "OFF"}"#;
    recording.rest(
        "scheduler",
        "POST",
        &format!("{SCHEDULES}/a%20b"),
        &format!(r#"{{"ScheduleExpression": "rate(1 hour)", {target}, {window}}}"#),
    );
    found("pattern", "Name: 'a b'", "scheduler.CreateSchedule.Name");

    // REST with XML, and headers.
    let versioning =
        "<VersioningConfiguration><Status>On</Status><Since>1</Since></VersioningConfiguration>";
    recording.rest("s3", "PUT", "/a-bucket?versioning", versioning);
    found("enum", "'On'", "s3.PutBucketVersioning.VersioningConfiguration.Status");
    found("unknown member", "Since", "s3.PutBucketVersioning.VersioningConfiguration.Since");
    recording.rest("s3", "PUT", "/a-bucket?versioning", "<Versioning/>");
    found("body", "<Versioning> instead of", "s3.PutBucketVersioning");
    recording.put(
        "/a-bucket?tagging",
        &[("x-amz-checksum-crc32", "px25zw=="), ("x-amz-checksum-crc33", "px25zw==")],
        "<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>",
    );
    found("unknown member", "x-amz-checksum-crc33", "s3.PutBucketTagging.x-amz-checksum-crc33");
    found("required", "no Value", "s3.PutBucketTagging.Tagging.TagSet[].Value");
    let headers = [("x-amz-storage-class", "COLD"), ("x-amz-storage", "COLD")];
    recording.put("/a-bucket/key", &headers, "text");
    found("enum", "'COLD'", "s3.PutObject.StorageClass");
    found("unknown member", "x-amz-storage", "s3.PutObject.x-amz-storage");

    // A request of an unknown service.
    recording.rest("", "GET", "/a-bucket", "");
    found("unknown request", "it is not signed", "None");
    recording.rest("teleport", "POST", "/", "{}");
    found("unknown request", "botocore has no service teleport", "teleport");

    let (said, text) = recording.judged();
    for (issue, what, kind) in &expected {
        let is_it = |it: &&crate::Finding| {
            it.issue == *issue
                && it.what.contains(what)
                && it.kind == *kind
                && it.address.starts_with("tmp+requests+faults+aws+")
        };
        let count = said.findings.iter().filter(is_it).count();
        assert_eq!(count, 1, "{issue}: {what}: {kind}\n{:#?}", said.findings);
    }
    assert_eq!(said.findings.len(), expected.len(), "{:#?}", said.findings);
    assert!(!text.contains("Signature"), "a signature is written");
    assert!(said.findings.iter().all(|it| !it.what.contains("12345")), "{:#?}", said.findings);
}

/// A request of each protocol in which nothing is wrong, each form of a member among them.
#[test]
fn nothing_is_found_in_a_request_that_is_right() {
    let recording = Recording::start("right");
    recording.json(
        "dynamodb",
        PUT_ITEM,
        r#"{"TableName": "table", "Item": {"a": {"B": "UEs="}, "b": {"NULL": true}, "c": {"L": [{"M": {}}]}}, "ReturnValues": null}"#,
    );
    recording.json(
        "states",
        "AWSStepFunctions.StartExecution",
        r#"{"stateMachineArn": "m", "traceHeader": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1"}"#,
    );
    recording.form(
        "monitoring",
        &format!(
            "{ALARM}&ComparisonOperator=LessThanThreshold&Threshold=1.5&ActionsEnabled=true&OKActions=\
             &Dimensions.member.1.Name=a&Dimensions.member.1.Value=b&Dimensions.member.2.Name=c&Dimensions.member.2.Value=d"
        ),
    );
    recording.form(
        "sns",
        "Action=CreateTopic&Version=2010-03-31&Name=t&Attributes.entry.1.key=KmsMasterKeyId&Attributes.entry.1.value=k",
    );
    recording.rest("lambda", "GET", &format!("{LAMBDA}/f/versions?MaxItems=1&Marker=m"), "");
    recording.rest(
        "lambda",
        "GET",
        &format!("{LAMBDA}/arn%3Aaws%3Alambda%3Aap-south-1%3A111111111111%3Afunction%3Af"),
        "",
    );
    recording.rest(
        "s3",
        "PUT",
        "/a-bucket?encryption",
        "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>\
         <ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>\
         <BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>",
    );
    recording.rest("s3", "GET", "/a-bucket?list-type=2&prefix=a&x-id=ListObjectsV2", "");
    // The system's own API, and ministack's own pages.
    recording.rest("", "POST", "/restapis/a1/dev/_user_request_/order", "{}");
    recording.rest("", "GET", "/_ministack/health", "");

    // Long requests: of a function, everything except its package is judged; of an object, only its length.
    let long = "A".repeat(400_000);
    let code = format!(r#""Code": {{"ZipFile": "{long}"}}"#);
    let role = "arn:aws:iam::111111111111:role/r";
    recording.rest(
        "lambda",
        "POST",
        LAMBDA,
        &format!(r#"{{"FunctionName": "f", "Role": "{role}", {code}}}"#),
    );
    recording.rest("s3", "PUT", "/a-bucket/long", &long);
    let (said, text) = recording.judged();
    assert!(said.findings.is_empty(), "{:#?}", said.findings);
    assert_eq!(said.recordings.values().map(|it| it.requests).sum::<usize>(), 10);
    let expected = [
        ("cloudwatch", 1),
        ("dynamodb", 1),
        ("lambda", 3),
        ("s3", 3),
        ("sns", 1),
        ("stepfunctions", 1),
    ];
    assert_eq!(said.services, expected.map(|(name, count)| (name.to_owned(), count)).into());
    assert!(text.len() < 10_000, "{} bytes are written", text.len());
}

/// A request that the recorder shortened, so that it cannot be judged, is a fault, too.
#[test]
fn a_long_request_that_is_not_read_is_found() {
    let recording = Recording::start("long");
    let long = "A".repeat(400_000);
    let item = format!(r#"{{"TableName": "t", "Item": {{"a": {{"S": "{long}"}}}}}}"#);
    recording.json("dynamodb", PUT_ITEM, &item);
    let (said, _) = recording.judged();
    let [found] = said.findings.as_slice() else { panic!("{:#?}", said.findings) };
    assert_eq!((found.issue.as_str(), found.kind.as_str()), ("body", "dynamodb.PutItem"));
    assert!(found.what.contains("the recorder left it out"), "{found:?}");
}

/// A killed client sends a part of a request.
#[test]
fn a_part_of_a_request_is_not_recorded() {
    let recording = Recording::start("part");
    recording.part_of_a_form("iam", "Action=GetRole&Version=2010-05-08&RoleName=a");
    recording.form("iam", "Action=GetRole&Version=2010-05-08&RoleName=a");
    let (said, _) = recording.judged();
    assert!(said.findings.is_empty(), "{:#?}", said.findings);
    let requests: usize = said.recordings.values().map(|it| it.requests).sum();
    assert_eq!(requests, 1, "{:#?}", said.recordings);
}
